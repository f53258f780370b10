import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CacheManager,
  type CacheOptions,
  createCacheManagerFacade,
  ScopeRequiredError,
} from '../../src/cache/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { MINUTE, ours, type Subject, same, theirs } from './beside-cache-manager.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('as cache-manager', () => {
  it.each<[string, unknown]>([
    ['a text', 'v'],
    ['0', 0],
    ['false', false],
    ['the empty text', ''],
    ['null', null],
    ['undefined', undefined],
    ['an object', { a: [1] }],
    ['a date', new Date(1)],
  ])('stores and returns %s', async (_name, value) => {
    await same({ ttl: MINUTE }, async ({ cache }) => [
      await cache.set('k', value),
      await cache.get('k'),
      await cache.mget(['k', 'none']),
    ]);
  });

  it.each<[string, number | undefined]>([
    ['none: the default', undefined],
    ['0: without end', 0],
    ['a second', 1_000],
    ['a negative one: not at all', -5],
  ])('reads a ttl of %s', async (_name, ttl) => {
    await same({ ttl: MINUTE }, async ({ cache, advance }) => {
      await cache.set('k', 'v', ttl);
      const seen = [await cache.get('k'), await cache.ttl('k')];
      for (const ms of [999, 2, MINUTE, 10 * 365 * 24 * 60 * MINUTE]) {
        advance(ms);
        seen.push(await cache.get('k'));
      }
      return seen;
    });
  });

  it('sets, gets and deletes many', async () => {
    await same({ ttl: MINUTE }, async ({ cache, advance }) => {
      const list = [
        { key: 'a', value: 1, ttl: 1_000 },
        { key: 'b', value: 2, ttl: 0 },
        { key: 'c', value: 3, ttl: MINUTE },
      ];
      const seen: unknown[] = [await cache.mset(list), await cache.mget(['a', 'b', 'c', 'd'])];
      advance(1_001);
      seen.push(await cache.mget(['c', 'a', 'b']));
      seen.push(await cache.mdel(['b', 'none']), await cache.del('none'), await cache.del('c'));
      seen.push(await cache.mget(['a', 'b', 'c']));
      return seen;
    });
  });

  it('clears, and disconnects', async () => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      await cache.set('k', 'v');
      return [
        await cache.clear(),
        await cache.get('k'),
        await cache.disconnect(),
        await cache.set('k', 'again'),
        await cache.get('k'),
      ];
    });
  });

  it('tells when a ttl ends', async () => {
    expect(
      await same({ ttl: MINUTE }, async ({ cache, advance }) => {
        await cache.set('k', 'v', 5_000);
        await cache.set('endless', 'v', 0);
        advance(1_000);
        return [await cache.ttl('k'), await cache.ttl('endless'), await cache.ttl('none')];
      }),
    ).toEqual([1_700_000_005_000, undefined, undefined]);
  });
});

