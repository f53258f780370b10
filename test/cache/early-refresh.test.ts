import { describe, expect, it, vi } from 'vitest';
import { carefreeUntil, refreshesEarly } from '../../src/cache/freshness.js';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, testCache } from './deferred.js';

/** -ln(1 - random) = 1: a lead of exactly one loader time (and a hair, against rounding). */
const ONE_LOADER_TIME = 1 - Math.exp(-1) + 1e-9;

async function loaded(options: { earlyRefresh?: number; random?: () => number; loaderMs?: number }) {
  const { loaderMs = 100, ...rest } = options;
  const made = testCache({ ttl: 1000, earlyRefresh: 1, ...rest });
  await made.cache.getOrSet('k', () => {
    made.clock.advance(loaderMs);
    return 'old';
  });
  return { ...made, loader: new DeferredLoader() };
}

describe('a fresh value near its end', () => {
  it('is served while one reader refreshes it in the background, its lead drawn in loader times', async () => {
    const { cache, clock, loader } = await loaded({ random: () => ONE_LOADER_TIME });
    clock.advance(899);
    expect(await cache.getOrSet('k', loader.load)).toBe('old');
    expect(loader.runs).toBe(0);
    clock.advance(1);
    expect(await cache.getOrSet('k', loader.load)).toBe('old');
    expect(await cache.getOrSet('k', loader.load)).toBe('old');
    expect(loader.runs).toBe(1);
    loader.last.resolve('new');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('new');
    expect(cache.stats()).toMatchObject({ staleHits: 0, refreshes: 1 });
  });

  it('is refreshed sooner the dearer it was to load, and the more eager the cache', async () => {
    for (const [loaderMs, earlyRefresh, lead] of [
      [100, 1, 100],
      [200, 1, 200],
      [100, 3, 300],
    ] as const) {
      const { cache, clock, loader } = await loaded({ loaderMs, earlyRefresh, random: () => ONE_LOADER_TIME });
      clock.advance(1000 - lead - 1);
      await cache.getOrSet('k', loader.load);
      expect(loader.runs).toBe(0);
      clock.advance(1);
      await cache.getOrSet('k', loader.load);
      expect(loader.runs).toBe(1);
    }
  });

  it('is left alone when the draw says so, and when early refresh is off', async () => {
    for (const options of [{ random: () => 0 }, { earlyRefresh: 0, random: () => 0.999999 }]) {
      const { cache, clock, loader } = await loaded(options);
      clock.advance(999);
      expect(await cache.getOrSet('k', loader.load)).toBe('old');
      expect(loader.runs).toBe(0);
    }
  });

  it('that was written, not loaded, has no loader time and is not refreshed early', async () => {
    const { cache, clock } = testCache({ ttl: 1000, earlyRefresh: 1, random: () => 0.999999 });
    await cache.set('k', 'v');
    clock.advance(999);
    const load = vi.fn(() => 'new');
    expect(await cache.getOrSet('k', load)).toBe('v');
    expect(load).not.toHaveBeenCalled();
  });

  it('leaves a loader alone that has just failed', async () => {
    const { cache, clock, loader } = await loaded({ random: () => ONE_LOADER_TIME });
    clock.advance(950);
    await cache.getOrSet('k', loader.load);
    loader.last.reject(new Error('down'));
    await flushMicrotasks();
    expect(await cache.getOrSet('k', loader.load)).toBe('old');
    expect(loader.runs).toBe(1);
  });

  it('is fenced like any other load', async () => {
    const { cache, clock, loader } = await loaded({ random: () => ONE_LOADER_TIME });
    clock.advance(950);
    await cache.getOrSet('k', loader.load);
    await cache.delete('k');
    loader.last.resolve('read before the delete');
    await flushMicrotasks();
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('the draw', () => {
  const life = { storedAt: 0, ttlMs: 1000, staleMs: 0 };

  it('has the distribution of XFetch: at one loader time before the end, one reader in e', () => {
    const draws = Array.from({ length: 10_000 }, (_, i) => refreshesEarly(900, life, 100, 1, () => (i + 0.5) / 10_000));
    expect(draws.filter(Boolean).length / 10_000).toBeCloseTo(Math.exp(-1), 3);
  });

  it('never strikes before the moment until which hits need no second look', () => {
    const until = carefreeUntil(life, 10, 2);
    expect(until).toBeLessThan(1000);
    expect(refreshesEarly(until - 1, life, 10, 2, () => 1 - Number.EPSILON)).toBe(false);
    expect(refreshesEarly(until, life, 10, 2, () => 1 - Number.EPSILON)).toBe(true);
  });
});
