import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { modelLatency, percentile, seededRandom, zipf } from '../bench/service/workload.js';
import { AsyncProcessor } from '../src/async/index.js';
import { CacheManager } from '../src/cache/index.js';
import { MemoryManager } from '../src/memory/index.js';
import { PerformanceMonitor } from '../src/monitor/index.js';
import type { MemoryFigures } from './adr-004-memory-child.js';
import { flushMicrotasks, ManualClock } from './manual-clock.js';
import { ScriptedReader } from './memory/scripted-reader.js';

const run = promisify(execFile);

// The "Performance Test Suite" of the strategy document, under its own names.
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

  test('test_memory_usage', async () => {
    // What is judged: the share of the limit that is nearest, here V8's of 1,000 Mb, and of one container of 2,000.
    const reader = new ScriptedReader({ heapLimitMb: 1_000, limitMb: 2_000 });
    const memory = new MemoryManager({ reader, clock: new ManualClock(), gc: 'off' });
    const verdictAt = (heapUsedMb: number, rssMb: number): object => {
      Object.assign(reader, { heapUsedMb, heapCommittedMb: heapUsedMb, rssMb });
      const { level, signal, fraction } = memory.checkMemoryUsage();
      return { level, signal, fraction };
    };
    expect(verdictAt(100, 1_300)).toEqual({ level: 'normal', signal: 'rss', fraction: 0.65 });
    expect(verdictAt(700, 1_300)).toEqual({ level: 'elevated', signal: 'heap', fraction: 0.7 });
    expect(verdictAt(800, 1_300)).toEqual({ level: 'high', signal: 'heap', fraction: 0.8 });
    expect(verdictAt(800, 1_800)).toEqual({ level: 'critical', signal: 'rss', fraction: 0.9 });
    await memory.close();

    // A real process: the document's list of doubles, 2,000 times, with a cache at its bound and a manager that acts after each.
    const figures = await memoryFigures();
    expect(figures.operations).toBeGreaterThanOrEqual(1_000);
    expect(figures.evictions).toBeGreaterThan(figures.operations / 2);
    expect(figures.endMb / figures.settledMb - 1).toBeLessThan(0.1);
    expect(figures.endMb - figures.settledMb).toBeLessThan(100);

    // Then another cache outgrows the critical share, and memory is optimized: by giving it back, not by a collection alone.
    expect(figures).toMatchObject({ criticalLevel: 'critical', isAdmittedAtCritical: false, entriesAfter: 0 });
    expect(figures.criticalFraction).toBeGreaterThanOrEqual(figures.criticalShare);
    expect(figures.optimized).toMatchObject({ level: 'critical', kinds: ['trim', 'trim', 'gc'] });
    expect(figures.optimized.freedMb).toBeGreaterThan(10);
    expect(figures.afterFraction).toBeLessThan(0.9 * figures.criticalShare);
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

/** What a process of its own, with real collections, says of its memory. Bundled first: a compiler in it would take memory. */
async function memoryFigures(): Promise<MemoryFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-adr-004-'));
  try {
    const outfile = join(folder, 'child.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('./adr-004-memory-child.ts', import.meta.url))],
      outfile,
      ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
    });
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { stdout } = await run(process.execPath, ['--expose-gc', '--max-old-space-size=96', outfile], { env });
    return JSON.parse(stdout) as MemoryFigures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
