import { describe, expect, it, vi } from 'vitest';
import { freshness, jittered } from '../../src/cache/freshness.js';
import { CACHE_DEFAULTS } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { testCache } from './deferred.js';

describe('a value', () => {
  it('is fresh for its ttl and gone at the end of it', async () => {
    const { cache, clock } = testCache({ ttl: '1s' });
    await cache.set('k', 'v');
    clock.advance(999);
    expect(await cache.get('k')).toBe('v');
    expect(cache.peek('k')).toBe('v');
    clock.advance(1);
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.get('k')).toBeUndefined();
    expect(await cache.has('k')).toBe(false);
    expect(await cache.getEntry('k')).toBeUndefined();
  });

  it('counts its life from the moment it is stored, not from the start of the load', async () => {
    const { cache, clock } = testCache<number>({ ttl: 100 });
    await cache.getOrSet('k', () => {
      clock.advance(80);
      return 1;
    });
    clock.advance(99);
    expect(cache.peek('k')).toBe(1);
    clock.advance(1);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('is neither kept longer nor renewed by hits', async () => {
    const { cache, clock } = testCache({ ttl: 100 });
    await cache.set('k', 'v');
    for (let i = 0; i < 9; i++) {
      clock.advance(10);
      expect(cache.peek('k')).toBe('v');
    }
    clock.advance(10);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('takes the ttl of the write before the ttl of the cache', async () => {
    const { cache, clock } = testCache({ ttl: '1h' });
    await cache.set('short', 'v', { ttl: '1s' });
    await cache.getOrSet('loaded', () => 'v', { ttl: '1s' });
    await cache.setMany(
      [
        ['own', 'v', { ttl: '3s' }],
        ['common', 'v'],
      ],
      { ttl: '1s' },
    );
    clock.advance(1000);
    expect((await cache.getMany(['short', 'loaded', 'own', 'common'])).size).toBe(1);
    expect(cache.peek('own')).toBe('v');
  });

  it('takes the ttl that the loader names before any other', async () => {
    const { cache, clock } = testCache({ ttl: '1h' });
    const load = ({ ttl }: { ttl: (d: '1s') => void }) => {
      ttl('1s');
      return 'v';
    };
    await cache.getOrSet('k', load, { ttl: '1m' });
    clock.advance(1000);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('may live for ever', async () => {
    const { cache, clock } = testCache({ ttl: Number.POSITIVE_INFINITY, jitter: 0.5 });
    await cache.set('k', 'v');
    clock.advance(1e15);
    expect(cache.peek('k')).toBe('v');
  });

  it('takes no timer that outlives a load', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 10 });
    await cache.set('k', 'v');
    await cache.getOrSet('l', () => 'v');
    clock.advance(15);
    await cache.getOrSet('l', () => 'v');
    await flushMicrotasks();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what may not be kept for any time', () => {
  it('is not stored, and its load reaches the caller all the same', async () => {
    const { cache } = testCache();
    const load = vi.fn(() => 'v');
    expect(await cache.getOrSet('k', load, { ttl: 0 })).toBe('v');
    expect(await cache.getOrSet('k', load, { ttl: 0 })).toBe('v');
    expect(load).toHaveBeenCalledTimes(2);
    expect(await cache.set('k', 'v', { ttl: 0 })).toBe(false);
    expect(cache.stats().entries).toBe(0);
  });

  it('takes the older value with it', async () => {
    const { cache } = testCache();
    await cache.set('k', 'old');
    await cache.getOrSet('k', () => 'new', { ttl: 0, cache: 'refresh' });
    expect(cache.peek('k')).toBeUndefined();
    await cache.set('k', 'old');
    await cache.set('k', 'new', { ttl: 0 });
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('jitter', () => {
  it('only shortens, by its part of the ttl at the most, the same for the same key', () => {
    const lives = Array.from({ length: 1000 }, (_, i) => jittered(100_000, 0.1, `key:${i}`));
    expect(Math.max(...lives)).toBeLessThanOrEqual(100_000);
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(90_000);
    expect(lives).toEqual(Array.from({ length: 1000 }, (_, i) => jittered(100_000, 0.1, `key:${i}`)));
  });

  it('spreads keys that differ in one digit over the whole span', () => {
    const tenths = new Set(
      Array.from({ length: 200 }, (_, i) => Math.floor((100_000 - jittered(100_000, 0.1, `k${i}`)) / 1000)),
    );
    expect(tenths.size).toBeGreaterThanOrEqual(10);
  });

  it('reaches what is stored, by load and by set', async () => {
    const { cache, clock } = testCache({ jitter: 1, ttl: 1000 });
    const asked = jittered(1000, 1, 'k');
    await cache.set('k', 'v');
    await cache.getOrSet('k', () => 'v', { cache: 'refresh' });
    clock.advance(asked - 1);
    expect(cache.peek('k')).toBe('v');
    clock.advance(1);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('is on by default, and small', () => {
    expect(CACHE_DEFAULTS.jitter).toBe(0.05);
    expect(CACHE_DEFAULTS.ttl).toBe(3_600_000);
  });
});

it('freshness turns exactly at the ends of its windows', () => {
  const life = { storedAt: 1000, ttlMs: 100, staleMs: 50 };
  expect([1000, 1099, 1100, 1149, 1150].map((now) => freshness(now, life))).toEqual([
    'fresh',
    'fresh',
    'stale',
    'stale',
    'expired',
  ]);
});
