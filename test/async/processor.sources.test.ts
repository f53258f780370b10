import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { flushMicrotasks } from '../manual-clock.js';
import { CountedSource, upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';

/** Slots alone, and all layers between: the two ways in which items are pulled. */
const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

const broken = new Error('the source is broken');

describe.each(kinds)('what is pulled, with %s', (_, layers) => {
  it('is as much as can run, and one more for each that ends', async () => {
    for (const form of ['sync', 'later'] as const) {
      const processor = new AsyncProcessor({ ...layers, concurrency: 3 });
      const source = new CountedSource(upTo(Number.POSITIVE_INFINITY));
      const calls = new HeldCalls<number>();
      const stop = new AbortController();
      const batch = processor.process(source[form], calls.forItem, { signal: stop.signal });
      await flushMicrotasks();
      expect([source.pulled, calls.running.length]).toEqual([3, 3]);
      for (let ended = 1; ended <= 5; ended++) {
        calls.running[ended % 3]!.succeed();
        await flushMicrotasks();
        expect([source.pulled, calls.running.length]).toEqual([3 + ended, 3]);
      }
      expect(source.mostAsked).toBe(form === 'later' ? 1 : 0);
      stop.abort();
      calls.succeedAll();
      await expect(batch).rejects.toBe(stop.signal.reason);
      expect([source.opened, source.returned]).toEqual([1, 1]);
    }
  });

  it('of a stream is no more than its buffer holds, until outcomes are read', async () => {
    const processor = new AsyncProcessor({ ...layers, concurrency: 2 });
    const source = new CountedSource(upTo(Number.POSITIVE_INFINITY));
    const stream = processor.stream(source.later, async (n) => n, { buffer: 5 });
    expect(source.opened).toBe(0);
    for (let read = 1; read <= 4; read++) {
      await stream.next();
      await flushMicrotasks();
      // What is being read counts until the next is asked for, or no longer: one more or less is no matter.
      expect(source.pulled).toBeLessThanOrEqual(5 + read);
      expect(source.pulled).toBeGreaterThanOrEqual(4 + read);
    }
    await stream.return?.();
    expect(source.returned).toBe(1);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('may be more than the concurrency only where the buffer says so', async () => {
    const processor = new AsyncProcessor({ ...layers, concurrency: 2 });
    const source = new CountedSource(upTo(Number.POSITIVE_INFINITY));
    const calls = new HeldCalls<number>();
    const stream = processor.stream(source.sync, calls.forItem, { ordered: true });
    const first = stream.next();
    await flushMicrotasks();
    // The first of them holds up those after it: nothing more is pulled while they wait to be read.
    calls.of(1).succeed();
    await flushMicrotasks();
    expect([source.pulled, calls.running.length]).toEqual([2, 1]);
    calls.of(0).succeed();
    expect((await first).value).toMatchObject({ index: 0 });
    expect((await stream.next()).value).toMatchObject({ index: 1 });
    const end = stream.return?.();
    await flushMicrotasks();
    calls.succeedAll();
    await end;
  });
});

describe.each(kinds)('the source, with %s', (_, layers) => {
  let processor: AsyncProcessor;
  beforeEach(() => {
    processor = new AsyncProcessor({ ...layers, concurrency: 2 });
  });

  it('is not told to end when it has ended by itself', async () => {
    for (const form of ['sync', 'later'] as const) {
      const source = new CountedSource(upTo(5));
      await processor.process(source[form], async (n) => n);
      for await (const _outcome of processor.stream(source[form], async (n) => n));
      expect([source.opened, source.returned]).toEqual([2, 0]);
    }
  });

  it('is told to end once when an item ends the batch, and no more is asked of it', async () => {
    for (const form of ['sync', 'later'] as const) {
      const source = new CountedSource(upTo(100));
      const fails = (n: number) => (n === 3 ? Promise.reject(broken) : Promise.resolve(n));
      await expect(processor.process(source[form], fails)).rejects.toBe(broken);
      expect(source.returned).toBe(1);
      expect(source.pulled).toBeLessThanOrEqual(6);
    }
  });

  it('is told to end once when the reader of a stream leaves', async () => {
    for (const form of ['sync', 'later'] as const) {
      const source = new CountedSource(upTo(100));
      for await (const { index } of processor.stream(source[form], async (n) => n)) if (index === 4) break;
      expect(source.returned).toBe(1);
    }
  });

  it('runs its own clean-up when the batch ends early', async () => {
    let cleanedUp = 0;
    function* rows() {
      try {
        yield* upTo(100);
      } finally {
        cleanedUp++;
      }
    }
    await expect(processor.process(rows(), () => Promise.reject(broken))).rejects.toBe(broken);
    expect(cleanedUp).toBe(1);
  });

  it('that fails at its end is reported, and what ended the batch stands', async () => {
    const troubles: unknown[] = [];
    const off = processor.on('error', ({ error }) => troubles.push(error));
    const endless: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => Promise.reject(broken),
      }),
    };
    const item = new Error('item');
    await expect(processor.process(endless, () => Promise.reject(item))).rejects.toBe(item);
    await flushMicrotasks();
    expect(troubles).toEqual([broken]);
    off();
  });

  it('that never answers does not keep a batch that was aborted', async () => {
    const stop = new AbortController();
    let returned = 0;
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          returned++;
          return new Promise(() => {});
        },
      }),
    };
    const batch = processor.process(silent, async (n) => n, { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    await expect(batch).rejects.toBe(stop.signal.reason);
    expect(returned).toBe(1);
  });

  it('that answers when all is over is not heard any more', async () => {
    const stop = new AbortController();
    let answer: (step: IteratorResult<number>) => void = () => {};
    const late: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      }),
    };
    let calls = 0;
    const batch = processor.process(late, () => calls++, { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    await expect(batch).rejects.toBe(stop.signal.reason);
    answer({ done: false, value: 1 });
    await flushMicrotasks();
    expect([calls, processor.stats().active]).toEqual([0, 0]);
  });

  it('that keeps others waiting holds no slot meanwhile', async () => {
    let give: (step: IteratorResult<number>) => void = () => {};
    const slow: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve) => {
            give = resolve;
          }),
      }),
    };
    const batch = processor.process(slow, async (n) => n);
    await flushMicrotasks();
    expect(processor.stats().active).toBe(0);
    expect(await Promise.all([1, 2, 3].map((n) => processor.run(() => n)))).toEqual([1, 2, 3]);
    give({ done: false, value: 7 });
    await flushMicrotasks();
    give({ done: true, value: undefined });
    expect(await batch).toEqual([7]);
  });
});

