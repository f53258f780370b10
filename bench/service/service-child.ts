// Child of the targets: a service under load, in real time, judged by its own PerformanceMonitor. Prints one JSON object.
import { loadMonitor } from '../monitor-subject.js';
import { loadSubject } from '../subject.js';
import { modelLatency, percentile, QUESTIONS, REQUESTS_PER_SECOND, seededRandom, zipf } from './workload.js';

const seconds = Number(process.argv[2] ?? '20');
/** What is asked ten times a minute is frequent. */
const FREQUENT = Math.max(2, Math.round(seconds / 6));
const { CacheManager } = await loadSubject();
const { PerformanceMonitor } = await loadMonitor();
const random = seededRandom(4);
const nextQuestion = zipf(QUESTIONS, random);
const nextLatency = modelLatency(random);
const cache = new CacheManager<string>({ ttl: '1h', memory: { maxEntries: 10_000 } });
const asked = new Map<number, { requests: number; hits: number }>();
const monitor = new PerformanceMonitor({
  interval: '100ms',
  targets: {
    hitRate: () => {
      const rate = hitRate(FREQUENT);
      const met = rate.actual === null ? null : rate.actual > 0.9;
      return { ...rate, target: 0.9, bound: 'min', unit: 'ratio', met };
    },
  },
});
monitor.attach({ cache });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const withCache: number[] = [];
const without: number[] = [];
const loading = new Set<number>();

/** Of questions asked at least so often: hits by requests. */
function hitRate(least: number): { actual: number | null; samples: number } {
  let requests = 0;
  let hits = 0;
  for (const question of asked.values()) {
    if (question.requests < least) continue;
    requests += question.requests;
    hits += question.hits;
  }
  return { actual: requests === 0 ? null : hits / requests, samples: requests };
}

async function answer(question: number, latencyMs: number): Promise<void> {
  // Neither who loads nor who waits for another's load has found the answer in the cache.
  let waited = loading.has(question);
  const timer = monitor.startTimer('request');
  await cache.getOrSet(`question:${question}`, async () => {
    waited = true;
    loading.add(question);
    await sleep(latencyMs);
    loading.delete(question);
    return `The answer to ${question}. `.repeat(100);
  });
  withCache.push(timer.end({ cache: waited ? 'miss' : 'hit' }));
  const seen = asked.get(question) ?? { requests: 0, hits: 0 };
  asked.set(question, { requests: seen.requests + 1, hits: seen.hits + (waited ? 0 : 1) });
}

const start = performance.now();
const running: Promise<void>[] = [];
while (performance.now() - start < seconds * 1_000) {
  const due = Math.floor(((performance.now() - start) / 1_000) * REQUESTS_PER_SECOND);
  while (running.length < due) {
    // What this request would wait for if nobody had asked before: the same draw, with and without the cache.
    const latency = nextLatency();
    without.push(latency);
    running.push(answer(nextQuestion(), latency));
  }
  await sleep(5);
}
await Promise.all(running);

const targets = monitor.checkPerformanceTargets();
const resources = monitor.reader.resources();
const peak = (name: string) => monitor.getMetricStats(name)?.max ?? 0;
const mean = (name: string) => monitor.getMetricStats(name)?.mean ?? 0;
process.stdout.write(
  JSON.stringify({
    targets,
    requests: withCache.length,
    exactP95Ms: percentile(withCache, 0.95),
    p95WithoutMs: percentile(without, 0.95),
    frequentQuestions: [...asked.values()].filter(({ requests }) => requests >= FREQUENT).length,
    questions: asked.size,
    hitRateOfAll: hitRate(0).actual,
    memory: peak('process_memory'),
    processCpu: mean('process_cpu'),
    eventLoop: mean('event_loop_utilization'),
    limitSource: resources?.limitSource,
    coresSource: resources?.coresSource,
  }),
);
await monitor.close();
await cache.close();
