import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import type { RateLimitStore, StoreAnswer } from '../../src/async/rate/rate-limit-store.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { answerTo, HeldCalls } from './held-calls.js';

const usage = { requests: 1, tokens: 0, processes: 1, epoch: '1' };

/** A store that answers when the test says so. */
class AskedStore implements RateLimitStore {
  readonly asked: ((answer: StoreAnswer) => void)[] = [];
  most = 0;
  /** Requests that were given back. */
  givenBack = 0;
  coolDowns: number[] = [];
  closed = 0;

  reserve(): Promise<StoreAnswer> {
    return new Promise((resolve) => {
      this.asked.push(resolve);
      this.most = Math.max(this.most, this.asked.length);
    });
  }

  grant(): void {
    this.asked.shift()!({ granted: true, ticket: 't', usage });
  }

  refuse(waitMs: number): void {
    this.asked.shift()!({ granted: false, waitMs, usage });
  }

  async settle(_key: string, _ticket: string, change: { requests: number }): Promise<void> {
    this.givenBack -= change.requests;
  }

  async coolDown(_key: string, ms: number): Promise<void> {
    this.coolDowns.push(ms);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

describe('a rate limit that is shared', () => {
  let clock: ManualClock;
  let store: AskedStore;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    store = new AskedStore();
    calls = new HeldCalls();
  });

  const world = (options: AsyncProcessorOptions = {}) =>
    new AsyncProcessor({ concurrency: 2, rateLimit: { requestsPerMinute: 100, store }, clock, ...options });

  it('is asked for no more calls than there are slots, which are kept for them', async () => {
    const processor = world();
    const batch = processor.process(['a', 'b', 'c'], calls.forItem);
    const all: Promise<unknown>[] = [batch, processor.run(calls.as('d'))];
    for (let answers = 0; answers < 4; ) {
      await flushMicrotasks();
      expect(store.asked.length + calls.running.length).toBeLessThanOrEqual(2);
      if (store.asked.length > 0) {
        store.grant();
        answers++;
      } else {
        calls.running[0]!.succeed();
      }
    }
    await flushMicrotasks();
    calls.succeedAll();
    await Promise.all(all);
    expect(await batch).toEqual(['a', 'b', 'c'].map(answerTo));
    expect([store.most <= 2, calls.most]).toEqual([true, 2]);
  });

  it('is asked again after as long as it says', async () => {
    const processor = world();
    const call = processor.run(calls.as('a'));
    await flushMicrotasks();
    store.refuse(5_000);
    await flushMicrotasks();
    await clock.advanceAsync(4_999);
    expect(store.asked).toHaveLength(0);
    await clock.advanceAsync(1);
    store.grant();
    await flushMicrotasks();
    calls.succeedAll();
    expect(await call).toBe(answerTo('a'));
    expect(processor.stats().rateLimitedMs).toBe(5_000);
  });

  it('gets back what was granted to a call that has left meanwhile, and the next one is asked for', async () => {
    const processor = world();
    const stop = new AbortController();
    const gone = processor.run(calls.as('gone'), { signal: stop.signal });
    const stays = processor.run(calls.as('stays'));
    await flushMicrotasks();
    stop.abort();
    await expect(gone).rejects.toBe(stop.signal.reason);
    store.grant();
    await flushMicrotasks();
    expect(store.givenBack).toBe(1);
    store.grant();
    await flushMicrotasks();
    calls.succeedAll();
    await stays;
    expect(calls.begun).toEqual(['stays']);
  });

  it('is not waited for by drain() longer than for the answer about a call that has left', async () => {
    const processor = world();
    const stop = new AbortController();
    const gone = processor.run(calls.as('gone'), { signal: stop.signal });
    await flushMicrotasks();
    stop.abort();
    await expect(gone).rejects.toBe(stop.signal.reason);
    const drained = processor.drain();
    await flushMicrotasks();
    store.grant();
    await expect(drained).resolves.toMatchObject({ completed: 0, aborted: false });
  });

  it('does not let a call through a breaker that has opened meanwhile', async () => {
    const processor = world({ breaker: { consecutive: 1, cooldown: '1m' } });
    const failed = processor.run(calls.as('fails'));
    failed.catch(() => {});
    await flushMicrotasks();
    store.grant();
    await flushMicrotasks();
    const refused = processor.run(calls.as('refused'));
    refused.catch(() => {});
    await flushMicrotasks();
    calls.of('fails').fail(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    await flushMicrotasks();
    expect(processor.stats().breaker).toBe('open');
    store.grant();
    await expect(refused).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    await flushMicrotasks();
    expect([calls.begun, store.givenBack]).toEqual([['fails'], 1]);
  });

  it('lets calls in that find a slot, be nobody allowed to wait', async () => {
    const processor = world({ queue: { max: 0 } });
    const both = [processor.run(calls.as('a')), processor.run(calls.as('b'))];
    const third = processor.run(calls.as('c'));
    await expect(third).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    for (let i = 0; i < 2; i++) {
      store.grant();
      await flushMicrotasks();
    }
    calls.succeedAll();
    expect(await Promise.all(both)).toEqual(['a', 'b'].map(answerTo));
  });

  it('is told of a pause that the service asks for, and closed with its processor', async () => {
    const processor = world();
    processor.observeResponse(429, { 'retry-after': '3' });
    await flushMicrotasks();
    expect(store.coolDowns).toEqual([3_000]);
    await processor.close();
    await clock.advanceAsync(10_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
