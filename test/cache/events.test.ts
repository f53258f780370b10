import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import type { CacheEvents } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { heard, testCache } from './deferred.js';

describe('events', () => {
  it('tell of hits and of misses with their reasons', async () => {
    const { cache, clock } = testCache({ ttl: 10 });
    const hits = heard(cache, 'hit');
    const misses = heard(cache, 'miss');
    await cache.getOrSet('k', () => 'v', { tags: ['t'] });
    clock.advance(3);
    cache.peek('k');
    await cache.getOrSet('k', () => 'v');
    await cache.get('k');
    clock.advance(7);
    await cache.get('k');
    await cache.set('k', 'v', { tags: ['t'] });
    await cache.invalidateTags(['t']);
    await cache.get('k');
    await cache.set('k', 'v');
    await cache.invalidate('k*');
    await cache.get('k');
    const { token } = await cache.invalidateTags(['other']);
    await cache.set('k', 'v');
    const later = await cache.invalidateTags(['other']);
    await cache.getOrSet('k', () => 'v', { after: token });
    await cache.getOrSet('k', () => 'v', { after: later.token });
    await cache.getOrSet('k', () => 'v', { cache: 'bypass' });
    expect(hits).toEqual([
      ...Array(3).fill({ key: 'k', tier: 'memory', ageMs: 3 }),
      { key: 'k', tier: 'memory', ageMs: 0 },
    ]);
    expect(misses.map(({ reason }) => reason)).toEqual(['absent', 'expired', 'tag', 'invalidated', 'token', 'bypass']);
    expect(cache.stats().missReasons).toEqual({ absent: 1, expired: 1, tag: 1, invalidated: 1, token: 1, bypass: 1 });
  });

  it('tell of stale values with what became of the refresh', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 100 });
    const stale = heard(cache, 'stale');
    await cache.set('k', 'v');
    clock.advance(15);
    await cache.getOrSet('k', () => 'v', { cache: 'only' });
    void cache.getOrSet('k', () => 'v');
    await cache.getOrSet('k', () => 'v');
    expect(stale.map(({ refresh }) => refresh)).toEqual(['none', 'started', 'running']);
    expect(stale[0]).toEqual({ key: 'k', tier: 'memory', ageMs: 15, refresh: 'none' });
  });

  it('tell of what is stored, and of what is not and why', async () => {
    const { cache } = testCache<unknown>({ values: 'copied', memory: { maxBytes: 10_000 } });
    const sets = heard(cache, 'set');
    const skips = heard(cache, 'skip');
    await cache.getOrSet('loaded', () => 'v', { ttl: 50, tags: ['t'] });
    await cache.set('written', 'v');
    expect(sets).toEqual([
      { key: 'loaded', ttlMs: 50, tags: ['t'], bytes: expect.any(Number) },
      { key: 'written', ttlMs: 3_600_000, tags: [], bytes: expect.any(Number) },
    ]);
    await cache.getOrSet('a', ({ skip }) => skip());
    await cache.getOrSet('b', () => 'v', { ttl: 0 });
    await cache.getOrSet('c', () => () => 'a function');
    await cache.getOrSet('d', () => 'x'.repeat(20_000));
    await cache.getOrSet('e', async () => {
      await cache.delete('e');
      return 'v';
    });
    expect(skips.map(({ key, reason }) => `${key} ${reason}`)).toEqual([
      'a asked',
      'b ttl',
      'c not-clonable',
      'd too-large',
      'e fenced',
    ]);
    expect(cache.stats().fenced).toBe(1);
  });

  it('tell of evictions and invalidations', async () => {
    const { cache } = testCache({ memory: { maxEntries: 1, policy: 'lru' } });
    const evictions = heard(cache, 'evict');
    const invalidations = heard(cache, 'invalidate');
    await cache.set('a', 'v', { cost: 7 });
    await cache.set('b', 'v');
    expect(evictions).toEqual([{ key: 'a', cost: 7, bytes: expect.any(Number) }]);
    await cache.delete('b');
    await cache.invalidateTags(['t', 'u'], { soft: true });
    await cache.invalidate('r:*');
    await cache.invalidate('*:r');
    await cache.clear();
    expect(invalidations).toEqual([
      { kind: 'key', names: ['b'], soft: false },
      { kind: 'tags', names: ['t', 'u'], soft: true },
      { kind: 'prefix', names: ['r:*'], soft: false },
      { kind: 'glob', names: ['*:r'], soft: false },
      { kind: 'clear', names: [], soft: false },
    ]);
    expect(evictions).toHaveLength(1);
    expect(cache.stats()).toMatchObject({ evictions: 1, invalidations: 5 });
  });

  it('end with the unsubscribe, called once or twice', async () => {
    const { cache } = testCache();
    await cache.set('k', 'v');
    const seen: string[] = [];
    const off = cache.on('hit', () => seen.push('first'));
    cache.on('hit', () => seen.push('second'));
    cache.peek('k');
    await flushMicrotasks();
    off();
    off();
    cache.peek('k');
    await flushMicrotasks();
    expect(seen).toEqual(['first', 'second', 'second']);
  });
});

