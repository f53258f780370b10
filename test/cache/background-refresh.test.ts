import { describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { DeferredLoader } from './deferred.js';

describe('a background refresh that hangs', () => {
  it('gives its slot and its key back after a minute, so that refreshing goes on', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager<string>({ clock, ttl: 10, stale: '1h', jitter: 0, maxRefreshes: 1 });
    await cache.set('a', 'old a');
    await cache.set('b', 'old b');
    clock.advance(20);
    const hangs = (): Promise<string> => new Promise(() => {});
    expect(await cache.getOrSet('a', hangs)).toBe('old a');
    expect(await cache.getOrSet('b', () => 'new b')).toBe('old b');
    expect(cache.stats().refreshesSkipped).toBe(1);
    await clock.advanceAsync(60_000);
    expect(await cache.getOrSet('b', () => 'new b')).toBe('old b');
    await flushMicrotasks();
    expect(await cache.get('b')).toBe('new b');
    expect(await cache.getOrSet('a', () => 'new a')).toBe('old a');
    await flushMicrotasks();
    expect(await cache.get('a')).toBe('new a');
  });

  it('is counted, and the loader left alone, when it fails in the end', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager<string>({ clock, ttl: 10, stale: '1h', jitter: 0 });
    const errors: unknown[] = [];
    cache.on('load:error', ({ error }) => errors.push(error));
    await cache.set('a', 'old');
    clock.advance(20);
    const loader = new DeferredLoader();
    await cache.getOrSet('a', loader.load);
    await clock.advanceAsync(60_000);
    const late = new Error('late');
    loader.last.reject(late);
    await flushMicrotasks();
    expect(errors).toEqual([late]);
    const refreshes: unknown[] = [];
    cache.on('stale', ({ refresh }) => refreshes.push(refresh));
    await cache.getOrSet('a', () => 'new');
    expect(refreshes).toEqual(['backoff']);
  });

  it('leaves no timer behind when it ends in time', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager<string>({ clock, ttl: 10, stale: '1h', jitter: 0 });
    await cache.set('a', 'old');
    clock.advance(20);
    await cache.getOrSet('a', () => 'new');
    await flushMicrotasks();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('an async hook that rejects', () => {
  it('is reported, and ends neither the call nor the process', async () => {
    const clock = new ManualClock();
    const fails = (async () => Promise.reject(new Error('hook'))) as never;
    const cache = new CacheManager<string>({ clock, ttl: 10, stale: '1h', waitUntil: fails });
    const troubles: string[] = [];
    cache.on('error', ({ during }) => troubles.push(during));
    await cache.set('a', 'old');
    clock.advance(20);
    expect(await cache.getOrSet('a', () => 'new')).toBe('old');
    await cache.warm([['b', 'v']], { onProgress: fails });
    await flushMicrotasks();
    expect(troubles).toEqual(['waitUntil', 'onProgress']);
  });
});

it('refuses to listen to an event that does not exist', () => {
  const cache = new CacheManager();
  expect(() => cache.on('hti' as 'hit', () => {})).toThrow(/^event must be one of hit, /);
});