describe('better than cache-manager', () => {
  it('a delete during a wrap wins: what was loaded before is not kept', async () => {
    const outcome = async ({ cache }: Subject) => {
      let source = 'old';
      let finish = (): void => {};
      const waits = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const first = cache.wrap('k', async () => {
        const read = source;
        await waits;
        return read;
      });
      await flushMicrotasks();
      source = 'new';
      await cache.del('k');
      finish();
      await first;
      return cache.wrap('k', async () => source);
    };
    expect(await outcome(theirs({ ttl: MINUTE })), 'else this test says nothing').toBe('old');
    expect(await outcome(ours({ ttl: MINUTE }))).toBe('new');
  });

  it('a missing scope rejects instead of looking like a miss', async () => {
    const manager = new CacheManager({ scope: () => undefined, scopeRequired: true });
    const cache = createCacheManagerFacade(manager);
    const errors: unknown[] = [];
    cache.on('get', ({ error }) => errors.push(error));
    await expect(cache.get('k')).rejects.toThrow(ScopeRequiredError);
    await expect(cache.wrap('k', () => 1)).rejects.toThrow(ScopeRequiredError);
    await expect(cache.set('k', 1)).rejects.toThrow(ScopeRequiredError);
    expect(errors).toEqual([expect.any(ScopeRequiredError)]);
  });

  it('a listener that throws does not break the call', async () => {
    const manager = new CacheManager();
    const cache = createCacheManagerFacade(manager);
    const troubles: unknown[] = [];
    manager.on('error', ({ during }) => troubles.push(during));
    cache.on('set', () => {
      throw new Error('listener');
    });
    expect(await cache.set('k', 'v')).toBe('v');
    expect(await cache.wrap('w', () => 1)).toBe(1);
    expect(troubles).toHaveLength(2);
  });

  it('leaves the cache to its host: disconnect does not close it, off goes straight through', async () => {
    const manager = new CacheManager({ namespace: 'reports' });
    const cache = createCacheManagerFacade(manager, { refreshThreshold: MINUTE });
    await cache.disconnect();
    await cache.wrap('k', () => 1, 1_000);
    expect(await manager.get('k')).toBe(1);
    manager.mode = 'off';
    const load = vi.fn(async () => 2);
    expect(await cache.wrap('k', load)).toBe(2);
    await flushMicrotasks();
    expect(load).toHaveBeenCalledTimes(1);
    expect([cache.cacheId(), cache.stores]).toEqual(['reports', []]);
    expect(createCacheManagerFacade(manager, { cacheId: 'mine' }).cacheId()).toBe('mine');
  });
});

describe('over two tiers', () => {
  const nodes = (options: CacheOptions = {}) => {
    const clock = new ManualClock(Date.now());
    const store = new Map<string, unknown>();
    const make = (): CacheManager =>
      new CacheManager({ namespace: 'facade', remote: store, clock, jitter: 0, ttl: MINUTE, ...options });
    return { clock, here: createCacheManagerFacade(make()), there: createCacheManagerFacade(make()) };
  };

  it.each<[string, CacheOptions]>([
    ['a memory of its own', {}],
    ['none', { memory: false }],
  ])('finds, dates and deletes what another process has stored, with %s', async (_what, options) => {
    const { here, there } = nodes(options);
    await there.mset([
      { key: 'a', value: 1, ttl: 5_000 },
      { key: 'b', value: 2, ttl: 0 },
      { key: 'c', value: 3 },
      { key: 'not at all', value: 4, ttl: -1 },
    ]);
    expect([await here.ttl('a'), await here.ttl('b'), await here.ttl('none')]).toEqual([
      1_700_000_005_000,
      undefined,
      undefined,
    ]);
    expect(await here.mget(['a', 'b', 'c', 'not at all'])).toEqual([1, 2, 3, undefined]);
    expect(await here.wrap('c', () => 5, { raw: true })).toEqual({ value: 3, expires: 1_700_000_060_000 });
    await there.mset([{ key: 'b', value: 0, ttl: -1 }]);
    await there.mdel(['a', 'none']);
    // A copy of its own in memory is served until its ttl: nobody tells of single keys without a coordinator.
    const lasting = options.memory === false ? [undefined, undefined, 3] : [1, 2, 3];
    expect(await here.mget(['a', 'b', 'c'])).toEqual(lasting);
    expect(await there.mget(['a', 'b', 'c'])).toEqual([undefined, undefined, 3]);
    await here.clear();
    expect([await here.ttl('c'), await here.mget(['a', 'b', 'c'])]).toEqual([
      undefined,
      [undefined, undefined, undefined],
    ]);
  });

  it('refreshes ahead of time what another process has stored', async () => {
    const { here, there, clock } = nodes({ coordinator: { heartbeat: '1d' } });
    await there.set('k', 'old', 10_000);
    clock.advance(8_000);
    const told: unknown[] = [];
    here.on('refresh', ({ value }) => told.push(value));
    const load = vi.fn(async () => 'new');
    expect(await here.wrap('k', load, 10_000, 5_000)).toBe('old');
    await vi.waitFor(() => expect(told).toEqual(['new']));
    expect(await here.wrap('k', load, 10_000, 5_000)).toBe('new');
    expect(load).toHaveBeenCalledTimes(1);
  });
});
