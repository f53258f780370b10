// The source goes down: readers keep getting the last value while it is young enough, and the loader is left alone.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheManager } from 'hotpath';

const cache = new CacheManager<string>({ ttl: '20ms', stale: '1m', loader: { backoff: '1s' } });
cache.on('load:error', ({ key, servedStale }) =>
  console.log(`${key}: load failed, stale value served: ${servedStale}`),
);

let isUp = true;
let attempts = 0;
async function fetchRates(): Promise<string> {
  attempts++;
  if (!isUp) throw new Error('503');
  return 'rates of today';
}

await cache.getOrSet('rates', fetchRates);
isUp = false;
await sleep(40);
for (let i = 0; i < 100; i++) assert.equal(await cache.getOrSet('rates', fetchRates), 'rates of today');
assert.equal(attempts, 2, 'one failed attempt, then a pause');
