import { describe, expect, it, vi } from 'vitest';
import { heard, testCache } from './deferred.js';

type Nothing = string | null | undefined;

describe('undefined from a loader', () => {
  it('reaches the caller and is not stored, with the reason told', async () => {
    const { cache } = testCache<Nothing>();
    const skipped = heard(cache, 'skip');
    const load = vi.fn(() => undefined);
    expect(await cache.getOrSet('k', load)).toBeUndefined();
    expect(await cache.getOrSet('k', load)).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(2);
    expect(cache.stats().entries).toBe(0);
    expect(skipped).toEqual([
      { key: 'k', reason: 'undefined' },
      { key: 'k', reason: 'undefined' },
    ]);
  });

  it('takes out the value that was there: the source has nothing any more', async () => {
    const { cache } = testCache<Nothing>();
    await cache.set('k', 'old');
    expect(await cache.getOrSet('k', () => undefined, { cache: 'refresh' })).toBeUndefined();
    expect(cache.peek('k')).toBeUndefined();
    await cache.set('k', 'old');
    await cache.getOrSetMany(['k'], () => new Map(), { cache: 'refresh' });
    expect(cache.peek('k')).toBeUndefined();
  });

  it('set by hand deletes', async () => {
    const { cache } = testCache<Nothing>();
    await cache.set('k', 'v');
    expect(await cache.set('k', undefined)).toBe(false);
    expect(await cache.has('k')).toBe(false);
  });
});

describe('null from a loader', () => {
  it('is a value like any other', async () => {
    const { cache, clock } = testCache<Nothing>({ ttl: 100 });
    const load = vi.fn(() => null);
    await cache.getOrSet('k', load);
    clock.advance(99);
    expect(await cache.getOrSet('k', load)).toBeNull();
    expect(cache.peek('k')).toBeNull();
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe.each([
  ['undefined', undefined],
  ['null', null],
])('with negativeTtl, %s', (_name, nothing) => {
  it('is kept for that time, however it came', async () => {
    const { cache, clock } = testCache<Nothing>({ ttl: '1h', negativeTtl: '1s' });
    const load = vi.fn(() => nothing);
    await cache.getOrSet('loaded', load);
    expect(await cache.set('written', nothing)).toBe(true);
    await cache.getOrSetMany(['batch'], () => [nothing]);
    clock.advance(999);
    expect(await cache.getOrSet('loaded', load)).toBe(nothing);
    for (const key of ['loaded', 'written', 'batch']) expect(await cache.has(key)).toBe(true);
    expect(load).toHaveBeenCalledTimes(1);
    clock.advance(1);
    for (const key of ['loaded', 'written', 'batch']) expect(await cache.has(key)).toBe(false);
  });

  it('is not served stale', async () => {
    const { cache, clock } = testCache<Nothing>({ ttl: '1h', stale: '1h', negativeTtl: '1s' });
    await cache.getOrSet('k', () => nothing);
    await cache.set('l', nothing);
    clock.advance(1000);
    expect(await cache.getEntry('k')).toBeUndefined();
    expect(await cache.getEntry('l')).toBeUndefined();
  });

  it('is never kept longer than a value would be', async () => {
    const { cache, clock } = testCache<Nothing>({ negativeTtl: '1m' });
    await cache.getOrSet('short', () => nothing, { ttl: '1s' });
    await cache.getOrSet('not at all', () => nothing, { ttl: 0 });
    await cache.set('written', nothing, { ttl: '1s' });
    expect(await cache.has('not at all')).toBe(false);
    clock.advance(1000);
    expect(await cache.has('short')).toBe(false);
    expect(await cache.has('written')).toBe(false);
  });

  it('has the ttl that its loader names, if it names one', async () => {
    const { cache, clock } = testCache<Nothing>({ negativeTtl: '1s' });
    await cache.getOrSet('k', ({ ttl }) => {
      ttl('1m');
      return nothing;
    });
    clock.advance(59_999);
    expect(await cache.has('k')).toBe(true);
  });

  it('does not concern values that are merely falsy', async () => {
    const { cache, clock } = testCache<unknown>({ ttl: '1h', negativeTtl: '1s' });
    for (const [i, value] of [0, '', false].entries()) await cache.set(i, value);
    clock.advance(1000);
    for (const i of [0, 1, 2]) expect(await cache.has(i)).toBe(true);
  });
});
