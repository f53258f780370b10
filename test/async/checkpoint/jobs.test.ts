import { describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../../src/async/async-processor.js';
import type { Outcome } from '../../../src/async/outcome.js';
import type { Progress } from '../../../src/async/progress.js';
import { KeptStore } from './kept-store.js';

const id = (item: string): string => item;
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `doc-${from + i}`);
const echo = async (item: string): Promise<string> => item;
const echoAll = async (items: readonly string[]): Promise<string[]> => [...items];

type Consumer = (outcome: Outcome<string, string>) => Promise<void> | void;

const FORMS: [string, (store: KeptStore, items: string[], consume: Consumer) => Promise<unknown>][] = [
  [
    'a stream',
    async (store, items, consume) => {
      const processor = new AsyncProcessor({ concurrency: 4 });
      for await (const outcome of processor.stream(items, echo, { checkpoint: { store, id } })) await consume(outcome);
    },
  ],
  [
    'an ordered stream',
    async (store, items, consume) => {
      const processor = new AsyncProcessor({ concurrency: 4 });
      const stream = processor.stream(items, echo, { checkpoint: { store, id }, ordered: true });
      for await (const outcome of stream) await consume(outcome);
    },
  ],
  [
    'a stream of batches',
    async (store, items, consume) => {
      const processor = new AsyncProcessor({ concurrency: 4 });
      const stream = processor.streamBatches(items, { maxSize: 5, checkpoint: { store, id } }, echoAll);
      for await (const outcome of stream) await consume(outcome);
    },
  ],
  [
    'a sink',
    async (store, items, consume) => {
      const processor = new AsyncProcessor({ concurrency: 4 });
      await processor.process(items, echo, { checkpoint: { store, id }, sink: consume });
    },
  ],
];

describe.each(FORMS)('a job with %s', (_, run) => {
  it('does what is left, and lets go of its store', async () => {
    const store = new KeptStore();
    const items = names(0, 60);
    const came: string[] = [];
    const stop = run(store, items, ({ item }) => {
      came.push(item);
      if (came.length === 20) throw new Error('stop');
    });
    await expect(stop).rejects.toThrow('stop');
    expect(store.closed).toBe(1);
    const first = came.splice(0);
    await run(store, items, ({ index, item }) => {
      expect(item).toBe(`doc-${index}`);
      came.push(item);
    });
    expect(store.closed).toBe(2);
    expect(new Set([...first, ...came]).size).toBe(60);
    expect(first.length + came.length).toBeLessThanOrEqual(60 + 4 * 5);
    await run(store, items, () => {
      throw new Error('nothing is left');
    });
  });

  it('runs an item again whose consumer failed', async () => {
    const store = new KeptStore();
    const items = names(0, 30);
    const stop = run(store, items, ({ item }) => {
      if (item === 'doc-13') throw new Error('the database is away');
    });
    await expect(stop).rejects.toThrow('the database is away');
    const again: string[] = [];
    await run(store, items, ({ item }) => void again.push(item));
    expect(again).toContain('doc-13');
  });

  it('ends when an item cannot be recorded, and says why', async () => {
    const store = new KeptStore();
    let came = 0;
    const job = run(store, names(0, 1_000), async () => {
      if (++came === 10) store.isFailing = true;
      await new Promise(setImmediate);
    });
    await expect(job).rejects.toThrow('disk full');
    expect(came).toBeLessThan(100);
    expect(store.closed).toBe(1);
  });

  it('refuses another source before it calls anything', async () => {
    const store = new KeptStore();
    await run(store, names(0, 10), () => {});
    const job = run(store, names(1, 11), () => {
      throw new Error('called');
    });
    await expect(job).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    expect(store.closed).toBe(2);
  });
});

