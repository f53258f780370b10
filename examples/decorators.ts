// Methods: the cache comes from the instance, because decoration happens before the instance exists.
import assert from 'node:assert/strict';
import { CacheManager, cacheResult, invalidates } from 'hotpath';

class Prices {
  readonly cache = new CacheManager({ ttl: '1m' });
  lookups = 0;

  @cacheResult((self: Prices) => self.cache, { tags: (_price: number, item: string) => [`item:${item}`] })
  async priceOf(item: string): Promise<number> {
    this.lookups++;
    return item.length * 100;
  }

  @invalidates((self: Prices) => self.cache, { tags: (_result: unknown, item: string) => [`item:${item}`] })
  async reprice(_item: string): Promise<void> {}
}

const prices = new Prices();
await prices.priceOf('lamp');
await prices.priceOf('lamp');
assert.equal(prices.lookups, 1);
await prices.reprice('lamp');
await prices.priceOf('lamp');
assert.equal(prices.lookups, 2);

console.log(prices.cache.hotKeys(3));
