import KeyvRedis from '@keyv/redis';
import { expect, it } from 'vitest';
import type { CacheManager, CacheOptions } from '../../../src/cache/index.js';
import { WireNames } from '../../../src/cache/remote/wire-name.js';
import { findRedis, type RedisServer } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { MeddledStore } from './keyv-nodes.js';
import { until, useNodes } from './nodes.js';

const found = await findRedis({ private: true });

describeWith('values in a Keyv store, coordinated by a Redis', found, (start) => {
  const nodes = useNodes(start);
  const open = (store: MeddledStore, options: CacheOptions = {}): Promise<CacheManager> =>
    nodes.open({ remote: store, coordinator: nodes.url, ...options });
  const name = (key = 'k'): string => nodes.names.value(key);
  const leaseOf = (key = 'k'): string => new WireNames(nodes.namespace, 1).lease(key);

  it('keeps values in the store, and everything else in the Redis', async () => {
    const store = new MeddledStore();
    const cache = await open(store);
    await cache.getOrSet('k', () => 'v', { tags: ['t'] });
    await cache.invalidateTags(['t']);
    await until('it is stored', () => store.has(name()));
    expect([...store.data.keys()]).toEqual([name()]);
    expect(await nodes.raw.keys(`*${nodes.namespace}*`)).toEqual([nodes.names.versions]);
  });

  it('loads a key once for all nodes', async () => {
    const store = new MeddledStore();
    const [here, there] = [await open(store), await open(store)];
    const loader = new DeferredLoader();
    const reads = [here, there, here, there].map((cache) => cache.getOrSet('k', loader.load));
    await until('somebody loads', () => loader.runs > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    loader.last.resolve('v');
    expect(await Promise.all(reads)).toEqual(['v', 'v', 'v', 'v']);
    expect(loader.runs).toBe(1);
    expect(await nodes.raw.exists(leaseOf())).toBe(0);
  });

  it.each<[string, (cache: CacheManager) => Promise<unknown>, string | undefined]>([
    ['set', (cache) => cache.set('k', 'new'), 'new'],
    ['delete', (cache) => cache.delete('k'), undefined],
    ['a tag', (cache) => cache.invalidateTags(['t']), undefined],
    ['a refresh', (cache) => cache.getOrSet('k', () => 'new', { cache: 'refresh' }), 'new'],
  ])('tells the others of %s', async (_what, change, expected) => {
    const store = new MeddledStore();
    const [here, there] = [await open(store), await open(store)];
    await here.getOrSet('k', () => 'old', { tags: ['t'] });
    await until('it is there', async () => (await there.get('k')) === 'old');
    await change(here);
    await until('the other has heard', async () => (await there.get('k')) === expected);
    expect(await here.get('k')).toBe(expected);
  });

  it.each<[string, (cache: CacheManager) => Promise<unknown>, string | undefined]>([
    ['set', (cache) => cache.set('k', 'new'), 'new'],
    ['delete', (cache) => cache.delete('k'), undefined],
  ])('does not keep what another node began to load before %s', async (_what, change, expected) => {
    const store = new MeddledStore();
    const [here, there] = [await open(store), await open(store)];
    const loader = new DeferredLoader();
    const slow = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    await change(there);
    loader.last.resolve('old');
    expect(await slow).toBe('old');
    await until('the fill has been refused', () => here.stats().remote?.leasesLost === 1 || here.stats().fenced === 1);
    await until('nothing old is left', async () => {
      const values = await Promise.all([here, there].map((cache) => cache.get('k')));
      return !values.includes('old');
    });
    const fresh = await open(store);
    expect([expected, undefined]).toContain(await fresh.get('k'));
  });

  it('takes a fill out again whose lease was revoked on its way, and tells whoever has read it', async () => {
    const store = new MeddledStore();
    const [here, there] = [await open(store), await open(store)];
    store.holds = (operation) => operation === 'set';
    await here.getOrSet('k', () => 'old');
    await until('the fill is on its way', () => store.held === 1);
    store.holds = () => false;
    await there.delete('k');
    // The moment that no order of steps can avoid: it is there, and is read.
    store.holds = (operation) => operation === 'delete';
    await store.letGo();
    await until('the old value is there', () => store.has(name()));
    expect(await there.get('k')).toBe('old');
    await until('it is being taken out', () => store.held === 1);
    await store.letGo();
    await until('nobody has it', async () => {
      const values = await Promise.all([here, there].map((cache) => cache.get('k')));
      return values.every((value) => value === undefined);
    });
    expect(store.has(name())).toBe(false);
  });

  it('keeps what is set where the coordinator is the very server that has the values, under the very names', async () => {
    const adapters: KeyvRedis<unknown>[] = [];
    const make = (): Promise<CacheManager> => {
      const adapter = new KeyvRedis<unknown>({ url: nodes.url, disableOfflineQueue: true });
      adapters.push(adapter);
      return nodes.open({ remote: adapter, coordinator: nodes.url });
    };
    try {
      const [here, there] = [await make(), await make()];
      await here.set('k', 'v');
      expect(await there.get('k')).toBe('v');
      await here.getOrSet('l', () => 'w');
      await until('it is stored', async () => (await there.get('l')) === 'w');
      expect((await there.delete('k')).deleted).toBe(true);
      await until('the other has heard', async () => (await here.get('k')) === undefined);
    } finally {
      await nodes.closeCaches();
      await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
    }
  });

  it('gives its lease back where the store fails after it was granted', async () => {
    const store = new MeddledStore();
    const [here, there] = [await open(store), await open(store)];
    let reads = 0;
    store.holds = () => {
      // The first look finds nothing, the one under the lease fails.
      if (++reads === 2) throw new Error('no');
      return false;
    };
    expect(await here.getOrSet('k', () => 'v')).toBe('v');
    store.holds = () => false;
    await until('the lease is free', async () => (await nodes.raw.exists(leaseOf())) === 0, 1_000);
    const loader = new DeferredLoader();
    const read = there.getOrSet('k', loader.load);
    await until('the other loads', () => loader.runs === 1, 1_000);
    loader.last.resolve('w');
    expect(await read).toBe('w');
  });

  it('leaves alone what is not its own', async () => {
    const store = new MeddledStore();
    store.data.set(name(), 'of somebody else');
    const cache = await open(store);
    const foreign = heard(cache, 'remote:foreign');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    await until('the lease is free', async () => (await nodes.raw.exists(leaseOf())) === 0);
    expect(store.data.get(name())).toBe('of somebody else');
    expect(foreign.length).toBeGreaterThan(0);
  });

  it('a glob clears the namespace where the store cannot be listed', async () => {
    const store = new MeddledStore();
    const cache = await open(store);
    await cache.setMany([
      ['a:1:x', 1],
      ['b', 2],
    ]);
    expect(await cache.invalidate('a:*:x')).toMatchObject({ remote: 'done' });
    expect(await (await open(store)).getMany(['a:1:x', 'b'])).toEqual(new Map());
  });
});

describeWith('values in a Redis, coordinated by another one', found, (start) => {
  const nodes = useNodes(start);

  it('keeps values in the one, the rest in the other, and finds by a glob what it keeps', async () => {
    let values: RedisServer | undefined;
    try {
      values = await start();
      const open = (): Promise<CacheManager> => nodes.open({ remote: values!.url, coordinator: nodes.url });
      const [here, there] = [await open(), await open()];
      await here.setMany([
        ['a:1:x', 1],
        ['b', 2],
      ]);
      expect(await there.getMany(['a:1:x', 'b', 'none'])).toEqual(
        new Map([
          ['a:1:x', 1],
          ['b', 2],
        ]),
      );
      expect(await nodes.raw.exists(nodes.names.value('b'))).toBe(0);
      await here.invalidate('a:*:x');
      const third = await open();
      expect(await third.getMany(['a:1:x', 'b'])).toEqual(new Map([['b', 2]]));
      await here.invalidateTags(['t']);
      await here.clear();
      expect(await (await open()).get('b')).toBeUndefined();
    } finally {
      await nodes.closeCaches();
      await values?.close();
    }
  });
});