describe('a stream with a checkpoint', () => {
  const streams = (store: KeptStore) => {
    const processor = new AsyncProcessor({ concurrency: 4 });
    return processor.stream(names(0, 20), echo, { checkpoint: { store, id }, ordered: true });
  };

  it('refuses those who ask while its reader waits, and goes on with that one', async () => {
    const store = new KeptStore();
    const stream = streams(store);
    const first = stream.next();
    await expect(stream.next()).rejects.toMatchObject({ code: 'STREAM_READERS' });
    expect((await first).value).toMatchObject({ item: 'doc-0' });
    await new Promise(setImmediate);
    // Nothing was done by asking.
    expect(store.appended).toEqual([]);
    const rest: string[] = [];
    for await (const { item } of stream) rest.push(item);
    expect(rest).toEqual(names(1, 20));
  });

  it('loses nothing to workers who begin together and share it', async () => {
    const store = new KeptStore();
    const stream = streams(store);
    const handled: string[] = [];
    const work = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await stream.next();
        if (done) return;
        // Killed while it handles this one.
        if (value.item === 'doc-0') return new Promise(() => {});
        handled.push(value.item);
      }
    };
    const [, ...others] = [work(), work(), work()];
    const ends = await Promise.allSettled(others);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await new Promise(setImmediate);
    const again = streams(Object.assign(new KeptStore(), { state: store.state, appended: store.appended }));
    for await (const { item } of again) handled.push(item);
    expect(handled).toEqual(names(0, 20));
    await stream.return?.();
  });

  it('says once that its store could not be closed', async () => {
    for (const end of ['next', 'return'] as const) {
      const store = new KeptStore();
      store.close = () => Promise.reject(new Error('disk full'));
      const stream = streams(store);
      await stream.next();
      const readAll = async (): Promise<void> => {
        for (;;) if ((await stream.next()).done) return;
      };
      await expect(end === 'next' ? readAll() : stream.return!()).rejects.toThrow('disk full');
      const over = { done: true, value: undefined };
      expect([await stream.next(), await stream.return!(), await stream.next()]).toEqual([over, over, over]);
    }
  });
});

describe('a job with a checkpoint', () => {
  it('counts what was done before', async () => {
    const store = new KeptStore();
    const processor = new AsyncProcessor();
    const options = { checkpoint: { store, id }, sink: () => {} };
    await processor.process(names(0, 10), async (item) => item, {
      ...options,
      checkpoint: { store, id, source: 'v1' },
    });
    const reports: Progress[] = [];
    const summary = await processor.process(names(0, 25), echo, {
      ...options,
      checkpoint: { store, id, source: 'v1' },
      onProgress: (progress) => reports.push(progress),
    });
    expect(summary).toEqual({ completed: 15, failed: 0, resumed: 10 });
    expect(reports.at(-1)).toMatchObject({ done: 15, resumed: 10, total: 25, etaMs: 0 });
  });

  it('has done an item that failed, once its consumer knows', async () => {
    const store = new KeptStore();
    const processor = new AsyncProcessor();
    const poison = async (item: string): Promise<string> => {
      if (item === 'doc-3') throw new TypeError('poison');
      return item;
    };
    for (const expected of [
      { completed: 9, failed: 1, resumed: 0 },
      { completed: 0, failed: 0, resumed: 10 },
    ]) {
      const checkpoint = { store, id };
      expect(await processor.process(names(0, 10), poison, { checkpoint, sink: () => {} })).toEqual(expected);
    }
  });

  it('lets go of its store where it was stopped before it began', async () => {
    const store = new KeptStore();
    const processor = new AsyncProcessor();
    const signal = AbortSignal.abort(new Error('stopped'));
    const options = { checkpoint: { store, id }, signal };
    await expect(processor.process(names(0, 9), echo, { ...options, sink: () => {} })).rejects.toThrow('stopped');
    await expect(processor.stream(names(0, 9), echo, options).next()).rejects.toThrow('stopped');
    const batches = processor.streamBatches(names(0, 9), { maxSize: 5, ...options }, echoAll);
    await expect(batches.next()).rejects.toThrow('stopped');
    const loads = store.calls.filter((call) => call === 'load').length;
    expect(store.closed).toBe(loads);
  });
});
