import { describe, expect, test } from 'vitest';
import { modelLatency, percentile, seededRandom, zipf } from '../bench/service/workload.js';
import { AsyncProcessor } from '../src/async/index.js';
import { CacheManager } from '../src/cache/index.js';
import * as hotpath from '../src/index.js';
import { PerformanceMonitor } from '../src/monitor/index.js';
import { flushMicrotasks, ManualClock } from './manual-clock.js';

// The "Performance Test Suite" of the strategy document, under its own names. One of the four waits for its module.
describe('ADR-004', () => {
  test('test_response_time_target', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager<string>({ ttl: '1h', clock });
    const monitor = new PerformanceMonitor({ clock, operation: 'ask' });
    const uncached = new PerformanceMonitor({ clock, operation: 'ask', units: { ask: 'ms' } });
    const random = seededRandom(4);
    const nextQuestion = zipf(50, random);
    const nextLatency = modelLatency(random);
    const withCache: number[] = [];
    const without: number[] = [];

    for (let i = 0; i < 2_000; i++) {
      const latency = nextLatency();
      without.push(latency);
      uncached.recordMetric('ask', latency);
      const start = clock.now();
      const timer = monitor.startTimer('ask');
      const answer = cache.getOrSet(`question:${nextQuestion()}`, () => answerAfter(clock, latency));
      await untilSettled(clock, answer);
      timer.end();
      withCache.push(clock.now() - start);
    }

    // Without caching these very requests miss the target: the model alone takes longer than 3 s too often.
    expect(percentile(without, 0.95)).toBeGreaterThan(3_000);
    expect(percentile(withCache, 0.95)).toBeLessThanOrEqual(3_000);
    // The first caller of each question did wait for the model: the figure above is no artefact of a clock that stands still.
    expect(withCache.filter((ms) => ms > 0)).toHaveLength(50);

    // The monitor comes to the same verdicts, on figures within its 0.4 %.
    const judged = monitor.checkPerformanceTargets()['responseTimeP95'];
    expect(judged).toMatchObject({ met: true, target: 3_000, samples: 2_000, confidence: 'high' });
    expectWithin(judged?.actual, percentile(withCache, 0.95));
    // Requests that waited for the model: one in forty.
    expectWithin(monitor.getMetricStats('ask')?.p99, percentile(withCache, 0.99));
    const missed = uncached.checkPerformanceTargets()['responseTimeP95'];
    expect(missed).toMatchObject({ met: false, target: 3_000, samples: 2_000, confidence: 'high' });
    expectWithin(missed?.actual, percentile(without, 0.95));
    for (const each of [cache, monitor, uncached]) await each.close();
  });

  test('test_cache_performance', async () => {
    const cache = new CacheManager<string>();
    for (let i = 0; i < 100; i++) await cache.set(`key_${i}`, `value_${i}`);
    let hits = 0;
    for (let i = 0; i < 100; i++) {
      if ((await cache.get(`key_${i}`)) === `value_${i}`) hits++;
    }
    expect(hits / 100).toBeGreaterThanOrEqual(0.9);
    expect(cache.stats().hitRate).toBe(hits / 100);
    await cache.close();
  });

  test('test_memory_usage', ({ skip }) => {
    skipUntilBuilt('MemoryManager', skip);
  });

  test('test_async_processing', async () => {
    const clock = new ManualClock();
    const processor = new AsyncProcessor({ clock });
    const queries = Array.from({ length: 10 }, (_, i) => `query_${i}`);
    const processQuery = async (query: string): Promise<string> => {
      await answerAfter(clock, 100);
      return query.replace('query', 'result');
    };
    const timed = async (run: () => Promise<string[]>): Promise<{ results: string[]; ms: number }> => {
      const start = clock.now();
      const results = run();
      await untilSettled(clock, results);
      return { results: await results, ms: clock.now() - start };
    };

    const loop = await timed(async () => {
      const results: string[] = [];
      for (const query of queries) results.push(await processQuery(query));
      return results;
    });
    const batch = await timed(() => processor.process(queries, processQuery));

    // One after the other they miss the target: the figure below is no artefact of a clock that stands still.
    expect(loop.ms).toBeGreaterThanOrEqual(1_000);
    expect(batch.ms).toBeLessThan(1_000);
    expect(loop.ms / batch.ms).toBeGreaterThanOrEqual(3);
    expect(batch.results).toEqual(loop.results);
    expect(processor.stats()).toMatchObject({ completed: 10, failed: 0, active: 0, queued: 0 });

    // The document's sketch leaves failed queries out without a word. Here each has its outcome, in its place.
    const fails = async (query: string): Promise<string> => {
      if (query === 'query_3') throw new Error('no such table');
      return processQuery(query);
    };
    const settling = processor.process(queries, fails, { onError: 'settle' });
    await untilSettled(clock, settling);
    const outcomes = await settling;
    expect(outcomes.map(({ item }) => item)).toEqual(queries);
    expect(outcomes.filter(({ status }) => status === 'rejected').map(({ index }) => index)).toEqual([3]);
    await processor.close();
  });
});

/** Skips with the reason printed; fails as soon as the module exists, so that its test cannot be forgotten. */
function skipUntilBuilt(moduleName: string, skip: (note: string) => void): void {
  if (moduleName in hotpath) expect.fail(`${moduleName} is exported now: this test has to become a real one.`);
  skip(`${moduleName} is not built yet`);
}

function expectWithin(actual: number | null | undefined, exact: number): void {
  expect(Math.abs((actual ?? Number.NaN) - exact)).toBeLessThanOrEqual(0.004 * exact);
}

function answerAfter(clock: ManualClock, latencyMs: number): Promise<string> {
  return new Promise((resolve) => clock.setTimer(() => resolve('an answer'), latencyMs));
}

/** Moves simulated time on, 10 ms at a step, for as long as the request is waiting. */
async function untilSettled(clock: ManualClock, request: Promise<unknown>): Promise<void> {
  let settled = false;
  void request.then(() => {
    settled = true;
  });
  for (await flushMicrotasks(); !settled; await flushMicrotasks()) clock.advance(10);
}
