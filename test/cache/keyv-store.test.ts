import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheManager, createKeyvStore, InvalidOptionError } from '../../src/cache/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { findRedis, type RedisServer } from '../services/redis.js';
import { MonitorLog } from '../services/redis-monitor.js';
import { describeWith } from '../services/service.js';

function build() {
  const clock = new ManualClock();
  return { clock, cache: new CacheManager({ clock, jitter: 0 }) };
}

describe('the test suite of Keyv', () => {
  const cache = new CacheManager();
  afterAll(() => cache.close());
  // Its own types name Keyv's adapter and an older vitest.
  keyvTestSuite(vitest as never, Keyv, () => createKeyvStore(cache));
  keyvIteratorTests(vitest as never, Keyv, () => createKeyvStore(cache));
});

describeWith('the test suite of Keyv, over a cache with a Redis below', await findRedis({ private: true }), (start) => {
  let redis: RedisServer;
  let cache: CacheManager;
  beforeAll(async () => {
    redis = await start();
    cache = new CacheManager({ namespace: 'keyv-suite', remote: redis.url });
    await cache.ready();
  });
  afterAll(async () => {
    await cache.close();
    await redis.close();
  });
  keyvTestSuite(vitest as never, Keyv, () => createKeyvStore(cache));
  keyvIteratorTests(vitest as never, Keyv, () => createKeyvStore(cache));

  it('reaches what another process has stored, and is rid of it everywhere', async () => {
    const other = new CacheManager({ namespace: 'keyv-suite', remote: redis.url, memory: false });
    await other.ready();
    for (const contract of [5, 6] as const) {
      const here = createKeyvStore(cache, { contract: contract as 5 });
      const there = createKeyvStore(other, { contract: contract as 5 });
      for (const key of ['a', 'b', 'c', 'd']) await there.set(key, key);
      expect(await here.getMany(['a', 'none', 'b', 'a'])).toEqual(['a', undefined, 'b', 'a']);
      expect([await here.has('c'), await here.hasMany(['c', 'none', 'd'])]).toEqual([true, [true, false, true]]);
      expect([await here.delete('a'), await here.delete('a')]).toEqual([true, false]);
      expect(await there.getMany(['a', 'b'])).toEqual([undefined, 'b']);
      expect(await here.deleteMany(['b', 'none'])).toEqual(contract === 5 ? false : [true, false]);
      await here.clear();
      expect(await there.getMany(['b', 'c', 'd'])).toEqual([undefined, undefined, undefined]);
    }
    const keyv = new Keyv({ store: createKeyvStore(cache), namespace: 'n' });
    await new Keyv({ store: createKeyvStore(other), namespace: 'n' }).set('k', { at: 1 });
    await other.set('foreign', 1);
    expect(await keyv.get('k')).toEqual({ at: 1 });
    await keyv.clear();
    expect([await other.get('n:k'), await other.get('foreign')]).toEqual([undefined, 1]);
    await other.close();
  });

  it('asks for a batch with one command', async () => {
    const other = createKeyvStore(new CacheManager({ namespace: 'keyv-suite', remote: redis.url, memory: false }));
    const keys = Array.from({ length: 50 }, (_, i) => `batch:${i}`);
    await Promise.all(keys.map((key) => other.set(key, key)));
    const log = await MonitorLog.start(redis.port);
    try {
      expect(await other.getMany(keys)).toEqual(keys);
      expect(await other.hasMany(keys)).toEqual(keys.map(() => true));
      await vitest.vi.waitFor(() => {
        expect(log.commands.filter(({ name }) => name === 'MGET')).toHaveLength(2);
      });
      expect(log.commands.filter(({ name }) => name === 'GET')).toEqual([]);
    } finally {
      log.close();
    }
  });
});

