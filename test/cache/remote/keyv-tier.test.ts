import { describe, expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { DeferredLoader } from '../deferred.js';
import { flushMicrotasks, KeyvNodes, MeddledStore, NAMES } from './keyv-nodes.js';

const nodes = new KeyvNodes();
const keysOf = (store: Map<string, unknown>): string[] => [...store.keys()].filter((key) => key !== NAMES.versions);

describe('a shared tier over a store without coordination', () => {
  it('is read by another process, and by the next one', async () => {
    const store = new Map<string, unknown>();
    const here = await nodes.open(store);
    const there = await nodes.open(store);
    await here.getOrSet('k', () => ({ at: new Date(5) }), { tags: ['t'] });
    await here.close();
    const load = () => 'loaded again';
    expect(await there.getOrSet('k', load)).toEqual({ at: new Date(5) });
    expect(await (await nodes.open(store)).getOrSet('k', load)).toEqual({ at: new Date(5) });
    expect(there.stats()).toMatchObject({ remoteHits: 1, loads: 0, remote: { state: 'closed', bus: 'none' } });
  });

  it('costs nothing where memory has a copy: no operation, for as long as it is fresh', async () => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { ttl: '1h', coordinator: { heartbeat: '1d' } });
    await cache.getOrSet('k', () => 'v');
    await flushMicrotasks();
    store.asked.length = 0;
    for (let i = 0; i < 5; i++) {
      await nodes.pass(60_000, 60_000);
      expect(cache.peek('k')).toBe('v');
      expect(await cache.getOrSet('k', () => 'again')).toBe('v');
    }
    expect(store.asked).toEqual([]);
    expect(cache.stats().memoryHits).toBe(10);
    // The short way of a hit: not even a promise is made.
    const load = (): string => 'again';
    expect(cache.getOrSet('k', load)).toBe(cache.getOrSet('k', load));
  });

  it('says that there is no bus, before its first use too', () => {
    expect(nodes.make(new Map()).stats().remote).toMatchObject({ state: 'closed', bus: 'none' });
  });

  it('shares one run among the callers of a process', async () => {
    const cache = await nodes.open(new Map());
    const loader = new DeferredLoader();
    const reads = Array.from({ length: 50 }, () => cache.getOrSet('k', loader.load));
    await flushMicrotasks();
    loader.last.resolve('v');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['v']));
    expect(loader.runs).toBe(1);
  });

  it.each<[string, (cache: CacheManager) => Promise<unknown>]>([
    ['delete', (cache) => cache.delete('report:1')],
    ['set', (cache) => cache.set('report:1', 'new')],
    ['a tag', (cache) => cache.invalidateTags(['t'])],
    ['a prefix', (cache) => cache.invalidate('report:*')],
    ['a glob', (cache) => cache.invalidate('*:?')],
    ['clear', (cache) => cache.clear()],
  ])('never serves on the same node what began to load before %s', async (_what, change) => {
    const store = new MeddledStore();
    const cache = await nodes.open(store, { memory: false });
    // A load that is overtaken, and a fill that is stuck on its way to the store.
    for (const stuck of [false, true]) {
      const loader = new DeferredLoader();
      const before = cache.getOrSet('report:1', loader.load, { tags: ['t'] });
      await flushMicrotasks();
      store.holds = (operation, key) => stuck && operation === 'set' && key === NAMES.value('report:1');
      if (stuck) {
        loader.last.resolve('old');
        await before;
        await flushMicrotasks();
        expect(store.held).toBe(1);
      }
      store.holds = () => false;
      const changed = change(cache);
      await flushMicrotasks();
      if (stuck) await store.letGo();
      else {
        loader.last.resolve('old');
        await before;
      }
      await changed;
      await flushMicrotasks();
      expect(await cache.getOrSet('report:1', () => 'new'), `stuck: ${stuck}`).toBe('new');
      await cache.clear();
    }
  });

  it.each<[string, (cache: CacheManager) => Promise<unknown>]>([
    ['deleted', (cache) => cache.delete('k')],
    ['taken out by a glob', (cache) => cache.invalidate('?')],
    ['refused by a write of nothing', (cache) => cache.set('k', undefined)],
  ])('drops a fill that was being packed while its key was %s', async (_what, change) => {
    const store = new Map<string, unknown>();
    let packed = (): void => {};
    const gate = new Promise<void>((resolve) => {
      packed = resolve;
    });
    const codec = {
      id: 'slow',
      encode: async (value: unknown) => {
        await gate;
        return JSON.stringify(value);
      },
      decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
    };
    const cache = await nodes.open(store, { memory: false, codec });
    await cache.getOrSet('k', () => 'old');
    await change(cache);
    packed();
    await flushMicrotasks();
    expect(keysOf(store)).toEqual([]);
    expect(await cache.get('k')).toBeUndefined();
    expect(cache.stats().remote).toMatchObject({ leasesLost: 1, unconfirmed: 0 });
  });

  it.each<[string, (cache: CacheManager) => Promise<unknown>]>([
    ['a tag', (cache) => cache.invalidateTags(['t'])],
    ['a prefix', (cache) => cache.invalidate('report:*')],
    ['clear', (cache) => cache.clear()],
  ])('%s: reaches what the store has, also when nobody who knew of it is left', async (_what, change) => {
    const store = new MeddledStore();
    const first = await nodes.open(store);
    await first.getOrSet('report:1', () => 'old', { tags: ['t'] });
    await change(first);
    expect(store.has(NAMES.value('report:1'))).toBe(true);
    await first.close();
    const next = await nodes.open(store);
    expect(await next.get('report:1')).toBeUndefined();
    expect(await next.getOrSet('report:1', () => 'new', { tags: ['t'] })).toBe('new');
    await flushMicrotasks();
    expect(await (await nodes.open(store)).get('report:1')).toBe('new');
  });

  it('a soft invalidation leaves the value to be served stale, and the store keeps it no longer than that', async () => {
    const lives: unknown[] = [];
    const data = new Map<string, unknown>();
    const store = {
      get: (key: string) => data.get(key),
      set: (key: string, value: unknown, ttl?: number) => {
        if (key === NAMES.value('k')) lives.push(ttl);
        data.set(key, value);
      },
      delete: (key: string) => data.delete(key),
      has: (key: string) => data.has(key),
    };
    const quiet = { coordinator: { heartbeat: '1d' } } as const;
    const cache = await nodes.open(store, { ttl: '1m', stale: '1h', memory: false, ...quiet });
    await cache.set('k', 'v');
    await nodes.pass(10_000, 10_000);
    await cache.delete('k', { soft: true });
    expect(await cache.getEntry('k')).toMatchObject({ value: 'v', state: 'stale' });
    expect(lives).toEqual([3_660_000, 3_600_000]);
  });

  it('a token holds on the node that gave it out, and on others', async () => {
    const store = new Map<string, unknown>();
    const here = await nodes.open(store);
    const there = await nodes.open(store, { coordinator: { heartbeat: '1d' } });
    await here.getOrSet('k', () => 'old', { tags: ['t'] });
    expect(await there.getOrSet('k', () => 'never')).toBe('old');
    await nodes.pass(10, 10);
    const { token } = await here.invalidateTags(['t']);
    expect(await there.getOrSet('k', () => 'never')).toBe('old');
    expect(await there.getOrSet('k', () => 'new', { after: token, tags: ['t'] })).toBe('new');
    expect(await here.getOrSet('k', () => 'newer', { after: token, tags: ['t'] })).toBe('new');
  });

  it('hears of what others invalidate within a heartbeat', async () => {
    const store = new Map<string, unknown>();
    const here = await nodes.open(store);
    const there = await nodes.open(store);
    for (const [key, tag] of [
      ['a', 't'],
      ['b', 'u'],
    ] as const) {
      await here.getOrSet(key, () => 'old', { tags: [tag] });
      expect(await there.get(key)).toBe('old');
    }
    await here.invalidateTags(['t']);
    await nodes.pass(1_050);
    expect([there.peek('a'), there.peek('b')]).toEqual([undefined, 'old']);
    await here.clear();
    await nodes.pass(1_050);
    expect(there.peek('b')).toBeUndefined();
  });

  it('confirms copies again after a degradedTtl that it is given', async () => {
    const store = new Map<string, unknown>();
    const options = { coordinator: { degradedTtl: '5s' } } as const;
    const here = await nodes.open(store, options);
    const there = await nodes.open(store, options);
    await here.getOrSet('k', () => 'old');
    expect(await there.get('k')).toBe('old');
    await here.set('k', 'new');
    await nodes.pass(4_900, 100);
    expect(await there.getOrSet('k', () => 'loaded')).toBe('old');
    await nodes.pass(100, 100);
    expect(await there.getOrSet('k', () => 'loaded')).toBe('new');
  });

  it('a store that lost its record of versions makes everything old, and nothing young', async () => {
    const store = new MeddledStore();
    const here = await nodes.open(store);
    const there = await nodes.open(store);
    await here.getOrSet('k', () => 'old', { tags: ['t'] });
    await nodes.pass(50);
    await there.invalidateTags(['t']);
    store.data.delete(NAMES.versions);
    await nodes.pass(2_100);
    for (const cache of [here, there, await nodes.open(store)]) expect(await cache.get('k')).toBeUndefined();
    await there.getOrSet('k', () => 'new', { tags: ['t'] });
    await flushMicrotasks();
    expect(await here.getOrSet('k', () => 'newer')).toBe('new');
  });

  it('a glob takes out of a Map what matches, and the whole namespace where the store cannot be listed', async () => {
    const map = new Map<string, unknown>();
    const store = new MeddledStore();
    for (const [remote, kept] of [
      [map, 'kept'],
      [store, undefined],
    ] as const) {
      const cache = await nodes.open(remote);
      await cache.getOrSet('a:1:x', () => 'v');
      await cache.getOrSet('b:1', () => 'kept');
      await flushMicrotasks();
      expect(await cache.invalidate('a:*:x')).toMatchObject({ remote: 'done' });
      expect(await cache.get('b:1')).toBe(kept);
      expect(await (await nodes.open(remote)).get('a:1:x')).toBeUndefined();
      expect(await (await nodes.open(remote)).get('b:1')).toBe(kept);
    }
  });

  it('clear empties a Map of its own keys, and of no others', async () => {
    const store = new Map<string, unknown>([['of the host', 1]]);
    const here = await nodes.open(store);
    const other = await nodes.open(store, { namespace: 'other' });
    for (const cache of [here, other]) await cache.set('k', 'v');
    await here.clear();
    expect(store.has(NAMES.value('k'))).toBe(false);
    expect(store.get('of the host')).toBe(1);
    expect(await (await nodes.open(store, { namespace: 'other' })).get('k')).toBe('v');
  });

  it('leaves alone what is not its own, under a load and under a clear', async () => {
    const store = new Map<string, unknown>();
    const cache = await nodes.open(store, { memory: false });
    store.set(NAMES.value('k'), 'written by somebody else');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    await flushMicrotasks();
    expect(store.get(NAMES.value('k'))).toBe('written by somebody else');
  });
});
