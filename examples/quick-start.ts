// A cache in front of a slow function: one load for many callers, gone when the data changes.
import assert from 'node:assert/strict';
import { CacheManager } from 'hotpath';

const cache = new CacheManager({ ttl: '5m', stale: '1h' });

let runs = 0;
async function loadReport(year: number): Promise<{ year: number; total: number }> {
  runs++;
  return { year, total: 42 };
}

const report = (year: number) => cache.getOrSet(`report:${year}`, () => loadReport(year), { tags: ['table:sales'] });

await Promise.all([report(2024), report(2024), report(2024)]);
assert.equal(runs, 1, 'three callers at once share one run');

await cache.invalidateTags(['table:sales']);
await report(2024);
assert.equal(runs, 2, 'after the invalidation it is loaded again');

console.log(cache.stats());
