import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { RateLimitTooSmallError } from '../../src/async/errors.js';
import type { RateLimitOptions } from '../../src/async/processor-options.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';
import { HeldCalls } from './held-calls.js';

const MINUTE = 60_000;

describe('a rate limit', () => {
  let clock: ManualClock;
  let starts: number[];

  beforeEach(() => {
    clock = new ManualClock();
    starts = [];
  });

  const world = (rateLimit: RateLimitOptions, concurrency = 100) =>
    new AsyncProcessor({ concurrency, rateLimit, clock, random: () => 0 });

  const start = async (): Promise<void> => {
    starts.push(clock.now());
  };

  const pass = async (ms: number, step: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += step) await clock.advanceAsync(step);
  };

  /** The most that began in any window. */
  const mostIn = (windowMs: number): number =>
    Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + windowMs).length));

  it('holds in any window, also across its borders, and is used to the full', async () => {
    const processor = world({ requestsPerMinute: 20 });
    const batch = processor.process(Array(100).keys(), start);
    await pass(30_000, 100);
    const more = Promise.all(Array.from({ length: 20 }, () => processor.run(start)));
    await pass(6 * MINUTE, 100);
    await Promise.all([batch, more]);
    expect(starts).toHaveLength(120);
    expect(mostIn(MINUTE)).toBe(20);
    // 120 calls take five windows after the first 20.
    expect(starts.at(-1)! - starts[0]!).toBeLessThan(5.1 * MINUTE);
  });

  it('counts each attempt, of all methods alike', async () => {
    const processor = new AsyncProcessor({
      rateLimit: { requestsPerMinute: 4 },
      retry: { attempts: 2, backoff: 0, budget: Number.POSITIVE_INFINITY },
      clock,
    });
    const fails = async (): Promise<void> => {
      await start();
      throw new Error('again');
    };
    const all = [
      processor.run(fails).catch(() => {}),
      processor.process(['a'], fails, { onError: 'settle' }),
      processor.processBatches(['b'], 5, fails as never, { onError: 'settle' }),
    ];
    await pass(2 * MINUTE, 500);
    await Promise.all(all);
    expect([starts.length, mostIn(MINUTE)]).toEqual([6, 4]);
  });

  it('may count by another window', async () => {
    const processor = world({ requestsPerMinute: 2, window: '1s' });
    const batch = processor.process(Array(10).keys(), start);
    await pass(6_000, 10);
    await batch;
    expect(mostIn(1_000)).toBe(2);
    expect(starts.at(-1)! - starts[0]!).toBeLessThan(4_200);
  });

  it('may spread calls evenly', async () => {
    const processor = world({ requestsPerMinute: 60, spread: true });
    const batch = processor.process(Array(10).keys(), start);
    await pass(15_000, 100);
    await batch;
    const gaps = starts.slice(1).map((at, i) => at - starts[i]!);
    // One that begins late, as with this clock up to 100 ms, is no reason for the next to be late too.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(800);
    expect(starts.at(-1)! - starts[0]!).toBeGreaterThanOrEqual(8_700);
  });

  it('of tokens counts what each item reserves', async () => {
    const processor = world({ tokensPerMinute: 100 });
    const batch = processor.process([60, 30, 30, 60], start, { tokens: (n) => n });
    await flushMicrotasks();
    expect(starts).toHaveLength(2);
    await pass(2 * MINUTE, 100);
    await batch;
    expect(starts).toHaveLength(4);
  });

  it('gives back at once what a call says it has not used, and charges what it used beyond', async () => {
    const processor = world({ tokensPerMinute: 100 });
    const calls = new HeldCalls<string>();
    const first = processor.run(calls.as('first'), { tokens: 90 });
    const second = processor.run(calls.as('second'), { tokens: 50 });
    await flushMicrotasks();
    expect(calls.begun).toEqual(['first']);
    calls.of('first').context.settle(40);
    calls.of('first').succeed();
    await first;
    await pass(200, 100);
    expect(calls.begun).toEqual(['first', 'second']);
    calls.of('second').context.settle(60);
    calls.of('second').succeed();
    await second;
    const third = processor.run(calls.as('third'), { tokens: 1 });
    await pass(59_000, 1_000);
    expect(calls.begun).toHaveLength(2);
    await pass(2_000, 100);
    calls.of('third').succeed();
    await third;
  });

  it('of tokens holds in any window under any concurrency, with whatever calls really used', async () => {
    const random = new SeededRandom(seedOf('processor: tokens'));
    const processor = world({ tokensPerMinute: 1_000, requestsPerMinute: 40 }, 30);
    const used: [at: number, tokens: number][] = [];
    const items = Array.from({ length: 150 }, () => 1 + random.below(100));
    const batch = processor.process(
      items,
      async (reserved, { settle }) => {
        const tokens = random.below(reserved + 1);
        used.push([clock.now(), tokens]);
        for (let i = random.below(4); i > 0; i--) await flushMicrotasks();
        settle(tokens);
      },
      { tokens: (n) => n },
    );
    for (let i = 0; i < 20 * 120 && used.length < items.length; i++) await clock.advanceAsync(500);
    await batch;
    for (const [from] of used) {
      const inWindow = used.filter(([at]) => at >= from && at < from + MINUTE);
      expect(inWindow.length).toBeLessThanOrEqual(40);
      expect(inWindow.reduce((sum, [, tokens]) => sum + tokens, 0)).toBeLessThanOrEqual(1_000);
    }
  });

  it('refuses at once what can never fit', async () => {
    const processor = world({ tokensPerMinute: 100 });
    const refused: unknown = await processor.run(start, { tokens: 101 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitTooSmallError);
    expect((refused as Error).message).toContain('101 tokens');
    const outcomes = await processor.process([10, 101], start, { tokens: (n) => n, onError: 'settle' });
    expect(outcomes.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['fulfilled', 1],
      ['rejected', 0],
    ]);
  });

  it('takes a broken count of tokens for the fault of its item', async () => {
    const processor = world({ tokensPerMinute: 100 });
    const tokens = (n: number): number => {
      if (n === 1) throw new Error('cannot count');
      return n === 2 ? Number.NaN : n;
    };
    const outcomes = await processor.process([0, 1, 2, 3], start, { tokens, onError: 'settle' });
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[2]).toMatchObject({ reason: { name: 'InvalidOptionError' } });
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
  });

  it('lets nobody overtake whom it holds up, but a higher priority', async () => {
    const processor = world({ requestsPerMinute: 1 });
    const calls = new HeldCalls<string>();
    const all = ['a', 'b', 'c'].map((item) => processor.run(calls.as(item)));
    all.push(processor.run(calls.as('top'), { priority: 1 }));
    for (let i = 0; i < 4; i++) {
      await pass(61_000, 1_000);
      calls.succeedAll();
    }
    await Promise.all(all);
    expect(calls.begun).toEqual(['a', 'top', 'b', 'c']);
  });

  it('does not keep a place for who has left', async () => {
    const processor = world({ requestsPerMinute: 1 });
    const stop = new AbortController();
    await processor.run(start);
    const gone = processor.run(start, { signal: stop.signal });
    const stays = processor.run(start);
    await flushMicrotasks();
    stop.abort();
    await expect(gone).rejects.toBe(stop.signal.reason);
    await pass(61_000, 100);
    await stays;
    expect(starts).toHaveLength(2);
    expect(processor.stats().rateLimitedMs).toBeGreaterThan(59_000);
  });

  it('does not keep a batch waiting that an item has ended', async () => {
    const processor = world({ requestsPerMinute: 2 });
    const broken = new Error('broken');
    const batch = processor.process([1, 2, 3, 4], async (n) => {
      if (n === 2) throw broken;
    });
    await expect(batch).rejects.toBe(broken);
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
  });

  it('follows what responses say: fewer calls are left than were thought, or a smaller limit', async () => {
    const processor = world({ requestsPerMinute: 600 });
    const headers = {
      'x-ratelimit-limit-requests': '600',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '30s',
    };
    await processor.run((context) => {
      starts.push(clock.now());
      context.headers(headers);
    });
    const next = processor.run(start);
    await flushMicrotasks();
    expect(starts).toHaveLength(1);
    await pass(31_000, 100);
    await next;
    processor.observeResponse(200, { ...headers, 'x-ratelimit-reset-requests': '10s' });
    const later = processor.run(start);
    await flushMicrotasks();
    expect(starts).toHaveLength(2);
    await pass(11_000, 100);
    await later;
  });

  it('is learnt from a refusal that was seen beside the calls', async () => {
    const processor = world({});
    processor.observeResponse(429, { 'retry-after': '5' });
    expect(processor.stats().coolDownMs).toBe(5_000);
    const call = processor.run(start);
    await flushMicrotasks();
    expect(starts).toEqual([]);
    await pass(5_000, 1_000);
    await call;
    expect(() => processor.observeResponse(429, null as never)).not.toThrow();
  });
});
