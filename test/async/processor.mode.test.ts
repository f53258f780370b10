import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { answerTo, HeldCalls } from './held-calls.js';

const broken = Object.assign(new Error('broken'), { status: 503 });

describe('the mode', () => {
  let clock: ManualClock;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    calls = new HeldCalls();
  });

  const world = (mode: 'on' | 'off' | 'observe') =>
    new AsyncProcessor({
      mode,
      concurrency: 1,
      retry: 3,
      timeout: '1s',
      rateLimit: { requestsPerMinute: 1 },
      breaker: { consecutive: 1 },
      queue: { max: 0 },
      clock,
    });

  it.each(['off', 'observe'] as const)('%s holds no call back and tries none again', async (mode) => {
    const processor = world(mode);
    const all = Promise.allSettled(['a', 'b', 'c'].map((item) => processor.run(calls.as(item), { priority: 1 })));
    await flushMicrotasks();
    expect(calls.begun).toEqual(['a', 'b', 'c']);
    await clock.advanceAsync(60_000);
    calls.of('a').fail(broken);
    calls.of('b').fail(broken);
    calls.of('c').succeed();
    expect(await all).toMatchObject([{ reason: broken }, { reason: broken }, { value: answerTo('c') }]);
    const { completed, failed, retried, timedOut, breaker } = processor.stats();
    expect([completed, failed]).toEqual(mode === 'off' ? [0, 0] : [1, 2]);
    expect([retried, timedOut, breaker]).toEqual([0, 0, 'closed']);
  });

  it('observe says what runs; off knows nothing of it', async () => {
    for (const mode of ['off', 'observe'] as const) {
      const processor = world(mode);
      const all = ['a', 'b'].map((item) => processor.run(calls.as(item)));
      await flushMicrotasks();
      expect(processor.stats()).toMatchObject({ active: mode === 'off' ? 0 : 2, queued: 0, limit: 1 });
      calls.succeedAll();
      await Promise.all(all);
    }
  });

  it.each(['off', 'observe'] as const)(
    '%s still bounds a batch, keeps its order and ends it as asked',
    async (mode) => {
      const processor = world(mode);
      const batch = processor.process(['a', 'b', 'c'], calls.forItem);
      for (const item of ['a', 'b', 'c']) {
        await flushMicrotasks();
        calls.of(item).succeed();
      }
      expect(await batch).toEqual(['a', 'b', 'c'].map(answerTo));
      expect(calls.most).toBe(1);
      await expect(processor.process(['x'], () => Promise.reject(broken))).rejects.toBe(broken);
      const stop = new AbortController();
      const stopped = processor.process(['y', 'z'], calls.forItem, { signal: stop.signal });
      await flushMicrotasks();
      stop.abort();
      expect(calls.of('y').context.signal.aborted).toBe(true);
      calls.of('y').succeed();
      await expect(stopped).rejects.toBe(stop.signal.reason);
      const read = [];
      for await (const { item } of processor.stream(['s', 't'], async (item) => item, { ordered: true }))
        read.push(item);
      expect(read).toEqual(['s', 't']);
      expect(await processor.processBatches(['p', 'q'], 2, async (items) => [...items])).toEqual(['p', 'q']);
      expect(await processor.batcher(async (keys: readonly string[]) => keys)('k')).toBe('k');
      await processor.drain();
    },
  );

  it.each(['on', 'off', 'observe'] as const)('%s hands the signal of a call through', async (mode) => {
    const processor = world(mode);
    const stop = new AbortController();
    const call = processor.run(calls.as('a'), { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    expect(calls.of('a').context.signal.reason).toBe(stop.signal.reason);
    calls.of('a').fail(stop.signal.reason);
    await expect(call).rejects.toBe(stop.signal.reason);
    await expect(processor.run(calls.as('b'), { signal: stop.signal })).rejects.toBe(stop.signal.reason);
    expect(calls.begun).toEqual(['a']);
  });

  it('off does not turn what a function throws into anything else', async () => {
    const processor = world('off');
    const throws = () => {
      throw broken;
    };
    await expect(processor.run(throws)).rejects.toBe(broken);
  });

  it('may be changed at any time: what comes afterwards goes by it', async () => {
    const processor = world('off');
    await Promise.all([processor.run(() => 1), processor.run(() => 2)]);
    processor.mode = 'observe';
    await Promise.all([processor.run(() => 1), processor.run(() => 2)]);
    expect(processor.stats().completed).toBe(2);
    processor.mode = 'on';
    const first = processor.run(calls.as('a'));
    await expect(processor.run(() => 2)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    processor.mode = 'off';
    expect(await processor.run(() => 3)).toBe(3);
    expect(processor.stats().active).toBe(1);
    calls.of('a').succeed();
    await first;
    expect([processor.mode, processor.stats().active]).toEqual(['off', 0]);
    await processor.drain();
  });

  it('is one of three', () => {
    const processor = world('on');
    const wrong = expect.objectContaining({ name: 'InvalidOptionError', option: 'mode' });
    expect(() => {
      processor.mode = 'of' as never;
    }).toThrow(wrong);
    expect(() => new AsyncProcessor({ mode: 'of' as never })).toThrow(wrong);
    expect(processor.mode).toBe('on');
  });
});