describe('a store for Keyv 5', () => {
  it('keeps what has no time to live until it is pushed out, and the rest for as long as it says', async () => {
    const { cache, clock } = build();
    const store = createKeyvStore(cache);
    await store.set('always', 'a');
    await store.set('zero', 'z', 0);
    await store.set('minute', 'm', 60_000);
    expect(await store.set('past', 'p', -1)).toBe(true);
    expect(await store.getMany(['always', 'zero', 'minute', 'past'])).toEqual(['a', 'z', 'm', undefined]);
    clock.advance(59_999);
    expect(await store.has('minute')).toBe(true);
    clock.advance(1);
    expect(await store.hasMany(['always', 'zero', 'minute'])).toEqual([true, true, false]);
    clock.advance(10 * 365 * 86_400_000);
    expect(await store.get('always')).toBe('a');
  });

  it('never serves stale what the cache would', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager({ clock, jitter: 0, stale: '1h' });
    const store = createKeyvStore(cache);
    await store.set('k', 'v', 1_000);
    clock.advance(1_000);
    expect(await store.get('k')).toBeUndefined();
    expect(await cache.getEntry('k')).toBeUndefined();
  });

  it('clears one namespace, wildcards and long keys included, and leaves the rest of the cache alone', async () => {
    const { cache } = build();
    const [a, star, ab] = ['a', '*', 'a:b'].map((namespace) => new Keyv({ store: createKeyvStore(cache), namespace }));
    const long = 'x'.repeat(500);
    for (const keyv of [a!, star!]) {
      await keyv.set('k', 1);
      await keyv.set(long, 1);
    }
    await cache.set('foreign', 'f');
    await star!.clear();
    expect([await star!.get('k'), await star!.get(long)]).toEqual([undefined, undefined]);
    expect([await a!.get('k'), await a!.get(long), await cache.get('foreign')]).toEqual([1, 1, 'f']);
    await ab!.set('k', 2);
    await ab!.clear();
    expect(await a!.get('k')).toBe(1);
    await a!.clear();
    expect([await a!.get('k'), await a!.get(long), await cache.get('foreign')]).toEqual([undefined, undefined, 'f']);
  });

  it('without a namespace is the whole cache', async () => {
    const { cache } = build();
    const store = createKeyvStore(cache);
    await cache.set('foreign', 'f');
    expect(await store.get('foreign')).toBe('f');
    await store.clear();
    expect(await cache.get('foreign')).toBeUndefined();
  });

  it('iterates over the fresh entries of a namespace, while they change', async () => {
    const { cache, clock } = build();
    const keyv = new Keyv({ store: createKeyvStore(cache), namespace: 'n' });
    await keyv.set('short', 1, 1_000);
    for (const key of ['a', 'b', 'c']) await keyv.set(key, key);
    await cache.set('foreign', { not: 'of Keyv' });
    await cache.set({ structured: true }, 1);
    clock.advance(2_000);
    const seen: unknown[] = [];
    for await (const entry of keyv.iterator!(undefined)) {
      seen.push(entry);
      await keyv.delete('b');
      await keyv.set('d', 'd');
    }
    expect(seen).toEqual([
      ['a', 'a'],
      ['c', 'c'],
    ]);
  });

  it('answers as Keyv expects: batches, deletions, a cache that is off', async () => {
    const { cache } = build();
    const keyv = new Keyv({ store: createKeyvStore(cache) });
    expect(
      await keyv.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 2, ttl: 1_000 },
      ]),
    ).toEqual([true, true]);
    expect(await keyv.getMany(['a', 'none', 'b'])).toEqual([1, undefined, 2]);
    expect(await keyv.deleteMany(['a', 'none'])).toBe(false);
    expect(await keyv.deleteMany(['b'])).toBe(true);
    cache.mode = 'off';
    expect(await keyv.set('a', 1)).toBe(false);
    expect(await keyv.get('a')).toBeUndefined();
  });

  it('hands on trouble inside the cache until it is disconnected, and leaves the cache open', async () => {
    const { cache } = build();
    const keyv = new Keyv({ store: createKeyvStore(cache) });
    const errors: unknown[] = [];
    keyv.on('error', (error) => errors.push(error));
    const error = new Error('trouble');
    cache.reportTrouble(error, 'a test');
    await flushMicrotasks();
    await keyv.disconnect();
    cache.reportTrouble(error, 'a test');
    expect(errors).toEqual([error]);
    await cache.set('k', 1);
    expect(await cache.get('k')).toBe(1);
  });

  it('does not tell Keyv 6 that it is of its kind, so that Keyv 6 bridges it', () => {
    const store = createKeyvStore(build().cache);
    expect('capabilities' in store).toBe(false);
    expect('namespace' in store, 'Keyv 6 would leave the prefixing of keys to us').toBe(false);
  });
});