describe('a listener, or a logger, that throws', () => {
  it('breaks no call, and is reported as the event error and in the log', async () => {
    const logged: object[] = [];
    const log = (data: object) => void logged.push(data);
    const { cache } = testCache({ logger: { debug: log, info: log, warn: log, error: log } });
    const troubles = heard(cache, 'error');
    for (const name of ['hit', 'miss', 'set', 'invalidate', 'skip', 'load:error'] as const) {
      cache.on(name, () => {
        throw new Error(`broken ${name}`);
      });
    }
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(cache.peek('k')).toBe('v');
    await cache.delete('k');
    await expect(cache.getOrSet('k', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    const during = ['miss', 'set', 'hit', 'invalidate', 'miss', 'load:error'].map((name) => `a listener of '${name}'`);
    expect(troubles.map((trouble) => trouble.during)).toEqual(during);
    expect(logged).toHaveLength(5);
  });

  it('does not call itself for ever when it listens to error, and rejections do not escape', async () => {
    const thrower = () => {
      throw new Error('log is full');
    };
    const { cache } = testCache({ logger: { debug: thrower, info: thrower, warn: thrower, error: thrower } });
    let calls = 0;
    cache.on('error', () => {
      calls++;
      throw new Error('broken too');
    });
    cache.on('miss', (async () => {
      throw new Error('async');
    }) as () => void);
    await cache.get('k');
    await flushMicrotasks();
    expect(calls).toBe(1);
  });
});

describe('the diagnostics channels hotpath:cache:<event>', () => {
  const heardThere: [string, unknown][] = [];
  const listen = (message: unknown, name: string | symbol): void => {
    heardThere.push([String(name), message]);
  };
  const names: (keyof CacheEvents)[] = ['hit', 'miss', 'set', 'invalidate', 'load:error'];
  afterEach(() => {
    for (const name of names) unsubscribe(`hotpath:cache:${name}`, listen);
    heardThere.length = 0;
  });

  it('get every event with the namespace, also hits of the short path, and only while somebody listens', async () => {
    const { cache } = testCache({ namespace: 'reports' });
    await cache.set('k', 'v');
    for (const name of names) subscribe(`hotpath:cache:${name}`, listen);
    cache.peek('k');
    await cache.getOrSet('k', () => 'v');
    await cache.get('absent');
    await cache.set('l', 'v');
    await cache.delete('l');
    await cache.getOrSet('l', () => Promise.reject(new Error('down'))).catch(() => {});
    expect(heardThere.map(([name]) => name.replace('hotpath:cache:', ''))).toEqual([
      'hit',
      'hit',
      'miss',
      'set',
      'invalidate',
      'miss',
      'load:error',
    ]);
    expect(heardThere[0]![1]).toEqual({ namespace: 'reports', key: 'k', tier: 'memory', ageMs: 0 });
    expect(heardThere[2]![1]).toEqual({ namespace: 'reports', key: 'absent', reason: 'absent' });
    for (const name of names) unsubscribe(`hotpath:cache:${name}`, listen);
    cache.peek('k');
    expect(heardThere).toHaveLength(7);
  });
});
