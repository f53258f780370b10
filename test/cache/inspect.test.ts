import { describe, expect, it } from 'vitest';
import { DeferredLoader, heard, testCache } from './deferred.js';

describe('inspect', () => {
  it('says all there is to say about a value', async () => {
    const { cache, clock } = testCache({ ttl: 100, stale: 50 });
    await cache.getOrSet(
      'k',
      () => {
        clock.advance(7);
        return 'v';
      },
      { tags: ['a', 'b'] },
    );
    cache.peek('k');
    clock.advance(30);
    const seen = cache.inspect('k');
    expect(seen).toMatchObject({
      tier: 'memory',
      state: 'fresh',
      ageMs: 30,
      freshForMs: 70,
      loaderMs: 7,
      hits: 1,
      inFlight: false,
    });
    expect(seen.bytes).toBe(cache.bytes);
    expect(Object.keys(seen.tags!)).toEqual(['a', 'b']);
    clock.advance(100);
    expect(cache.inspect('k')).toMatchObject({ state: 'stale', freshForMs: -30 });
    clock.advance(20);
    expect(cache.inspect('k')).toMatchObject({ state: 'expired' });
  });

  it('says why a value does not hit: which tag, or that it was invalidated, or is not there', async () => {
    const { cache } = testCache();
    await cache.set('k', 'v', { tags: ['a', 'b'] });
    await cache.invalidateTags(['b']);
    const { state, tags } = cache.inspect('k');
    expect(state).toBe('tag');
    expect(tags!['a']![0]).toBeGreaterThanOrEqual(tags!['a']![1]);
    expect(tags!['b']![0]).toBeLessThan(tags!['b']![1]);
    await cache.set('l', 'v');
    await cache.invalidate('l*');
    expect(cache.inspect('l').state).toBe('invalidated');
    expect(cache.inspect('m')).toEqual({ tier: 'none', state: 'absent', inFlight: false });
  });

  it('sees a load under way', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load);
    expect(cache.inspect('k')).toEqual({ tier: 'none', state: 'absent', inFlight: true });
    expect(cache.stats().inFlight).toBe(1);
    loader.last.resolve('v');
    await read;
    expect(cache.inspect('k').inFlight).toBe(false);
  });

  it('counts nothing and changes nothing, not even what has expired', async () => {
    const { cache, clock } = testCache({ ttl: 10 });
    const events = [heard(cache, 'hit'), heard(cache, 'miss')];
    await cache.set('k', 'v');
    const before = cache.stats();
    cache.inspect('k');
    await cache.has('k');
    await cache.getEntry('k');
    await cache.has('absent');
    expect(cache.stats()).toEqual(before);
    clock.advance(10);
    cache.inspect('k');
    expect(cache.stats()).toEqual(before);
    expect(events).toEqual([[], []]);
  });
});

describe('getEntry', () => {
  it('gives the value with state, age and tier', async () => {
    const { cache, clock } = testCache<undefined | string>({ ttl: 10, stale: 10 });
    await cache.set('k', 'v');
    clock.advance(4);
    expect(await cache.getEntry('k')).toMatchObject({
      value: 'v',
      state: 'fresh',
      ageMs: 4,
      freshForMs: 6,
      tier: 'memory',
    });
    expect(await cache.getEntry('absent')).toBeUndefined();
  });
});

describe('hotKeys', () => {
  it('names the keys with the most hits, with the loader time these have saved', async () => {
    const { cache, clock } = testCache();
    for (const [key, hits] of Object.entries({ a: 1, b: 3, c: 2, d: 0 })) {
      await cache.getOrSet(key, () => {
        clock.advance(10);
        return 'v';
      });
      for (let i = 0; i < hits; i++) await cache.get(key);
    }
    expect(cache.hotKeys(2)).toEqual([
      { key: 'b', hits: 3, loaderMs: 10, savedMs: 30, bytes: expect.any(Number) },
      { key: 'c', hits: 2, loaderMs: 10, savedMs: 20, bytes: expect.any(Number) },
    ]);
    expect(cache.hotKeys()).toHaveLength(4);
    expect(cache.hotKeys(0)).toEqual([]);
  });

  it('keeps a key hot over its refreshes', async () => {
    const { cache } = testCache();
    await cache.set('k', '1');
    cache.peek('k');
    await cache.set('k', '2');
    cache.peek('k');
    expect(cache.hotKeys(1)).toMatchObject([{ key: 'k', hits: 2 }]);
  });
});

describe('stats', () => {
  it('adds up loader time spent and saved', async () => {
    const { cache, clock } = testCache();
    const load = () => {
      clock.advance(20);
      return 'v';
    };
    expect(cache.stats()).toMatchObject({ hitRate: 0, hits: 0, misses: 0, bytes: 0 });
    await cache.getOrSet('k', load);
    await cache.getOrSet('k', load);
    cache.peek('k');
    await cache
      .getOrSet('l', () => {
        clock.advance(5);
        throw new Error('down');
      })
      .catch(() => {});
    expect(cache.stats()).toMatchObject({ loadMs: 25, savedMs: 40, loads: 2, loadErrors: 1, hits: 2, memoryHits: 2 });
    expect(cache.stats().hitRate).toBeCloseTo(0.5);
  });
});
