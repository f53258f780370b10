import { describe, expect, it, vi } from 'vitest';
import type { LoaderContext } from '../../src/cache/index.js';
import { DeferredLoader, testCache } from './deferred.js';

describe('getOrSet', () => {
  it('loads once and serves what it loaded', async () => {
    const { cache } = testCache<number>();
    const load = vi.fn(() => 1);
    expect(await cache.getOrSet('k', load)).toBe(1);
    expect(await cache.getOrSet('k', load)).toBe(1);
    expect(load).toHaveBeenCalledTimes(1);
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, loads: 1, hitRate: 0.5, entries: 1 });
  });

  it('tells the loader its key as the host gave it', async () => {
    const { cache } = testCache<unknown>();
    const key = { year: 2024 };
    await cache.getOrSet(key, (context) => expect(context.key).toBe(key));
  });

  it('takes synchronous and asynchronous loaders, and calls them before it returns', async () => {
    const { cache } = testCache<number>();
    let called = false;
    const read = cache.getOrSet('k', () => {
      called = true;
      return 1;
    });
    expect(called).toBe(true);
    expect(await read).toBe(1);
    expect(await cache.getOrSet('l', async () => 2)).toBe(2);
  });

  it.each([[0], [''], [false], [null], [Number.NaN]])('keeps %j like any value', async (value) => {
    const { cache } = testCache<unknown>();
    const load = vi.fn(() => value);
    await cache.getOrSet('k', load);
    expect(await cache.getOrSet('k', load)).toBe(value);
    expect(load).toHaveBeenCalledTimes(1);
    expect(cache.peek('k')).toBe(value);
    expect(await cache.get('k', 'default')).toBe(value);
    expect(await cache.has('k')).toBe(true);
    expect((await cache.getMany(['k'])).has('k')).toBe(true);
  });

  it('does not keep what the loader asks to leave out', async () => {
    const { cache } = testCache<number>();
    const load = ({ skip }: LoaderContext): number => {
      skip();
      return 1;
    };
    expect(await cache.getOrSet('k', load)).toBe(1);
    expect(cache.peek('k')).toBeUndefined();
  });

  it('keeps keys of different kinds apart, and equal structures together', async () => {
    const { cache } = testCache<number>();
    const keys = ['1', 1, 1n, true, 'true', null, undefined, 'null', [1], ['1'], { a: 1, b: 2 }, '{"a":1,"b":2}'];
    for (const [i, key] of keys.entries()) await cache.set(key, i);
    for (const [i, key] of keys.entries()) expect(await cache.get(key)).toBe(i);
    expect(await cache.get({ b: 2, a: 1 })).toBe(10);
  });

  it('tells long keys apart by all of their length', async () => {
    const { cache } = testCache();
    const long = 'x'.repeat(5000);
    await cache.set(`${long}1`, 'one');
    await cache.set(`${long}2`, 'two');
    expect(cache.peek(`${long}1`)).toBe('one');
    expect(cache.peek(`${long}2`)).toBe('two');
  });
});

describe('cache: refresh', () => {
  it('loads and stores although a fresh value is there', async () => {
    const { cache } = testCache();
    await cache.set('k', 'old');
    expect(await cache.getOrSet('k', () => 'new', { cache: 'refresh' })).toBe('new');
    expect(cache.peek('k')).toBe('new');
  });

  it('does not join a load that began before it, and that load does not overwrite it', async () => {
    const { cache } = testCache();
    const before = new DeferredLoader();
    const early = cache.getOrSet('k', before.load);
    expect(await cache.getOrSet('k', () => 'new', { cache: 'refresh' })).toBe('new');
    before.last.resolve('old');
    expect(await early).toBe('old');
    expect(cache.peek('k')).toBe('new');
  });

  it('passes the error on and leaves the value that is there', async () => {
    const { cache } = testCache();
    await cache.set('k', 'old');
    const fail = () => Promise.reject(new Error('down'));
    await expect(cache.getOrSet('k', fail, { cache: 'refresh' })).rejects.toThrow('down');
    expect(cache.peek('k')).toBe('old');
  });
});

describe('cache: bypass', () => {
  it('neither reads nor stores nor joins', async () => {
    const { cache } = testCache();
    await cache.set('k', 'cached');
    expect(await cache.getOrSet('k', () => 'loaded', { cache: 'bypass' })).toBe('loaded');
    expect(cache.peek('k')).toBe('cached');
    const running = new DeferredLoader();
    const read = cache.getOrSet('l', running.load);
    expect(await cache.getOrSet('l', () => 'own', { cache: 'bypass' })).toBe('own');
    running.last.resolve('shared');
    expect(await read).toBe('shared');
    expect(cache.peek('l')).toBe('shared');
  });

  it('is a miss with its own reason', async () => {
    const { cache } = testCache();
    await cache.getOrSet('k', () => 'v', { cache: 'bypass' });
    expect(cache.stats()).toMatchObject({ misses: 1, missReasons: { bypass: 1 } });
  });

  it('gives the loader a context with every member, to be destructured', async () => {
    const { cache } = testCache();
    const value = await cache.getOrSet(
      'k',
      ({ key, signal, tag, ttl, skip }) => {
        tag('t');
        ttl('1s');
        skip();
        return `${key} ${signal.aborted}`;
      },
      { cache: 'bypass' },
    );
    expect(value).toBe('k false');
  });
});

describe('cache: only', () => {
  it('serves what is there, fresh or stale, and never loads', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 10 });
    const load = vi.fn(() => 'loaded');
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBeUndefined();
    await cache.set('k', 'v');
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBe('v');
    clock.advance(10);
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBe('v');
    clock.advance(10);
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBeUndefined();
    expect(load).not.toHaveBeenCalled();
  });

  it('does not refresh early either', async () => {
    const { cache, clock } = testCache({ ttl: 1000, earlyRefresh: 1, random: () => 0.999999 });
    await cache.getOrSet('k', () => {
      clock.advance(100);
      return 'v';
    });
    clock.advance(999);
    const load = vi.fn(() => 'loaded');
    expect(await cache.getOrSet('k', load, { cache: 'only' })).toBe('v');
    expect(load).not.toHaveBeenCalled();
  });

  it('does not wait for a load under way', async () => {
    const { cache } = testCache();
    const running = new DeferredLoader();
    const read = cache.getOrSet('k', running.load);
    expect(await cache.getOrSet('k', running.load, { cache: 'only' })).toBeUndefined();
    running.last.resolve('v');
    expect(await read).toBe('v');
  });
});
