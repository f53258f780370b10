import { describe, expect, it, vi } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

describe('a stale value', () => {
  it('is served at once while one refresh runs, whose value comes next', async () => {
    const { cache, clock } = testCache({ ttl: 100, stale: 50 });
    await cache.set('k', 'old');
    clock.advance(100);
    const loader = new DeferredLoader();
    const reads = await Promise.all([1, 2, 3].map(() => cache.getOrSet('k', loader.load)));
    expect(reads).toEqual(['old', 'old', 'old']);
    expect(loader.runs).toBe(1);
    loader.last.resolve('new');
    await flushMicrotasks();
    expect(await cache.getOrSet('k', loader.load)).toBe('new');
    expect(cache.stats()).toMatchObject({ staleHits: 3, hits: 4, misses: 0, refreshes: 1, loads: 1 });
  });

  it('is gone at the end of its stale window: callers wait for the load, joining a refresh under way', async () => {
    const { cache, clock } = testCache({ ttl: 100, stale: 50 });
    await cache.set('k', 'old');
    clock.advance(149);
    const loader = new DeferredLoader();
    expect(await cache.getOrSet('k', loader.load)).toBe('old');
    clock.advance(1);
    const read = cache.getOrSet('k', loader.load);
    expect(loader.runs).toBe(1);
    loader.last.resolve('new');
    expect(await read).toBe('new');
  });

  it('is for reads with a loader: get, peek, has and getMany do not hand it out, getEntry says what it is', async () => {
    const { cache, clock } = testCache({ ttl: 100, stale: 50 });
    await cache.set('k', 'old');
    clock.advance(120);
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.has('k')).toBe(false);
    expect(await cache.get('k', 'default')).toBe('default');
    expect((await cache.getMany(['k'])).size).toBe(0);
    expect(await cache.getEntry('k')).toMatchObject({ value: 'old', state: 'stale', ageMs: 120, freshForMs: -20 });
    expect(cache.stats().missReasons).toEqual({ expired: 2 });
  });

  it('has the stale window of its write, or of the cache', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 10 });
    await cache.set('common', 'v');
    await cache.set('none', 'v', { stale: 0 });
    await cache.getOrSet('long', () => 'v', { stale: '1h' });
    clock.advance(15);
    const states = await Promise.all(['common', 'none', 'long'].map((key) => cache.getEntry(key)));
    expect(states.map((entry) => entry?.state)).toEqual(['stale', undefined, 'stale']);
    clock.advance(1000);
    expect((await cache.getEntry('long'))?.state).toBe('stale');
  });

  it('gives way to what a refresh finds out, also where that is not stored', async () => {
    const { cache, clock } = testCache<string | undefined>({ ttl: 10, stale: 1000 });
    await cache.set('k', 'deleted at the source');
    clock.advance(10);
    await cache.getOrSet('k', () => undefined);
    await flushMicrotasks();
    expect(await cache.getEntry('k')).toBeUndefined();
    expect(await cache.getOrSet('k', () => undefined)).toBeUndefined();
  });

  it('is refreshed with the signal of nobody: an aborted reader does not end the refresh', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000 });
    await cache.set('k', 'old');
    clock.advance(10);
    const loader = new DeferredLoader();
    const controller = new AbortController();
    expect(await cache.getOrSet('k', loader.load, { signal: controller.signal })).toBe('old');
    controller.abort();
    expect(loader.last.context.signal.aborted).toBe(false);
  });
});

describe('background refreshes', () => {
  it('are limited: one too many is left out, not queued, and its reader gets the stale value', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000, maxRefreshes: 2 });
    const stale = heard(cache, 'stale');
    await cache.setMany(['a', 'b', 'c'].map((key) => [key, 'old'] as const));
    clock.advance(10);
    const loader = new DeferredLoader();
    for (const key of ['a', 'b', 'c']) expect(await cache.getOrSet(key, loader.load)).toBe('old');
    expect(loader.runs).toBe(2);
    expect(stale.map(({ refresh }) => refresh)).toEqual(['started', 'started', 'limit']);
    expect(cache.stats()).toMatchObject({ refreshes: 2, refreshesSkipped: 1 });
    loader.calls[0]!.resolve('new');
    await flushMicrotasks();
    await cache.getOrSet('c', loader.load);
    expect(loader.runs).toBe(3);
  });

  it('give their place back after a failure too', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000, maxRefreshes: 1 });
    await cache.setMany([
      ['a', 'old'],
      ['b', 'old'],
    ]);
    clock.advance(10);
    await cache.getOrSet('a', () => Promise.reject(new Error('down')));
    await flushMicrotasks();
    await cache.getOrSet('b', () => 'new');
    await flushMicrotasks();
    expect(cache.peek('b')).toBe('new');
  });

  it('can be forbidden altogether', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000, maxRefreshes: 0 });
    await cache.set('k', 'old');
    clock.advance(10);
    const load = vi.fn(() => 'new');
    expect(await cache.getOrSet('k', load)).toBe('old');
    expect(load).not.toHaveBeenCalled();
  });

  it('are told to waitUntil until they have ended, well or not', async () => {
    const told: Promise<void>[] = [];
    const { cache, clock } = testCache({ ttl: 10, stale: 1000, waitUntil: (refresh) => told.push(refresh) });
    await cache.getOrSet('k', () => 'old');
    expect(told).toHaveLength(0);
    clock.advance(10);
    const loader = new DeferredLoader();
    await cache.getOrSet('k', loader.load);
    expect(told).toHaveLength(1);
    let ended = false;
    void told[0]!.then(() => {
      ended = true;
    });
    await flushMicrotasks();
    expect(ended).toBe(false);
    loader.last.reject(new Error('down'));
    expect(await told[0]).toBeUndefined();
  });

  it('run although waitUntil throws, which is reported', async () => {
    const { cache, clock } = testCache({
      ttl: 10,
      stale: 1000,
      waitUntil: () => {
        throw new Error('no request is open');
      },
    });
    const troubles = heard(cache, 'error');
    await cache.set('k', 'old');
    clock.advance(10);
    expect(await cache.getOrSet('k', () => 'new')).toBe('old');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('new');
    expect(troubles).toMatchObject([{ during: 'waitUntil' }]);
  });
});
