import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { Outcome } from '../../src/async/outcome.js';
import { flushMicrotasks } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { CountedSource, upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

const broken = new Error('broken');

describe.each(kinds)('process() with a sink, with %s', (_, layers) => {
  let processor: AsyncProcessor;

  beforeEach(() => {
    processor = new AsyncProcessor({ ...layers, concurrency: 3 });
  });

  const fails = async (n: number): Promise<number> => {
    if (n % 4 === 3) throw broken;
    return n;
  };

  it('gives each outcome away once, failed ones too, and keeps none', async () => {
    const seen: Outcome<number, number>[] = [];
    const summary = await processor.process(upTo(8), fails, { sink: (outcome) => seen.push(outcome) });
    expect(summary).toEqual({ completed: 6, failed: 2, resumed: 0 });
    expect(seen.map(({ index }) => index).sort()).toEqual([...upTo(8)]);
    expect(seen.find(({ index }) => index === 3)).toMatchObject({ status: 'rejected', reason: broken, item: 3 });
    expect(seen.find(({ index }) => index === 4)).toMatchObject({ status: 'fulfilled', value: 4, attempts: 1 });
  });

  it('leaves failed ones out, or ends with the first, where it says so', async () => {
    const seen: number[] = [];
    const sink = ({ index }: { index: number }) => seen.push(index);
    expect(await processor.process(upTo(8), fails, { sink, onError: 'skip' })).toMatchObject({
      completed: 6,
      failed: 2,
    });
    expect(seen.sort()).toEqual([0, 1, 2, 4, 5, 6]);
    await expect(processor.process(upTo(800), fails, { sink, onError: 'throw' })).rejects.toBe(broken);
  });

  it('waits for the sink before the next item, and holds no slot meanwhile', async () => {
    const source = new CountedSource(upTo(Number.POSITIVE_INFINITY));
    const sinks = new HeldCalls<number>();
    const stop = new AbortController();
    const job = processor.process(source.sync, async (n) => n, {
      sink: ({ item }) => sinks.forItem(item, undefined as never),
      signal: stop.signal,
    });
    for (let i = 0; i < 3; i++) await flushMicrotasks();
    expect([source.pulled, sinks.running.length, processor.stats().active]).toEqual([3, 3, 0]);
    sinks.running[1]!.succeed();
    await flushMicrotasks();
    expect([source.pulled, sinks.running.length]).toEqual([4, 3]);
    expect(await processor.run(() => 'beside')).toBe('beside');
    stop.abort();
    sinks.succeedAll();
    await expect(job).rejects.toBe(stop.signal.reason);
    expect(source.returned).toBe(1);
  });

  it('ends with what a sink fails with, at once or later, once what runs has ended', async () => {
    const unhandled = await unhandledDuring(async () => {
      const sinks = [
        () => {
          throw broken;
        },
        () => Promise.reject(broken),
      ];
      for (const sink of sinks) {
        const source = new CountedSource(upTo(100));
        await expect(processor.process(source.sync, async (n) => n, { sink })).rejects.toBe(broken);
        expect([source.pulled <= 6, source.returned]).toEqual([true, 1]);
        await processor.drain();
      }
    });
    expect(unhandled).toEqual([]);
  });

  it('does not take for an outcome what was stopped', async () => {
    const seen: string[] = [];
    const calls = new HeldCalls<string>();
    const stop = new AbortController();
    const sink = ({ item, status }: { item: string; status: string }) => seen.push(`${item} ${status}`);
    const job = processor.process(['a', 'b', 'c'], calls.forItem, { sink, signal: stop.signal });
    await flushMicrotasks();
    calls.of('a').succeed();
    await flushMicrotasks();
    stop.abort();
    calls.of('b').fail(broken);
    calls.of('c').succeed();
    await expect(job).rejects.toBe(stop.signal.reason);
    expect(seen).toEqual(['a fulfilled', 'c fulfilled']);
  });
});
