import { type Cache, createCache } from 'cache-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager, createCacheManagerFacade, ScopeRequiredError } from '../../src/cache/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Subject {
  readonly cache: Cache;
  advance(ms: number): void;
}
interface Settings {
  readonly ttl: number;
  readonly refreshThreshold?: number;
}

function theirs(settings: Settings): Subject {
  return { cache: createCache(settings), advance: (ms) => vi.setSystemTime(Date.now() + ms) };
}

function ours({ ttl, ...options }: Settings): Subject {
  const clock = new ManualClock(Date.now());
  const manager = new CacheManager({ clock, ttl, jitter: 0 });
  return { cache: createCacheManagerFacade(manager, options), advance: (ms) => clock.advance(ms) };
}

/** What cache-manager does is run, not remembered: each scenario must come out the same for both. */
async function same(settings: Settings, scenario: (subject: Subject) => Promise<unknown>): Promise<unknown> {
  const outcome = await scenario(ours(settings));
  expect(outcome).toEqual(await scenario(theirs(settings)));
  return outcome;
}

const MINUTE = 60_000;
const count = () => {
  let runs = 0;
  return vi.fn(async () => ++runs);
};

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

describe('wrap, as cache-manager', () => {
  it.each<[string, (cache: Cache, load: () => Promise<number>) => Promise<number>]>([
    ['the default ttl', (cache, load) => cache.wrap('k', load)],
    ['a ttl', (cache, load) => cache.wrap('k', load, 5_000)],
    ['a ttl of 0', (cache, load) => cache.wrap('k', load, 0)],
    ['a ttl made from the value', (cache, load) => cache.wrap('k', load, (value) => value * 5_000)],
    ['options', (cache, load) => cache.wrap('k', load, { ttl: 5_000 })],
    ['options without a ttl', (cache, load) => cache.wrap('k', load, {})],
    ['options with a function', (cache, load) => cache.wrap('k', load, { ttl: (value) => value * 5_000 })],
  ])('loads once for %s', async (_name, wrap) => {
    await same({ ttl: MINUTE }, async ({ cache, advance }) => {
      const load = count();
      const seen: unknown[] = [await wrap(cache, load), await wrap(cache, load), await cache.ttl('k')];
      // Never the very millisecond of expiry: there Keyv still serves what we no longer do.
      for (const ms of [4_999, 2, 5_001, MINUTE]) {
        advance(ms);
        seen.push(await wrap(cache, load), await wrap(cache, load));
      }
      return [seen, load.mock.calls.length];
    });
  });

  it('shares one load between concurrent calls', async () => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      const load = count();
      return [await Promise.all([1, 2, 3].map(() => cache.wrap('k', load))), load.mock.calls.length];
    });
  });

  it.each<[string, unknown]>([
    ['undefined, again each time', undefined],
    ['null, once', null],
    ['0, once', 0],
  ])('loads %s', async (_name, value) => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      const load = vi.fn(async () => value);
      return [await cache.wrap('k', load), await cache.wrap('k', load), load.mock.calls.length];
    });
  });

  it('hands on errors and keeps nothing of them', async () => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      const fail = vi.fn(async (): Promise<number> => {
        throw new RangeError('mine');
      });
      const outcomes = [await settled(cache.wrap('k', fail)), await settled(cache.wrap('k', fail))];
      return [outcomes, fail.mock.calls.length, await cache.wrap('k', () => 1)];
    });
  });

  it.each<[string, Settings, (cache: Cache, load: () => Promise<number>) => Promise<number>]>([
    ['of the cache', { ttl: MINUTE, refreshThreshold: 10_000 }, (cache, load) => cache.wrap('k', load, MINUTE)],
    ['of the call', { ttl: MINUTE }, (cache, load) => cache.wrap('k', load, MINUTE, 10_000)],
    ['made from the value', { ttl: MINUTE }, (cache, load) => cache.wrap('k', load, MINUTE, (value) => value * 10_000)],
    ['in options', { ttl: MINUTE }, (cache, load) => cache.wrap('k', load, { ttl: MINUTE, refreshThreshold: 10_000 })],
    ['of none', { ttl: MINUTE }, (cache, load) => cache.wrap('k', load, MINUTE)],
  ])('refreshes in the background below the threshold %s', async (_name, settings, wrap) => {
    await same(settings, async ({ cache, advance }) => {
      const events: unknown[] = [];
      cache.on('refresh', (data) => events.push(data));
      const load = count();
      const seen = [await wrap(cache, load)];
      for (const ms of [49_000, 1_001, 100]) {
        advance(ms);
        seen.push(await wrap(cache, load));
        await flushMicrotasks();
      }
      return [seen, load.mock.calls.length, events, await cache.ttl('k')];
    });
  });

  it('keeps the old value where the refresh fails', async () => {
    await same({ ttl: MINUTE, refreshThreshold: 10_000 }, async ({ cache, advance }) => {
      const errors: unknown[] = [];
      cache.on('refresh', ({ error, value }) => errors.push([String(error), value]));
      await cache.wrap('k', () => 'old');
      advance(55_000);
      const fail = async (): Promise<string> => {
        throw new Error('refresh failed');
      };
      const seen = [await cache.wrap('k', fail)];
      await flushMicrotasks();
      seen.push(await cache.wrap('k', () => 'newer'));
      await flushMicrotasks();
      return [seen, errors, await cache.get('k')];
    });
  });

  it('answers raw values with their expiry', async () => {
    await same({ ttl: MINUTE }, async ({ cache, advance }) => {
      const raw = () => cache.wrap('k', () => 'v', { ttl: 5_000, raw: true });
      const seen = [await raw()];
      advance(1_000);
      return [...seen, await raw()];
    });
  });
});

describe('events, as cache-manager', () => {
  it('tell of every call', async () => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      const seen: unknown[] = [];
      const listen = (event: string) =>
        cache.on(event as 'set', (data: object | undefined) => {
          // cache-manager also names its store, and tells of one call once per store and once more.
          const { store: _store, ...facts } = (data ?? {}) as { store?: unknown };
          if (!seen.some((other) => JSON.stringify(other) === JSON.stringify([event, facts])))
            seen.push([event, facts]);
        });
      for (const event of ['get', 'mget', 'set', 'mset', 'del', 'mdel', 'clear']) listen(event);
      await cache.set('k', 'v');
      await cache.get('k');
      await cache.mset([{ key: 'a', value: 1, ttl: 5 }]);
      await cache.mget(['k', 'none']);
      await cache.del('k');
      await cache.mdel(['a']);
      await cache.clear();
      await cache.wrap('w', () => 'loaded');
      return seen.filter((entry) => (entry as [string])[0] !== 'get');
    });
  });

  it('reach a listener until it is taken off', async () => {
    await same({ ttl: MINUTE }, async ({ cache }) => {
      let calls = 0;
      const listener = (): void => {
        calls++;
      };
      cache.on('del', listener);
      await cache.del('k');
      cache.off('del', listener);
      await cache.del('k');
      return calls;
    });
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

function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => String(error),
  );
}
