import { describe, expect, it, vi } from 'vitest';
import { DeferredLoader, heard, testCache } from './deferred.js';

describe('mode: off', () => {
  it('calls straight through: reads nothing, stores nothing, shares nothing, counts nothing', async () => {
    const { cache } = testCache<number>({ mode: 'off' });
    const load = vi.fn(() => 1);
    expect(await Promise.all([cache.getOrSet('k', load), cache.getOrSet('k', load)])).toEqual([1, 1]);
    expect(load).toHaveBeenCalledTimes(2);
    expect(await cache.set('k', 1)).toBe(false);
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.get('k', 7)).toBe(7);
    expect(await cache.has('k')).toBe(false);
    expect([...(await cache.getOrSetMany(['a', 'b'], (missing) => missing.map(() => 2)))]).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, loads: 0, entries: 0 });
  });

  it('rejects with what the loader throws', async () => {
    const { cache } = testCache({ mode: 'off' });
    const error = new Error('down');
    const load = () => {
      throw error;
    };
    await expect(cache.getOrSet('k', load)).rejects.toBe(error);
  });

  it('never loads for cache: only', async () => {
    const { cache } = testCache<number>({ mode: 'off' });
    const load = vi.fn(() => 1);
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBeUndefined();
    expect((await cache.getOrSetMany(['k'], () => [load()], { cache: 'only' })).size).toBe(0);
    expect(load).not.toHaveBeenCalled();
  });

  it('passes the signal of the caller to the loader', async () => {
    const { cache } = testCache<unknown>({ mode: 'off' });
    const { signal } = new AbortController();
    expect(await cache.getOrSet('k', (context) => context.signal, { signal })).toBe(signal);
  });

  it('keeps what was there for later, less what was written or invalidated meanwhile', async () => {
    const { cache } = testCache();
    await cache.setMany(['kept', 'written', 'deleted', 'tagged'].map((key) => [key, 'old', { tags: [key] }] as const));
    const loader = new DeferredLoader();
    const read = cache.getOrSet('loading', loader.load);
    cache.mode = 'off';
    await cache.set('written', 'new');
    await cache.set('loading', 'new');
    await cache.delete('deleted');
    await cache.invalidateTags(['tagged']);
    cache.mode = 'on';
    loader.last.resolve('old');
    expect(await read).toBe('old');
    expect([...(await cache.getMany(['kept', 'written', 'deleted', 'tagged', 'loading']))]).toEqual([['kept', 'old']]);
  });

  it('does not store what a load begun before it brings while it lasts', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load);
    cache.mode = 'off';
    loader.last.resolve('v');
    expect(await read).toBe('v');
    cache.mode = 'on';
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('mode: observe', () => {
  it('always calls the loader and keeps the books as if it did not', async () => {
    const { cache, clock } = testCache<number>({ mode: 'observe', ttl: 100 });
    let n = 0;
    const load = () => {
      clock.advance(5);
      return ++n;
    };
    const hits = heard(cache, 'hit');
    const misses = heard(cache, 'miss');
    expect(await cache.getOrSet('k', load)).toBe(1);
    expect(await cache.getOrSet('k', load)).toBe(2);
    clock.advance(200);
    expect(await cache.getOrSet('k', load)).toBe(3);
    expect(hits).toMatchObject([{ key: 'k' }]);
    expect(misses).toMatchObject([{ reason: 'absent' }, { reason: 'expired' }]);
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 2, savedMs: 5, entries: 1 });
    expect(cache.inspect('k').state).toBe('fresh');
  });

  it('serves nothing in any way', async () => {
    const { cache } = testCache<string>({ mode: 'observe' });
    await cache.getOrSet('k', () => 'v');
    await cache.set('l', 'v');
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.get('k', 'default')).toBe('default');
    expect(await cache.has('k')).toBe(false);
    expect(await cache.getEntry('k')).toBeUndefined();
    expect((await cache.getMany(['k', 'l'])).size).toBe(0);
    expect(await cache.getOrSet('k', () => 'own', { cache: 'only' })).toBeUndefined();
  });

  it('calls a batch loader for all keys, in their order', async () => {
    const { cache } = testCache<string>({ mode: 'observe' });
    await cache.getOrSet('b', () => 'v');
    const load = vi.fn((missing: readonly string[]) => missing.map((key) => `${key}!`));
    expect([...(await cache.getOrSetMany(['a', 'b', 'c'], load)).values()]).toEqual(['a!', 'b!', 'c!']);
    expect(load.mock.calls[0]![0]).toEqual(['a', 'b', 'c']);
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 3 });
  });

  it('does not change what the host sees: no sharing of runs, no freezing, no deadline, its abort as ever', async () => {
    const { cache, clock } = testCache<object>({
      mode: 'observe',
      values: 'frozen',
      ttl: 10,
      stale: '1h',
      loader: { hardDeadline: 50 },
    });
    const loader = new DeferredLoader<object>();
    const reads = [cache.getOrSet('k', loader.load), cache.getOrSet('k', loader.load)];
    expect(loader.runs).toBe(2);
    await clock.advanceAsync(100);
    for (const call of loader.calls) call.resolve({});
    for (const value of await Promise.all(reads)) expect(Object.isFrozen(value)).toBe(false);
    clock.advance(10);
    const error = new Error('down');
    await expect(cache.getOrSet('k', () => Promise.reject(error))).rejects.toBe(error);

    const controller = new AbortController();
    const leaves = cache.getOrSet('k', loader.load, { signal: controller.signal });
    controller.abort(error);
    await expect(leaves).rejects.toBe(error);
    expect(loader.last.context.signal.aborted).toBe(true);
  });

  it('holds no values, so that leaving it starts with an empty cache', async () => {
    const { cache } = testCache<string>({ mode: 'observe' });
    await cache.getOrSet('k', () => 'v');
    cache.mode = 'on';
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'real')).toBe('real');
    expect(cache.peek('k')).toBe('real');
  });

  it('does not let a load begun in it store into the cache that follows', async () => {
    const { cache } = testCache<string>({ mode: 'observe' });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load);
    cache.mode = 'on';
    loader.last.resolve('v');
    await read;
    expect(cache.peek('k')).toBeUndefined();
    expect(cache.stats().entries).toBe(0);
  });
});
