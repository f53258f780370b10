// Many keys, one query for those that are missing, merged with single reads that are under way.
import assert from 'node:assert/strict';
import { CacheManager } from 'hotpath';

const cache = new CacheManager<string>({ ttl: '10m' });
const queries: string[][] = [];

async function loadUsers(ids: readonly string[]): Promise<string[]> {
  queries.push([...ids]);
  return ids.map((id) => `user ${id}`);
}

const single = cache.getOrSet('2', async () => 'user 2');
const users = await cache.getOrSetMany(['1', '2', '3'], loadUsers);

assert.deepEqual(
  [...users],
  [
    ['1', 'user 1'],
    ['2', 'user 2'],
    ['3', 'user 3'],
  ],
);
assert.deepEqual(queries, [['1', '3']], 'key 2 was being loaded already, so the batch waited for it');
assert.equal(await single, 'user 2');

console.log(await cache.getMany(['1', '9']));
