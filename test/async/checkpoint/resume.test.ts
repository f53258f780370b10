import { describe, expect, it } from 'vitest';
import { CheckpointMismatchError } from '../../../src/async/checkpoint/checkpoint-errors.js';
import type { Source } from '../../../src/async/source.js';
import { KeptStore } from './kept-store.js';
import { id, names, once, onceAsync, run } from './run-job.js';

const KINDS: [string, (items: readonly string[]) => Source<string>][] = [
  ['an array', (items) => [...items]],
  ['a set', (items) => new Set(items)],
  ['a generator', once],
  ['an async generator', onceAsync],
];

describe.each(KINDS)('a job over %s', (_, sourceOf) => {
  it('goes on where it was', async () => {
    const store = new KeptStore();
    const first = await run({ store, id }, sourceOf(names(0, 100)), { until: 40 });
    expect(first).toEqual({ ran: names(0, 40), resumed: 0 });
    const second = await run({ store, id }, sourceOf(names(0, 100)));
    expect(second).toEqual({ ran: names(40, 100), resumed: 40 });
    const third = await run({ store, id }, sourceOf(names(0, 100)));
    expect(third).toEqual({ ran: [], resumed: 100 });
  });

  it('runs again what was begun and not done, and only that', async () => {
    const store = new KeptStore();
    const isLeft = (index: number) => index === 3 || index % 10 === 7;
    await run({ store, id }, sourceOf(names(0, 50)), { isDone: (index) => !isLeft(index), until: 45 });
    const { ran, resumed } = await run({ store, id }, sourceOf(names(0, 50)));
    expect(ran).toEqual(names(0, 50).filter((_, i) => isLeft(i) || i >= 45));
    expect(resumed).toBe(40);
  });

  it('refuses another source before it gives out anything', async () => {
    const store = new KeptStore();
    await run({ store, id }, sourceOf(names(0, 50)), { until: 20 });
    const before = structuredClone(store.state);
    const others = names(0, 50);
    others[11] = 'another';
    await expect(run({ store, id }, sourceOf(others))).rejects.toThrow(CheckpointMismatchError);
    await expect(run({ store, id }, sourceOf(names(1, 51)))).rejects.toThrow(/checkpoint is of another source/);
    await expect(run({ store, id }, sourceOf(names(0, 10)))).rejects.toThrow(CheckpointMismatchError);
    await expect(run({ store, id }, sourceOf([]))).rejects.toThrow(CheckpointMismatchError);
    const swapped = names(0, 50);
    [swapped[4], swapped[5]] = [swapped[5]!, swapped[4]!];
    await expect(run({ store, id }, sourceOf(swapped))).rejects.toThrow(CheckpointMismatchError);
    expect(store.state).toEqual(before);
    expect(store.closed).toBe(6);
    expect(await run({ store, id }, sourceOf(names(0, 50)))).toMatchObject({ resumed: 20 });
  });

  it('refuses items done ahead that are others now', async () => {
    const store = new KeptStore();
    await run({ store, id }, sourceOf(names(0, 50)), { isDone: (index) => index > 5, until: 20 });
    const others = names(0, 50);
    others[12] = 'another';
    await expect(run({ store, id }, sourceOf(others))).rejects.toThrow(CheckpointMismatchError);
    await expect(run({ store, id }, sourceOf(names(0, 15)))).rejects.toThrow(CheckpointMismatchError);
  });

  it.each([0, 3])(
    'refuses another one before it runs anything where %i items and some ahead were done',
    async (watermark) => {
      const store = new KeptStore();
      const isLeft = (index: number) => index === watermark || index === 7;
      await run({ store, id }, sourceOf(names(0, 50)), { isDone: (index) => !isLeft(index), until: 10 });
      expect(store.state).toMatchObject({ watermark });
      const before = structuredClone(store.state);
      // The first items agree, or all but the last that was done.
      for (const from of [watermark, watermark + 1, 9]) {
        const others = names(0, 50).map((name, index) => (index < from ? name : `other-${index}`));
        const ran: number[] = [];
        const isDone = (index: number) => ran.push(index) > 0;
        await expect(run({ store, id }, sourceOf(others), { isDone })).rejects.toThrow(CheckpointMismatchError);
        expect(ran).toEqual([]);
      }
      expect(store.appended).toEqual([]);
      expect(store.state).toEqual(before);
      const { ran: left } = await run({ store, id }, sourceOf(names(0, 50)));
      expect(left).toEqual(names(0, 50).filter((_, index) => isLeft(index) || index >= 10));
      expect(store.state).toMatchObject({ watermark: 50, ahead: [] });
    },
  );

  it('takes a text for the source before all else', async () => {
    const store = new KeptStore();
    await run({ store, id, source: 'v1' }, sourceOf(names(0, 50)), { until: 20 });
    await expect(run({ store, id, source: 'v2' }, sourceOf(names(0, 50)))).rejects.toThrow(
      /checkpoint.source was "v1" and is "v2"/,
    );
    await expect(run({ store, id }, sourceOf(names(0, 50)))).rejects.toThrow(/was "v1" and is no text/);
    // The same in name, and another one all the same.
    await expect(run({ store, id, source: 'v1' }, sourceOf(names(1, 50)))).rejects.toThrow(CheckpointMismatchError);
    const grown = await run({ store, id, source: 'v1' }, sourceOf(names(0, 60)));
    expect(grown).toEqual({ ran: names(20, 60), resumed: 20 });
  });

  it('refuses ids that are none, naming the item', async () => {
    for (const bad of [undefined, 7, '']) {
      const store = new KeptStore();
      const options = { store, id: (item: string) => (item === 'doc-2' ? (bad as string) : item) };
      await expect(run(options, sourceOf(names(0, 5)))).rejects.toThrow(
        /checkpoint.id must be a string that is not empty for each item \(item 2\)/,
      );
      expect(store.closed).toBe(1);
    }
  });

  it('refuses two items under way with one id', async () => {
    const store = new KeptStore();
    const options = { store, id: (item: string) => (item === 'doc-4' ? 'doc-2' : item) };
    const job = run(options, sourceOf(names(0, 9)), { isDone: (index) => index !== 1 });
    await expect(job).rejects.toThrow(/checkpoint.id must be unique \(items 2 and 4 have the same\), got "doc-2"/);
  });
});

describe('a job that goes on over another kind of source', () => {
  it('resumes where the items are the same', async () => {
    const store = new KeptStore();
    await run({ store, id }, once(names(0, 30)), { until: 10 });
    await run({ store, id }, names(0, 30), { until: 10 });
    expect(await run({ store, id }, onceAsync(names(0, 30)))).toEqual({ ran: names(20, 30), resumed: 20 });
  });

  it('is refused an array that has grown, unless its source has a text', async () => {
    const store = new KeptStore();
    await run({ store, id }, names(0, 30), { until: 10 });
    await expect(run({ store, id }, names(0, 31))).rejects.toThrow(/its ids are others/);
    expect(await run({ store, id }, once(names(0, 31)))).toMatchObject({ resumed: 10 });
  });
});
