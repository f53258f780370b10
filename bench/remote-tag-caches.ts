import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { TTL_MS } from './remote-contestant.js';
import { openSharedCache } from './remote-ours.js';

/** A cache with tags over one Redis, and no memory tier before it. */
export interface TagCache {
  fill(entries: readonly (readonly [key: string, value: object])[], tag: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  invalidate(tag: string): Promise<unknown>;
  close(): unknown;
}

export interface TagRecipe {
  readonly name: string;
  readonly package: string;
  build(subject: CacheBenchSubject, url: string): Promise<TagCache>;
}

interface KeyvRedisModule {
  default: new (url: string) => { disconnect(force?: boolean): Promise<void> };
}
interface KeyvModule {
  Keyv: new (options: { store: unknown }) => object;
}
interface CacheableModule {
  Cacheable: new (options: {
    primary: object;
    ttl: number;
    tags: boolean;
  }) => {
    setMany(items: { key: string; value: object; tags: string[] }[]): Promise<boolean>;
    get(key: string): Promise<unknown>;
    tags: { invalidateTag(tag: string): Promise<unknown> };
  };
}
interface BentoModule {
  BentoCache: new (
    options: object,
  ) => {
    set(options: { key: string; value: object; tags: string[] }): Promise<boolean>;
    get(options: { key: string }): Promise<unknown>;
    deleteByTag(options: { tags: string[] }): Promise<boolean>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): { useL2Layer(driver: unknown): unknown };
}
interface BentoRedisModule {
  redisDriver(options: object): unknown;
}

/** Ours first. cache-manager has no tags. */
export const TAG_RECIPES: readonly TagRecipe[] = [
  {
    name: 'hotpath invalidateTags',
    package: 'hotpath',
    async build(subject, url) {
      const { cache, close } = await openSharedCache(subject, url);
      return {
        fill: (entries, tag) => cache.setMany(entries, { tags: [tag] }),
        get: (key) => cache.get(key),
        invalidate: (tag) => cache.invalidateTags([tag]),
        close,
      };
    },
  },
  {
    name: 'cacheable tags.invalidateTag',
    package: 'cacheable',
    async build({ packages }, url) {
      const { Cacheable } = (await packages.load('cacheable')) as CacheableModule;
      const { Keyv } = (await packages.load('keyv')) as KeyvModule;
      const { default: KeyvRedis } = (await packages.load('@keyv/redis')) as KeyvRedisModule;
      const store = new KeyvRedis(url);
      const cache = new Cacheable({ primary: new Keyv({ store }), ttl: TTL_MS, tags: true });
      return {
        fill: (entries, tag) => cache.setMany(entries.map(([key, value]) => ({ key, value, tags: [tag] }))),
        get: (key) => cache.get(key),
        invalidate: (tag) => cache.tags.invalidateTag(tag),
        close: () => store.disconnect(true),
      };
    },
  },
  {
    name: 'bentocache deleteByTag',
    package: 'bentocache',
    async build({ packages }, url) {
      const { BentoCache, bentostore } = (await packages.load('bentocache')) as BentoModule;
      const { redisDriver } = (await packages.load('bentocache/drivers/redis')) as BentoRedisModule;
      const { hostname, port } = new URL(url);
      const store = bentostore().useL2Layer(redisDriver({ connection: { host: hostname, port: Number(port) } }));
      const bento = new BentoCache({ default: 'redis', ttl: '1h', stores: { redis: store } });
      return {
        // It has no call for several entries.
        fill: (entries, tag) => Promise.all(entries.map(([key, value]) => bento.set({ key, value, tags: [tag] }))),
        get: (key) => bento.get({ key }),
        invalidate: (tag) => bento.deleteByTag({ tags: [tag] }),
        close: () => bento.disconnectAll(),
      };
    },
  },
];
