// Not sure whether caching would help, or be safe? `observe` keeps the books and serves nothing.
import assert from 'node:assert/strict';
import { CacheManager, cacheResult } from 'hotpath';

const cache = new CacheManager({ mode: 'observe' });
let runs = 0;
const ask = cacheResult(cache)(async function ask(question: string) {
  runs++;
  return `answer to ${question}`;
});

for (const question of ['a', 'b', 'a', 'a']) await ask(question);
assert.equal(runs, 4, 'every call reached the function');
console.log(`would have hit ${cache.stats().hits} of 4`);
assert.equal(cache.stats().hits, 2);

cache.mode = 'on';
for (const question of ['a', 'b', 'a', 'a']) await ask(question);
assert.equal(runs, 6);
