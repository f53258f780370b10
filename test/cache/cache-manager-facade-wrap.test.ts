import type { Cache } from 'cache-manager';
import { afterEach, beforeEach, describe, it, vi } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { count, MINUTE, type Settings, same, settled } from './beside-cache-manager.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
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
