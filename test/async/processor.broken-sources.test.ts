import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

const broken = new Error('the source is broken');

function* failsAfter(n: number): Generator<number> {
  yield* upTo(n);
  throw broken;
}

async function* failsLaterAfter(n: number): AsyncGenerator<number> {
  yield* failsAfter(n);
}

describe.each(kinds)('a source that throws halfway, with %s', (_, layers) => {
  let processor: AsyncProcessor;
  beforeEach(() => {
    processor = new AsyncProcessor({ ...layers, concurrency: 2 });
  });
  const forms = [
    ['sync', failsAfter],
    ['async', failsLaterAfter],
  ] as const;

  it.each(forms)('ends a batch: what runs is told to stop and waited for (%s)', async (_form, source) => {
    const calls = new HeldCalls<number>();
    let isOver = false;
    const batch = processor.process(source(2), calls.forItem).finally(() => {
      isOver = true;
    });
    batch.catch(() => {});
    await flushMicrotasks();
    calls.of(1).succeed();
    await flushMicrotasks();
    expect([calls.begun, calls.running[0]?.context.signal.aborted, isOver]).toEqual([[0, 1], true, false]);
    calls.succeedAll();
    await expect(batch).rejects.toBe(broken);
  });

  it.each(forms)('leaves nothing running that was not told to stop (%s)', async (_form, source) => {
    const calls = new HeldCalls<number>();
    // It fails at once: the first item may have its slot by then, and not have begun.
    const batch = processor.process(source(1), calls.forItem);
    batch.catch(() => {});
    await flushMicrotasks();
    expect(calls.running.filter(({ context }) => !context.signal.aborted)).toEqual([]);
    calls.succeedAll();
    await expect(batch).rejects.toBe(broken);
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
  });

  it.each(forms)(
    'lets what runs come to its own end where failures are settled or skipped (%s)',
    async (_form, source) => {
      for (const onError of ['settle', 'skip'] as const) {
        const calls = new HeldCalls<number>();
        const batch = processor.process(source(1), calls.forItem, { onError });
        batch.catch(() => {});
        await flushMicrotasks();
        expect(calls.running[0]?.context.signal.aborted).toBe(false);
        calls.succeedAll();
        await expect(batch).rejects.toBe(broken);
      }
    },
  );

  it.each(forms)('ends a stream after the outcomes there are (%s)', async (_form, source) => {
    for (const ordered of [true, false]) {
      const read: number[] = [];
      const reading = async () => {
        for await (const { item } of processor.stream(source(5), async (n) => n, { ordered })) read.push(item);
      };
      await expect(reading()).rejects.toBe(broken);
      expect(read).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it.each(forms)('ends a job after the outcomes there are (%s)', async (_form, source) => {
    const seen: number[] = [];
    const sink = ({ item }: { item: number }) => seen.push(item);
    await expect(processor.process(source(5), async (n) => n, { sink })).rejects.toBe(broken);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(forms)('ends batches of items (%s)', async (_form, source) => {
    const seen: number[] = [];
    const reading = async () => {
      const stream = processor.streamBatches(source(5), { maxSize: 2, ordered: true }, async (items) => [...items]);
      for await (const { item } of stream) seen.push(item);
    };
    await expect(reading()).rejects.toBe(broken);
    // The last batch is not full: whether it is called all the same is not promised.
    expect(seen.slice(0, 4)).toEqual([0, 1, 2, 3]);
    await expect(processor.processBatches(source(5), 2, async (items) => [...items])).rejects.toBe(broken);
  });
});
