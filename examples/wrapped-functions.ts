// The same cache as a wrapper around plain functions: one reads, one makes what was read old.
import assert from 'node:assert/strict';
import { CacheManager, cacheResult, compose, invalidates } from 'hotpath';

interface Sale {
  readonly shop: string;
  readonly amount: number;
}

const sales: Sale[] = [{ shop: 'north', amount: 10 }];
const cache = new CacheManager({ ttl: '10m' });

async function totalOf(shop: string): Promise<number> {
  return sales.filter((sale) => sale.shop === shop).reduce((sum, sale) => sum + sale.amount, 0);
}

async function addSale(sale: Sale): Promise<void> {
  sales.push(sale);
}

const total = cacheResult(cache, { tags: (_result: number, shop: string) => [`shop:${shop}`] })(totalOf);
const add = compose(addSale, invalidates(cache, { tags: (_result: unknown, sale: Sale) => [`shop:${sale.shop}`] }));

assert.equal(await total('north'), 10);
sales.push({ shop: 'north', amount: 1 });
assert.equal(await total('north'), 10, 'a change the cache was not told of is not seen');
await add({ shop: 'north', amount: 5 });
assert.equal(await total('north'), 16, 'one it was told of is');

console.log(cache.inspect('totalOf:["north"]'));
