import { expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';

it('works', async () => {
  const c = new CacheManager();
  expect(await c.getOrSet('a', () => 1)).toBe(1);
  expect(await c.getOrSet('a', () => 2)).toBe(1);
  await c.delete('a');
  expect(await c.getOrSet('a', () => 2)).toBe(2);
  expect(c.stats()).toMatchObject({ hits: 1, misses: 2 });
});
