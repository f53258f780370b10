import { describe, expect, it } from 'vitest';
import { CacheManager, cacheResult, invalidates } from '../../src/cache/index.js';
import { compose } from '../../src/core/compose.js';

describe('compose', () => {
  it('applies the first wrapper innermost, like the decorator nearest the method', async () => {
    const order: string[] = [];
    const wrapper =
      (name: string) =>
      (fn: (n: number) => Promise<number>) =>
      async (n: number): Promise<number> => {
        order.push(`${name} in`);
        const result = await fn(n);
        order.push(`${name} out`);
        return result;
      };
    const fn = compose(async (n: number) => n + 1, wrapper('inner'), wrapper('outer'));
    expect(await fn(1)).toBe(2);
    expect(order).toEqual(['outer in', 'inner in', 'inner out', 'outer out']);
  });

  it('without wrappers is the function', () => {
    const fn = async (): Promise<number> => 1;
    expect(compose(fn)).toBe(fn);
  });

  it('gives each wrapper what the one before it made', () => {
    const seen: unknown[] = [];
    const fn = (): number => 1;
    const one = (given: () => number) => {
      seen.push(given);
      return () => given() + 1;
    };
    expect(compose(fn, one, one)()).toBe(3);
    expect(seen[0]).toBe(fn);
    expect(seen[1]).not.toBe(fn);
  });

  it('puts wrappers of the package together, which see the name of the function', async () => {
    const cache = new CacheManager();
    let runs = 0;
    async function rename(this: unknown, id: string): Promise<string> {
      return `${id} ${++runs}`;
    }
    const renamed = compose(
      rename,
      cacheResult(cache),
      invalidates(cache, { keys: (_result, id: string) => [`row:${id}`] }),
    );
    await cache.set('row:a', 1);
    expect([await renamed('a'), await renamed('a')]).toEqual(['a 1', 'a 1']);
    expect(await cache.get('row:a')).toBeUndefined();
    expect(renamed.name).toBe('rename');
    expect(await cache.get('rename:["a"]')).toBe('a 1');
  });
});
