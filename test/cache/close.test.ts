import { describe, expect, it, vi } from 'vitest';
import { DeferredLoader, testCache } from './deferred.js';

describe('close', () => {
  it('empties the cache, any number of times', async () => {
    const { cache } = testCache();
    await cache.set('k', 'v');
    await Promise.all([cache.close(), cache.close()]);
    await cache.close();
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 });
    expect(cache.peek('k')).toBeUndefined();
  });

  it('leaves reads working, straight through to their loader, and stores nothing', async () => {
    const { cache } = testCache();
    await cache.close();
    const load = vi.fn(() => 'v');
    expect(await cache.getOrSet('k', load)).toBe('v');
    expect(await cache.getOrSet('k', load)).toBe('v');
    expect(load).toHaveBeenCalledTimes(2);
    expect([...(await cache.getOrSetMany(['a'], () => ['A'])).values()]).toEqual(['A']);
    expect(await cache.set('k', 'v')).toBe(false);
    expect(await cache.get('k', 'default')).toBe('default');
    expect(await cache.has('k')).toBe(false);
    expect(await cache.delete('k')).toMatchObject({ deleted: false });
    await cache.invalidateTags(['t']);
    expect(cache.stats().entries).toBe(0);
  });

  it('does not load for those who only look', async () => {
    const { cache } = testCache();
    await cache.close();
    const load = vi.fn(() => 'v');
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBeUndefined();
    expect((await cache.getOrSetMany(['k'], () => [load()], { cache: 'only' })).size).toBe(0);
    expect(load).not.toHaveBeenCalled();
  });

  it('lets the callers of running loads have their values, which are not stored', async () => {
    const { cache, clock } = testCache({ loader: { hardDeadline: '1m' } });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load);
    await cache.close();
    loader.last.resolve('v');
    expect(await read).toBe('v');
    expect(cache.stats()).toMatchObject({ entries: 0, inFlight: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('cannot be undone by a change of mode', async () => {
    const { cache } = testCache();
    await cache.close();
    cache.mode = 'off';
    cache.mode = 'on';
    expect(await cache.set('k', 'v')).toBe(false);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('comes with the end of a block: the cache is asynchronously disposable', async () => {
    const { cache } = testCache();
    await cache.set('k', 'v');
    await cache[Symbol.asyncDispose]();
    expect(cache.stats().entries).toBe(0);
    await cache.close();
  });
});

it('ready resolves at once', async () => {
  const { cache } = testCache();
  expect(await cache.ready()).toBeUndefined();
});