describe('what can be iterated over', () => {
  const processor = new AsyncProcessor();
  const double = async (n: number) => 2 * n;

  it('is an array, a set, a generator, an async generator, and nothing of them is too little', async () => {
    async function* later() {
      yield* [1, 2];
    }
    for (const source of [[1, 2], new Set([1, 2]), [1, 2].values(), later()]) {
      expect(await processor.process(source, double)).toEqual([2, 4]);
    }
    expect(await processor.process([], double)).toEqual([]);
    expect(await processor.process([], double, { onError: 'settle' })).toEqual([]);
    expect(await processor.stream([], double).next()).toEqual({ done: true, value: undefined });
    expect(await processor.processBatches([], 2, async () => [])).toEqual([]);
    expect(await processor.process([], double, { sink: () => {} })).toEqual({ completed: 0, failed: 0, resumed: 0 });
  });

  it('keeps undefined for an item and for a result', async () => {
    expect(await processor.process([undefined, null, 0], async (item) => item)).toEqual([undefined, null, 0]);
  });

  it.each([undefined, null, 5, 'text', {}, () => [1]])('is not %s', async (items) => {
    const source = items as never;
    const refused = expect.objectContaining({ name: 'InvalidOptionError', option: 'items' });
    await expect(processor.process(source, double)).rejects.toEqual(refused);
    await expect(processor.processBatches(source, 2, async () => [])).rejects.toEqual(refused);
    await expect(processor.stream(source, double).next()).rejects.toEqual(refused);
    await expect(processor.streamBatches(source, { maxSize: 2 }, async () => []).next()).rejects.toEqual(refused);
    await expect(processor.process(source, double, { sink: () => {} })).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('may throw when it is opened', async () => {
    const closed: Iterable<number> = {
      [Symbol.iterator]: () => {
        throw broken;
      },
    };
    await expect(processor.process(closed, double)).rejects.toBe(broken);
    await expect(processor.stream(closed, double).next()).rejects.toBe(broken);
    await expect(processor.processBatches(closed, 2, async () => [])).rejects.toBe(broken);
  });
});