describe('a store for Keyv 6, called as Keyv 6 does', () => {
  function build6() {
    const { cache, clock } = build();
    const store = (namespace?: string) => {
      const made = createKeyvStore(cache, { contract: 6, clock });
      if (namespace !== undefined) made.namespace = namespace;
      return made;
    };
    return { cache, clock, store };
  }

  it('declares the contract', () => {
    expect(build6().store().capabilities.expires).toBe(true);
  });

  it('reads the third argument as a moment', async () => {
    const { store, clock } = build6();
    const s = store();
    await s.set('always', 'a');
    await s.set('minute', 'm', clock.now() + 60_000);
    await s.set('was', 'w');
    expect(await s.set('was', 'late', clock.now())).toBe(true);
    expect(await s.getMany(['always', 'minute', 'was'])).toEqual(['a', 'm', undefined]);
    clock.advance(59_999);
    expect(await s.get('minute')).toBe('m');
    clock.advance(1);
    expect(await s.get('minute')).toBeUndefined();
    clock.advance(10 * 365 * 86_400_000);
    expect(await s.get('always')).toBe('a');
  });

  it('refuses a time to live, which Keyv 5 would pass', async () => {
    const s = build6().store();
    await expect(s.set('k', 'v', 60_000)).rejects.toThrow(InvalidOptionError);
    await expect(s.set('k', 'v', 60_000)).rejects.toThrow('contract: 5');
    await expect(s.set('k', 'v', Number.NaN)).rejects.toThrow('expires must be a moment');
  });

  it('answers batches with one result each', async () => {
    const { store, clock } = build6();
    const s = store();
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2, expires: clock.now() + 1_000 },
      { key: 'c', value: 3, expires: undefined },
    ];
    expect(await s.setMany(entries)).toEqual([true, true, true]);
    expect(await s.hasMany(['a', 'none', 'c'])).toEqual([true, false, true]);
    expect(await s.deleteMany(['a', 'none'])).toEqual([true, false]);
  });

  it('keeps namespaces apart by itself', async () => {
    const { store } = build6();
    const [a, ab, escaped, star] = [store('a'), store('a:b'), store('a%3Ab'), store('*')];
    const long = 'x'.repeat(500);
    for (const [i, s] of [a, ab, escaped, star].entries()) {
      await s.set('b:c', i);
      await s.set('c', i);
      await s.set(long, i);
    }
    for (const [i, s] of [a, ab, escaped, star].entries())
      expect(await s.getMany(['b:c', 'c', long])).toEqual([i, i, i]);
    await star.clear();
    await ab.clear();
    expect(await ab.getMany(['b:c', 'c', long])).toEqual([undefined, undefined, undefined]);
    expect(await a.getMany(['b:c', 'c', long])).toEqual([0, 0, 0]);
    expect(await escaped.getMany(['b:c', 'c', long])).toEqual([2, 2, 2]);
  });

  it('iterates over its namespace under the keys that Keyv knows', async () => {
    const { store, cache } = build6();
    const s = store('a:b');
    await s.set('k', 'v');
    await store('other').set('k', 'w');
    await cache.set('foreign', 1);
    const seen: unknown[] = [];
    for await (const entry of s.iterator()) seen.push(entry);
    expect(seen).toEqual([['k', 'v']]);
  });
});

it('refuses another contract', () => {
  expect(() => createKeyvStore(build().cache, { contract: 4 as never })).toThrow('contract must be 5 or 6, got 4');
});
