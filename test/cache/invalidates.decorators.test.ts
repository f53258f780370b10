import { beforeEach, describe, expect, it } from 'vitest';
import { CacheManager, cacheResult, invalidates } from '../../src/cache/index.js';

const shared = new CacheManager();

class Shops {
  readonly cache = shared;
  readonly sales: Record<string, number> = {};
  static openings = 0;

  @cacheResult((self: Shops) => self.cache, { tags: (_total: number, shop: string) => [`shop:${shop}`] })
  async total(shop: string): Promise<number> {
    return this.sales[shop] ?? 0;
  }
  @invalidates((self: Shops) => self.cache, { tags: (_result: unknown, shop: string) => [`shop:${shop}`] })
  async sell(shop: string, amount: number): Promise<void> {
    if (amount < 0) throw new RangeError('amount');
    this.sales[shop] = (this.sales[shop] ?? 0) + amount;
  }
  @invalidates(shared, { keys: ['openings'] })
  static async open(): Promise<number> {
    return ++Shops.openings;
  }
}
class Franchise extends Shops {}

/** The same by hand, as TypeScript's `experimentalDecorators` calls it. */
class LegacyShops {
  readonly cache = shared;
  value = 1;
  async raise(_shop: string): Promise<number> {
    return ++this.value;
  }
}
const descriptor = Object.getOwnPropertyDescriptor(LegacyShops.prototype, 'raise') as TypedPropertyDescriptor<
  (shop: string) => Promise<number>
>;
Object.defineProperty(
  LegacyShops.prototype,
  'raise',
  invalidates((self: LegacyShops) => self.cache, { tags: (_result: number, shop: string) => [`shop:${shop}`] })(
    LegacyShops.prototype,
    'raise',
    descriptor,
  ),
);

beforeEach(() => shared.clear());

describe.each([Shops, Franchise])('a method under the standard decorator, in %o', (Class) => {
  it('takes out what it makes old, once it has succeeded', async () => {
    const shops = new Class();
    expect([await shops.total('a'), await shops.total('b')]).toEqual([0, 0]);
    await expect(shops.sell('a', -1)).rejects.toThrow(RangeError);
    shops.sales['a'] = 5;
    shops.sales['b'] = 5;
    expect(await shops.total('a')).toBe(0);
    await shops.sell('a', 1);
    expect([await shops.total('a'), await shops.total('b')]).toEqual([6, 0]);
  });

  it('may be static, and keeps name and length', async () => {
    await shared.set('openings', 0);
    await Class.open();
    expect(await shared.get('openings')).toBeUndefined();
    expect([Class.prototype.sell.name, Class.prototype.sell.length]).toEqual(['sell', 2]);
  });
});

it('serves as a legacy decorator', async () => {
  await shared.set('total', 1, { tags: ['shop:a'] });
  const shops = new LegacyShops();
  expect(await shops.raise('b')).toBe(2);
  expect(await shared.get('total')).toBe(1);
  expect(await shops.raise('a')).toBe(3);
  expect(await shared.get('total')).toBeUndefined();
});
