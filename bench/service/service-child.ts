// Child of the targets: a service under load, in real time. Prints one JSON object.
import { loadSubject } from '../subject.js';
import { watchResources } from './resource-use.js';
import { modelLatency, percentile, QUESTIONS, REQUESTS_PER_SECOND, seededRandom, zipf } from './workload.js';

const seconds = Number(process.argv[2] ?? '20');
const { CacheManager } = await loadSubject();
const random = seededRandom(4);
const nextQuestion = zipf(QUESTIONS, random);
const nextLatency = modelLatency(random);
const cache = new CacheManager<string>({ ttl: '1h', memory: { maxEntries: 10_000 } });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const withCache: number[] = [];
const without: number[] = [];
const loading = new Set<number>();
const asked = new Map<number, { requests: number; hits: number }>();

async function answer(question: number, latencyMs: number): Promise<void> {
  // Neither who loads nor who waits for another's load has found the answer in the cache.
  let waited = loading.has(question);
  const start = performance.now();
  await cache.getOrSet(`question:${question}`, async () => {
    waited = true;
    loading.add(question);
    await sleep(latencyMs);
    loading.delete(question);
    return `The answer to ${question}. `.repeat(100);
  });
  withCache.push(performance.now() - start);
  const seen = asked.get(question) ?? { requests: 0, hits: 0 };
  asked.set(question, { requests: seen.requests + 1, hits: seen.hits + (waited ? 0 : 1) });
}

const stop = watchResources();
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
const elapsedMs = performance.now() - start;
const resources = stop();
await cache.close();

process.stdout.write(
  JSON.stringify({
    requests: withCache.length,
    p95Ms: percentile(withCache, 0.95),
    p95WithoutMs: percentile(without, 0.95),
    perMinute: withCache.length / (elapsedMs / 60_000),
    asked: [...asked.values()],
    ...resources,
  }),
);
