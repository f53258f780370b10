import { type Contestant, ENTRIES, type Row, type RowSource, TTL_MS } from './contestant.js';
import type { PackageSource } from './package-source.js';

/** How a peer is set up, after its own README: one tier in memory, room for all entries, a ttl of an hour. */
export interface PeerRecipe {
  readonly package: string;
  build(source: PackageSource, loader: RowSource): Promise<Contestant>;
}

type Loader = (key: string) => Promise<Row>;

// What is used of each peer, and no more: the package is the host's, of whatever version it has.
interface LruCacheModule {
  LRUCache: new (options: { max: number; ttl: number; fetchMethod: Loader }) => { fetch(key: string): Promise<Row> };
}
interface BentoModule {
  BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: { key: string; factory: () => Promise<Row> }): Promise<Row>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): { useL1Layer(driver: unknown): unknown };
}
interface BentoMemoryModule {
  memoryDriver(options: { maxItems: number; serialize: boolean }): unknown;
}
interface CacheableModule {
  Cacheable: new (options: { ttl: string }) => { getOrSet(key: string, fn: () => Promise<Row>): Promise<Row> };
}
interface CacheManagerModule {
  createCache(options: { ttl: number }): { wrap(key: string, fn: () => Promise<Row>): Promise<Row> };
}
interface DedupeModule {
  createCache(options: object): { define(name: string, fn: Loader): { fetchRow: Loader } };
}
interface PMemoizeModule {
  default(fn: Loader, options: { cache: unknown }): Loader;
}
interface QuickLruModule {
  default: new (options: { maxSize: number; maxAge: number }) => unknown;
}

/** The closure a host writes in each call. Made here, since some compilers of development builds slow down inline named ones. */
function loadLater(loader: RowSource): (key: string) => () => Promise<Row> {
  return (key) => () => loader.load(key);
}

function peer(
  name: string,
  version: string,
  read: Loader,
  hits: Contestant['hits'],
  close?: () => unknown,
): Contestant {
  return { name, version, kind: 'peer', read, hits, ...(close && { close }) };
}

export const CACHE_PEERS: readonly PeerRecipe[] = [
  {
    package: 'lru-cache',
    async build(source, loader) {
      const { LRUCache } = (await source.load('lru-cache')) as LruCacheModule;
      const cache = new LRUCache({ max: ENTRIES, ttl: TTL_MS, fetchMethod: loader.load });
      return peer(
        'lru-cache fetch',
        source.version('lru-cache'),
        (key) => cache.fetch(key),
        async (keys) => {
          for (const key of keys) await cache.fetch(key);
        },
      );
    },
  },
  {
    package: 'p-memoize',
    async build(source, loader) {
      const { default: pMemoize } = (await source.load('p-memoize')) as PMemoizeModule;
      // It has no ttl of its own; its README names quick-lru as a store, whose maxAge is one.
      const { default: QuickLRU } = (await import('quick-lru')) as unknown as QuickLruModule;
      const memoized = pMemoize(loader.load, { cache: new QuickLRU({ maxSize: ENTRIES, maxAge: TTL_MS }) });
      return peer('p-memoize (quick-lru)', source.version('p-memoize'), memoized, async (keys) => {
        for (const key of keys) await memoized(key);
      });
    },
  },
  {
    package: 'async-cache-dedupe',
    async build(source, loader) {
      const { createCache } = (await source.load('async-cache-dedupe')) as DedupeModule;
      const cache = createCache({
        ttl: TTL_MS / 1_000,
        storage: { type: 'memory', options: { size: ENTRIES } },
      }).define('fetchRow', loader.load);
      return peer(
        'async-cache-dedupe',
        source.version('async-cache-dedupe'),
        (key) => cache.fetchRow(key),
        async (keys) => {
          for (const key of keys) await cache.fetchRow(key);
        },
      );
    },
  },
  {
    package: 'cache-manager',
    async build(source, loader) {
      const { createCache } = (await source.load('cache-manager')) as CacheManagerModule;
      const load = loadLater(loader);
      const cache = createCache({ ttl: TTL_MS });
      return peer(
        'cache-manager wrap',
        source.version('cache-manager'),
        (key) => cache.wrap(key, load(key)),
        async (keys) => {
          for (const key of keys) await cache.wrap(key, load(key));
        },
      );
    },
  },
  {
    package: 'cacheable',
    async build(source, loader) {
      const { Cacheable } = (await source.load('cacheable')) as CacheableModule;
      const load = loadLater(loader);
      const cache = new Cacheable({ ttl: '1h' });
      return peer(
        'cacheable getOrSet',
        source.version('cacheable'),
        (key) => cache.getOrSet(key, load(key)),
        async (keys) => {
          for (const key of keys) await cache.getOrSet(key, load(key));
        },
      );
    },
  },
  {
    package: 'bentocache',
    async build(source, loader) {
      const { BentoCache, bentostore } = (await source.load('bentocache')) as BentoModule;
      const load = loadLater(loader);
      const { memoryDriver } = (await source.load('bentocache/drivers/memory')) as BentoMemoryModule;
      const store = bentostore().useL1Layer(memoryDriver({ maxItems: ENTRIES, serialize: false }));
      const bento = new BentoCache({ default: 'memory', ttl: '1h', stores: { memory: store } });
      return peer(
        'bentocache getOrSet',
        source.version('bentocache'),
        (key) => bento.getOrSet({ key, factory: load(key) }),
        async (keys) => {
          for (const key of keys) await bento.getOrSet({ key, factory: load(key) });
        },
        () => bento.disconnectAll(),
      );
    },
  },
];
