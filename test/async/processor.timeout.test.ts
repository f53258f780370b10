import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { TimeoutError } from '../../src/async/errors.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { HeldCalls } from './held-calls.js';

describe('a timeout', () => {
  let clock: ManualClock;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    calls = new HeldCalls();
  });

  const world = (options: AsyncProcessorOptions = {}) => {
    const processor = new AsyncProcessor({ concurrency: 1, timeout: '10s', grace: '2s', clock, ...options });
    const events: string[] = [];
    processor.on('timeout', ({ timeoutMs, attempt }) => events.push(`timeout ${timeoutMs} ${attempt}`));
    processor.on('abandoned', ({ afterMs }) => events.push(`abandoned ${afterMs}`));
    return { processor, events };
  };

  it('ends the wait of the caller, tells the function why, and is counted', async () => {
    const { processor, events } = world();
    const late = processor.run(calls.as('a'));
    late.catch(() => {});
    await flushMicrotasks();
    await clock.advanceAsync(9_999);
    expect(calls.of('a').context.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    const error: unknown = await late.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 10_000, message: expect.stringContaining('10000 ms') });
    expect(calls.of('a').context.signal.reason).toBe(error);
    expect([events, processor.stats().timedOut]).toEqual([['timeout 10000 1'], 1]);
  });

  it('keeps the slot until the function ends, for as long as the grace at most', async () => {
    for (const stops of [true, false]) {
      calls = new HeldCalls();
      const { processor, events } = world();
      const late = processor.run(calls.as('a'));
      late.catch(() => {});
      const next = processor.run(calls.as('b'));
      await flushMicrotasks();
      await clock.advanceAsync(10_000);
      await expect(late).rejects.toThrow(TimeoutError);
      await clock.advanceAsync(1_999);
      expect([calls.begun, processor.stats().active]).toEqual([['a'], 1]);
      if (stops) calls.of('a').fail(new Error('stopped'));
      else clock.advance(1);
      await flushMicrotasks();
      expect(calls.begun).toEqual(['a', 'b']);
      expect(events).toEqual(['timeout 10000 1', ...(stops ? [] : ['abandoned 2000'])]);
      calls.of('b').succeed();
      await next;
    }
  });

  it('counts from the start of the call, not from when it began to wait', async () => {
    const { processor } = world({ timeout: '1s', grace: 0 });
    const first = processor.run(calls.as('a'), { timeout: '10s' });
    const second = processor.run(calls.as('b'));
    await flushMicrotasks();
    await clock.advanceAsync(9_000);
    calls.of('a').succeed();
    await first;
    await clock.advanceAsync(999);
    calls.of('b').succeed();
    await second;
  });

  it('may be another for one call, or none', async () => {
    const { processor, events } = world({ concurrency: 3 });
    const short = processor.run(calls.as('short'), { timeout: '1s' });
    const long = processor.run(calls.as('long'), { timeout: Number.POSITIVE_INFINITY });
    const batch = processor.process(['of a batch'], calls.forItem, { timeout: 2_000, onError: 'settle' });
    short.catch(() => {});
    await flushMicrotasks();
    for (const ms of [1_000, 1_000, 3_600_000]) await clock.advanceAsync(ms);
    await expect(short).rejects.toThrow('1000 ms');
    expect(await batch).toMatchObject([
      { status: 'rejected', reason: { timeoutMs: 2_000 }, attempts: 1, runMs: 2_000 },
    ]);
    calls.of('long').succeed('there');
    expect(await long).toBe('there');
    expect(events.filter((event) => event.startsWith('timeout'))).toEqual(['timeout 1000 1', 'timeout 2000 1']);
  });

  it('of one call does not touch those beside it', async () => {
    const { processor } = world({ concurrency: 3, breaker: true });
    const batch = processor.process(['a', 'b', 'c'], calls.forItem, { onError: 'settle' });
    await flushMicrotasks();
    clock.advance(5_000);
    calls.of('c').succeed();
    await flushMicrotasks();
    await clock.advanceAsync(4_000);
    expect(calls.running.some(({ context }) => context.signal.aborted)).toBe(false);
    calls.of('b').succeed();
    await flushMicrotasks();
    await clock.advanceAsync(1_000);
    expect((await batch).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('is met by an answer of the same moment', async () => {
    const { processor } = world();
    const call = processor.run(calls.as('a'));
    await flushMicrotasks();
    clock.advance(9_999);
    calls.of('a').succeed('in time');
    clock.advance(1);
    // The promise of the function was settled first, but its reactions had not run: either is right, and only one happens.
    const end = await call.then(
      (value) => value,
      (error: Error) => error.name,
    );
    expect(['in time', 'TimeoutError']).toContain(end);
    await clock.advanceAsync(10_000);
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
  });

  it('leaves no timer behind once calls have ended', async () => {
    const { processor } = world({ concurrency: 4 });
    await processor.process(Array(100).fill('x'), async () => {});
    // One of the clock at most, however many calls there were: the next deadline, should one come.
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
    await processor.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
