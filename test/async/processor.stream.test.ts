import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { Outcome } from '../../src/async/outcome.js';
import { flushMicrotasks } from '../manual-clock.js';
import { upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

const broken = new Error('broken');

/** Reads on its own, and keeps what it has read. */
class Reader<Item, Result> {
  readonly read: Item[] = [];
  failure: unknown;
  isOver = false;
  readonly end: Promise<void>;

  constructor(stream: AsyncIterable<Outcome<Item, Result>>, leaveAt?: Item) {
    this.end = this.#run(stream, leaveAt);
  }

  async #run(stream: AsyncIterable<Outcome<Item, Result>>, leaveAt: Item | undefined): Promise<void> {
    try {
      for await (const { item } of stream) {
        this.read.push(item);
        if (item === leaveAt) break;
      }
    } catch (error) {
      this.failure = error;
    }
    this.isOver = true;
  }
}

describe.each(kinds)('stream(), with %s', (_, layers) => {
  let processor: AsyncProcessor;
  let calls: HeldCalls<number>;

  beforeEach(() => {
    processor = new AsyncProcessor({ ...layers, concurrency: 3 });
    calls = new HeldCalls();
  });

  const endAll = async (order: readonly number[]): Promise<void> => {
    for (const item of order) {
      await flushMicrotasks();
      calls.of(item).succeed();
    }
  };

  it('gives outcomes as they come, or in the order of the input', async () => {
    for (const ordered of [false, true]) {
      calls = new HeldCalls();
      const reader = new Reader(processor.stream(upTo(5), calls.forItem, { ordered, buffer: 5 }));
      await endAll([2, 0, 3, 4, 1]);
      await reader.end;
      expect(reader.read).toEqual(ordered ? [0, 1, 2, 3, 4] : [2, 0, 3, 4, 1]);
    }
  });

  it('keeps the order of a hundred that end the other way round', async () => {
    const wide = new AsyncProcessor({ ...layers, concurrency: 100 });
    const reader = new Reader(wide.stream(upTo(250), calls.forItem, { ordered: true }));
    for (let i = 0; i < 250; i++) {
      await flushMicrotasks();
      calls.running.at(-1)!.succeed();
    }
    await reader.end;
    expect(reader.read).toEqual([...upTo(250)]);
  });

  it('begins nothing before the first outcome is asked for', async () => {
    const stream = processor.stream(upTo(5), calls.forItem);
    await flushMicrotasks();
    expect(calls.begun).toEqual([]);
    const first = stream.next();
    await flushMicrotasks();
    expect(calls.begun).toEqual([0, 1, 2]);
    calls.of(1).succeed('yes');
    expect(await first).toMatchObject({ done: false, value: { status: 'fulfilled', value: 'yes', index: 1, item: 1 } });
    const end = stream.return?.();
    calls.succeedAll();
    await end;
  });

  it('runs no more than its reader keeps up with', async () => {
    const stream = processor.stream(upTo(100), async (n) => n, { buffer: 4 });
    await stream.next();
    for (let i = 0; i < 5; i++) await flushMicrotasks();
    expect(processor.stats().completed).toBeLessThanOrEqual(5);
    for (let i = 0; i < 10; i++) await stream.next();
    await flushMicrotasks();
    expect(processor.stats().completed).toBeLessThanOrEqual(15);
    expect(processor.stats().active).toBe(0);
    await stream.return?.();
  });

  it('goes on whenever its reader comes back, be it while its last worker leaves', async () => {
    for (let pause = 0; pause < 12; pause++) {
      for (const concurrency of [1, 2]) {
        const narrow = new AsyncProcessor({ ...layers, concurrency });
        const stream = narrow.streamBatches(upTo(6), { maxSize: 2, ordered: true }, async (items) => [...items]);
        const single = narrow.stream(upTo(6), async (n) => n, { ordered: true });
        for (const each of [single, stream]) {
          const read: unknown[] = [];
          const reading = (async () => {
            for await (const { item } of each) {
              read.push(item);
              for (let i = 0; i < pause; i++) await undefined;
            }
          })();
          for (let i = 0; i < 5; i++) await flushMicrotasks();
          expect(read).toEqual([...upTo(6)]);
          await reading;
        }
      }
    }
  });

  it('shows a failed item as its outcome; or leaves it out; or ends with it', async () => {
    const fails = async (n: number): Promise<number> => {
      if (n === 2) throw broken;
      return n;
    };
    const settled: unknown[] = [];
    for await (const outcome of processor.stream(upTo(5), fails, { ordered: true })) settled.push(outcome);
    expect(settled).toHaveLength(5);
    expect(settled[2]).toMatchObject({ status: 'rejected', reason: broken, index: 2, item: 2, attempts: 1 });
    const skipping = new Reader(processor.stream(upTo(5), fails, { ordered: true, onError: 'skip' }));
    await skipping.end;
    expect([skipping.read, skipping.failure]).toEqual([[0, 1, 3, 4], undefined]);
    const throwing = new Reader(processor.stream(upTo(50), fails, { ordered: true, onError: 'throw' }));
    await throwing.end;
    expect(throwing.failure).toBe(broken);
    expect(throwing.read.slice(0, 2)).toEqual([0, 1]);
    expect(throwing.read.length).toBeLessThan(8);
  });

  it('that leaves out all of an endless input would not fill its buffer', async () => {
    const reader = new Reader(
      processor.stream(upTo(1_000), () => Promise.reject(broken), { onError: 'skip', ordered: true, buffer: 2 }),
    );
    await reader.end;
    expect([reader.read, processor.stats().failed]).toEqual([[], 1_000]);
  });

  it('fails once, and is at its end after that', async () => {
    const stream = processor.stream(upTo(5), () => Promise.reject(broken), { onError: 'throw' });
    await expect(stream.next()).rejects.toBe(broken);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('waits for what runs before it fails, and tells it to stop', async () => {
    const reader = new Reader(processor.stream(upTo(5), calls.forItem, { onError: 'throw' }));
    await flushMicrotasks();
    calls.of(0).fail(broken);
    await flushMicrotasks();
    expect(calls.running.map(({ context }) => context.signal.reason)).toEqual([broken, broken]);
    expect(reader.isOver).toBe(false);
    calls.succeedAll();
    await reader.end;
    // What was told to stop and answered all the same is an outcome.
    expect([reader.failure, reader.read]).toEqual([broken, [1, 2]]);
  });

  it('stops what runs when its reader leaves, and waits for it', async () => {
    const reader = new Reader(processor.stream(upTo(50), calls.forItem), 1);
    await flushMicrotasks();
    calls.of(1).succeed();
    await flushMicrotasks();
    expect(calls.running.every(({ context }) => context.signal.aborted)).toBe(true);
    expect(reader.isOver).toBe(false);
    calls.succeedAll();
    await reader.end;
    expect(reader.failure).toBeUndefined();
    await processor.drain();
  });

  it('can be left before it has begun, twice, and with await using', async () => {
    const stream = processor.stream(upTo(5), calls.forItem);
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await (processor.stream(upTo(5), calls.forItem) as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    expect(calls.begun).toEqual([]);
    await expect(processor.stream(upTo(5), calls.forItem).throw?.(broken)).rejects.toBe(broken);
  });

  it('answers questions that were asked together, each once', async () => {
    const stream = processor.stream(upTo(4), async (n) => n, { ordered: true });
    const steps = await Promise.all(Array.from({ length: 6 }, () => stream.next()));
    expect(steps.map(({ done, value }) => (done ? 'end' : value?.index))).toEqual([0, 1, 2, 3, 'end', 'end']);
  });

  it('is ended by its signal, also while nobody reads it', async () => {
    const stop = new AbortController();
    const stream = processor.stream(upTo(50), async (n) => n, { signal: stop.signal });
    await stream.next();
    await flushMicrotasks();
    stop.abort(broken);
    const reader = new Reader(stream);
    await reader.end;
    expect(reader.failure).toBe(broken);
    expect(reader.read.length).toBeLessThanOrEqual(3);
    const late = processor.stream(upTo(5), calls.forItem, { signal: stop.signal });
    await expect(late.next()).rejects.toBe(broken);
    expect(await late.next()).toEqual({ done: true, value: undefined });
    expect(calls.begun).toEqual([]);
  });

  it('does not hold up calls and batches beside it while it waits for its reader', async () => {
    const stream = processor.stream(upTo(50), async (n) => n);
    await stream.next();
    await flushMicrotasks();
    expect(await processor.process([1, 2, 3, 4], async (n) => n)).toEqual([1, 2, 3, 4]);
    await processor.drain();
    await stream.return?.();
  });
});
