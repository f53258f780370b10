import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/async/checkpoint/checkpoint.js';
import { CheckpointMismatchError } from '../../../src/async/checkpoint/checkpoint-errors.js';
import { KeptStore } from './kept-store.js';
import { id, names, once, run } from './run-job.js';

describe('a session', () => {
  it('still knows an array as a whole after a run over what could be read but once', async () => {
    const store = new KeptStore();
    await run({ store, id }, names(0, 30), { until: 10 });
    await run({ store, id }, once(names(0, 30)), { until: 10 });
    await expect(run({ store, id }, names(0, 31))).rejects.toThrow(/its ids are others/);
  });

  it('reads the ids of an array once, and lets others run meanwhile', async () => {
    const store = new KeptStore();
    const source = names(0, 100_000);
    await run({ store, id }, source, { until: 50 });
    let read = 0;
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const counted = (item: string): string => {
      read++;
      return item;
    };
    const session = await openCheckpoint({ store, id: counted }, source);
    clearInterval(count);
    expect(read).toBe(100_000);
    expect(turns).toBeGreaterThan(0);
    expect(session.remaining(source).next().value).toEqual({ item: 'doc-50', index: 50 });
    expect(read).toBe(100_001);
    await session.finish();
  });

  it('keeps no id of an item behind which all is done', async () => {
    const store = new KeptStore();
    // Its id comes again, which nobody remembers: what is forgotten takes no memory.
    expect(await run({ store, id }, once(['a', 'b', 'a']))).toMatchObject({ ran: ['a', 'b', 'a'] });
  });

  it('does not write all over again and again while one item holds up many', async () => {
    const store = new KeptStore();
    const source = once(names(0, 60_000));
    const session = await openCheckpoint({ store, id }, source);
    for (const { index } of session.remaining(source)) {
      if (index === 0) continue;
      const done = session.done(index);
      if (index % 50 === 49) await done;
    }
    await session.done(0);
    await session.finish();
    expect(store.calls.filter((call) => call === 'save').length).toBeLessThan(10);
    expect(store.state).toMatchObject({ watermark: 60_000, ahead: [] });
  });

  it('tells ids apart however they are cut', async () => {
    const store = new KeptStore();
    await run({ store, id }, once(['ab', 'c', 'd']), { until: 2 });
    await expect(run({ store, id }, once(['a', 'bc', 'd']))).rejects.toThrow(CheckpointMismatchError);
    await expect(run({ store, id }, once(['a', '1:b2:c', 'd']))).rejects.toThrow(CheckpointMismatchError);
  });

  it('finds a store that cannot be written to before the first item', async () => {
    const store = new KeptStore();
    store.isFailing = true;
    await expect(openCheckpoint({ store, id }, names(0, 3))).rejects.toThrow('disk full');
    expect(store.closed).toBe(1);
  });

  it('says so when an item cannot be recorded, and records nothing after it', async () => {
    const store = new KeptStore();
    const source = names(0, 10);
    const session = await openCheckpoint({ store, id }, source);
    const items = [...session.remaining(source)];
    await session.done(items[0]!.index);
    store.isFailing = true;
    // Not waited for: it must not come up as an unhandled rejection.
    void session.done(1);
    await expect(session.done(2)).rejects.toThrow('disk full');
    store.isFailing = false;
    await expect(session.done(3)).rejects.toThrow('disk full');
    await expect(session.finish()).rejects.toThrow('disk full');
    await expect(session.finish()).rejects.toThrow('disk full');
    expect(store.closed).toBe(1);
    expect(await run({ store, id }, source)).toEqual({ ran: names(1, 10), resumed: 1 });
  });

  it('records what comes together in one write, one write at a time', async () => {
    const store = new KeptStore();
    const source = names(0, 100);
    const session = await openCheckpoint({ store, id }, source);
    for (const { index } of session.remaining(source)) void session.done(index);
    expect(session.unrecorded).toBe(100);
    await session.finish();
    expect(session.unrecorded).toBe(0);
    expect(store.groups).toEqual([1, 99]);
  });

  it('resolves no item before it is recorded', async () => {
    const store = new KeptStore();
    let release = (): void => {};
    store.before = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const source = names(0, 5);
    const session = await openCheckpoint({ store, id }, source);
    for (const _ of session.remaining(source));
    const told: number[] = [];
    for (const index of [0, 1, 2]) void session.done(index).then(() => told.push(index));
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    release();
    await new Promise(setImmediate);
    expect(told).toEqual([0]);
    release();
    await new Promise(setImmediate);
    expect(told).toEqual([0, 1, 2]);
    await session.finish();
  });

  it('takes an item once, and none after its end', async () => {
    const store = new KeptStore();
    const source = names(0, 3);
    const session = await openCheckpoint({ store, id }, source);
    for (const _ of session.remaining(source));
    await Promise.all([session.done(0), session.done(0), session.done(99)]);
    expect(store.appended).toEqual([[0, 'doc-0']]);
    await session.finish();
    await expect(session.done(1)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('keeps the store small and sessions too, however many items are done', async () => {
    const store = new KeptStore();
    function* many() {
      for (let i = 0; i < 60_000; i++) yield `doc-${i}`;
    }
    const source = many();
    const session = await openCheckpoint({ store, id }, source);
    let last: Promise<void> | undefined;
    for (const { index } of session.remaining(source)) {
      last = session.done(index);
      if (index % 50 === 49) await last;
    }
    await session.finish();
    expect(store.most).toBeLessThan(4_096 + 100);
    expect(store.state).toMatchObject({ watermark: 60_000, ahead: [] });
  });

  it('folds what many short runs leave behind', async () => {
    const store = new KeptStore();
    const source = names(0, 20_000);
    // Each dies without an end in order.
    for (let at = 0; at < 20_000; at += 2_000) {
      const session = await openCheckpoint({ store, id, source: 'v1' }, source);
      for (const { index } of session.remaining(source)) {
        if (index >= at + 2_000) break;
        void session.done(index);
      }
      while (session.unrecorded > 0) await new Promise(setImmediate);
    }
    expect(store.most).toBeLessThan(2 * 4_096);
    expect(await run({ store, id, source: 'v1' }, source)).toMatchObject({ ran: [], resumed: 20_000 });
  });

  it('refuses what a store can never have been given', async () => {
    const store = new KeptStore();
    const digest = 'a'.repeat(64);
    const bad = [
      { source: undefined, watermark: -1, digest, ahead: [] },
      { source: undefined, watermark: 0, digest: 'abc', ahead: [] },
      { source: undefined, watermark: 0, digest, ahead: [[1, 2]] },
      {
        source: undefined,
        watermark: 0,
        digest,
        ahead: [
          [1, 'a'],
          [1, 'b'],
        ],
      },
      { source: 5, watermark: 0, digest, ahead: [] },
    ];
    for (const state of bad) {
      store.state = state as never;
      await expect(openCheckpoint({ store, id }, ['a'])).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    }
  });

  it('refuses options that are none', async () => {
    const store = new KeptStore();
    await expect(openCheckpoint({ store } as never, [])).rejects.toThrow(/checkpoint.id must be a function/);
    await expect(openCheckpoint({ id } as never, [])).rejects.toThrow(/checkpoint.store must be a store/);
    await expect(openCheckpoint({ store, id, ids: 1 } as never, [])).rejects.toThrow(/checkpoint.ids must be absent/);
    await expect(openCheckpoint({ store, id, source: '' }, [])).rejects.toThrow(/checkpoint.source must be/);
    await expect(openCheckpoint(undefined as never, [])).rejects.toThrow(/checkpoint must be an object/);
  });
});
