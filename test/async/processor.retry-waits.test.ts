import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import { permanent } from '../../src/async/retry/permanent.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { HeldCalls } from './held-calls.js';

const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

describe('a call that waits for another attempt', () => {
  let clock: ManualClock;
  let starts: number[];

  beforeEach(() => {
    clock = new ManualClock();
    starts = [];
  });

  const world = (retry: AsyncProcessorOptions['retry'], options: AsyncProcessorOptions = {}) => ({
    processor: new AsyncProcessor({ clock, random: () => 1 - 2 ** -40, retry: retry as never, ...options }),
  });

  /** Fails with this once, then succeeds. */
  const failing = (error: unknown) => {
    const began = clock.now();
    let isFirst = true;
    return async () => {
      starts.push(clock.now() - began);
      if (!isFirst) return 'answer';
      isFirst = false;
      throw error;
    };
  };

  it('gives its slot to others while it waits', async () => {
    const { processor } = world({ attempts: 2, backoff: 60_000 }, { concurrency: 1 });
    const failed = processor.run(failing(reset));
    await flushMicrotasks();
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
    expect(await processor.run(() => 'other')).toBe('other');
    await clock.advanceAsync(60_000);
    expect(await failed).toBe('answer');
  });

  it('goes before calls that have not begun, when it comes back', async () => {
    const { processor } = world({ attempts: 2, backoff: 1_000 }, { concurrency: 1 });
    const calls = new HeldCalls<string>();
    const all = Promise.all(['a', 'b', 'c', 'd'].map((item) => processor.run(calls.as(item))));
    await flushMicrotasks();
    calls.of('a').fail(reset);
    await flushMicrotasks();
    await clock.advanceAsync(1_000);
    for (let i = 0; i < 4; i++) {
      calls.succeedAll();
      await flushMicrotasks();
    }
    await all;
    expect(calls.begun).toEqual(['a', 'b', 'a', 'c', 'd']);
  });

  it('can be left while it waits for another attempt', async () => {
    const { processor } = world({ attempts: 2, backoff: 60_000 });
    const stop = new AbortController();
    const call = processor.run(failing(reset), { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    await expect(call).rejects.toBe(stop.signal.reason);
    const stopAll = new AbortController();
    const batch = processor.process(['x'], failing(reset), { signal: stopAll.signal });
    await flushMicrotasks();
    stopAll.abort();
    await expect(batch).rejects.toBe(stopAll.signal.reason);
    await clock.advanceAsync(120_000);
    expect(starts).toEqual([0, 0]);
  });

  it('can be left in the moment in which its wait is over', async () => {
    const { processor } = world({ attempts: 2, backoff: 1_000 }, { concurrency: 1 });
    const calls = new HeldCalls<string>();
    const stop = new AbortController();
    const call = processor.run(failing(reset), { signal: stop.signal });
    call.catch(() => {});
    await flushMicrotasks();
    const beside = processor.run(calls.as('has the slot'));
    clock.advance(1_000);
    stop.abort();
    await expect(call).rejects.toBe(stop.signal.reason);
    calls.succeedAll();
    await beside;
    expect([starts, processor.stats().queued]).toEqual([[0], 0]);
  });

  it('does not keep a batch waiting that another item has ended', async () => {
    const { processor } = world({ attempts: 2, backoff: 60_000 });
    const fatal = permanent(new Error('fatal'));
    const batch = processor.process(['a', 'b'], async (item) => {
      if (item === 'a') throw reset;
      await undefined;
      throw fatal;
    });
    await expect(batch).rejects.toBe(fatal);
  });
});
