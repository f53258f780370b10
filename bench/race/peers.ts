import type { PackageSource } from '../../src/cli/package-source.js';
import { KEY, type Load, PREFIX, type RaceRecipe, TAG } from './contestant.js';

// What is used of each peer: they are not installed with the repository, so the type check cannot see their own types.
interface LruCacheModule {
  LRUCache: new (options: {
    max: number;
    ttl: number;
    fetchMethod: Load;
  }) => {
    fetch(key: string): Promise<string | undefined>;
    delete(key: string): boolean;
    clear(): void;
    set(key: string, value: string): unknown;
  };
}
interface BentoModule {
  BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: { key: string; factory: Load; tags: string[] }): Promise<string>;
    delete(options: { key: string }): Promise<boolean>;
    deleteByTag(options: { tags: string[] }): Promise<boolean>;
    clear(): Promise<void>;
    set(options: { key: string; value: string; tags: string[] }): Promise<boolean>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): { useL1Layer(driver: unknown): unknown };
}
interface BentoMemoryModule {
  memoryDriver(options: { maxItems: number; serialize: boolean }): unknown;
}
interface CacheableModule {
  Cacheable: new (options: {
    ttl: string;
    tags: boolean;
  }) => {
    get(key: string): Promise<string | undefined>;
    set(key: string, value: string, options?: { tags: string[] }): Promise<boolean>;
    getOrSet(key: string, fn: Load): Promise<string>;
    delete(key: string): Promise<boolean>;
    clear(): Promise<void>;
    tags: { invalidateTag(tag: string): Promise<unknown> };
  };
}
interface CacheManagerModule {
  createCache(options: { ttl: number }): {
    wrap(key: string, fn: Load): Promise<string>;
    del(key: string): Promise<boolean>;
    clear(): Promise<boolean>;
    set(key: string, value: string): Promise<string>;
  };
}
interface DedupeModule {
  createCache(options: object): {
    define(
      name: string,
      options: { references: () => string[] },
      fn: Load,
    ): {
      fetchRow(key: string): Promise<string>;
      clear(name?: string, key?: string): Promise<void>;
      invalidateAll(references: string[]): Promise<void>;
    };
  };
}

/** The peers with a call that invalidates, each used as its README shows for one tier in memory. */
export function peerRecipes(source: PackageSource): RaceRecipe[] {
  return [
    {
      name: 'bentocache getOrSet',
      package: 'bentocache',
      async build(load) {
        const { BentoCache, bentostore } = (await source.load('bentocache')) as BentoModule;
        const { memoryDriver } = (await source.load('bentocache/drivers/memory')) as BentoMemoryModule;
        const store = bentostore().useL1Layer(memoryDriver({ maxItems: 100, serialize: false }));
        const bento = new BentoCache({ default: 'memory', ttl: '1h', stores: { memory: store } });
        const tags = [TAG];
        return {
          read: () => bento.getOrSet({ key: KEY, factory: load, tags }),
          invalidate: {
            delete: () => bento.delete({ key: KEY }),
            tag: () => bento.deleteByTag({ tags }),
            clear: () => bento.clear(),
            set: (value) => bento.set({ key: KEY, value, tags }),
          },
          close: () => bento.disconnectAll(),
        };
      },
    },
    {
      name: 'cacheable getOrSet',
      package: 'cacheable',
      async build(load) {
        const { Cacheable } = (await source.load('cacheable')) as CacheableModule;
        const cache = new Cacheable({ ttl: '1h', tags: false });
        return {
          read: () => cache.getOrSet(KEY, load),
          invalidate: {
            delete: () => cache.delete(KEY),
            clear: () => cache.clear(),
            set: (value) => cache.set(KEY, value),
          },
        };
      },
    },
    {
      // Its getOrSet takes no tags: a host that needs them reads, loads and sets.
      name: 'cacheable get, load, set with tags',
      package: 'cacheable',
      async build(load) {
        const { Cacheable } = (await source.load('cacheable')) as CacheableModule;
        const cache = new Cacheable({ ttl: '1h', tags: true });
        const tags = [TAG];
        return {
          async read() {
            const held = await cache.get(KEY);
            if (held !== undefined) return held;
            const value = await load();
            await cache.set(KEY, value, { tags });
            return value;
          },
          invalidate: {
            delete: () => cache.delete(KEY),
            tag: () => cache.tags.invalidateTag(TAG),
            clear: () => cache.clear(),
            set: (value) => cache.set(KEY, value, { tags }),
          },
        };
      },
    },
    {
      name: 'cache-manager wrap',
      package: 'cache-manager',
      async build(load) {
        const { createCache } = (await source.load('cache-manager')) as CacheManagerModule;
        const cache = createCache({ ttl: 3_600_000 });
        return {
          read: () => cache.wrap(KEY, load),
          invalidate: {
            delete: () => cache.del(KEY),
            clear: () => cache.clear(),
            set: (value) => cache.set(KEY, value),
          },
        };
      },
    },
    {
      name: 'async-cache-dedupe',
      package: 'async-cache-dedupe',
      async build(load) {
        const { createCache } = (await source.load('async-cache-dedupe')) as DedupeModule;
        const storage = { type: 'memory', options: { size: 100, invalidation: true } };
        const cache = createCache({ ttl: 3_600, storage }).define('fetchRow', { references: () => [TAG, KEY] }, load);
        return {
          read: () => cache.fetchRow(KEY),
          invalidate: {
            delete: () => cache.clear('fetchRow', KEY),
            tag: () => cache.invalidateAll([TAG]),
            prefix: () => cache.invalidateAll([PREFIX]),
            clear: () => cache.clear(),
          },
        };
      },
    },
    {
      name: 'lru-cache fetch',
      package: 'lru-cache',
      async build(load) {
        const { LRUCache } = (await source.load('lru-cache')) as LruCacheModule;
        const cache = new LRUCache({ max: 100, ttl: 3_600_000, fetchMethod: load });
        return {
          read: () => cache.fetch(KEY),
          invalidate: {
            delete: () => cache.delete(KEY),
            clear: () => cache.clear(),
            set: (value) => cache.set(KEY, value),
          },
        };
      },
    },
  ];
}
