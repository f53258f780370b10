import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { connectNodeRedis } from './remote-clients.js';
import { type Load, TTL_MS, versionsOf } from './remote-contestant.js';
import type { ResultRows } from './remote-payload.js';

/** A cache with both tiers, as a process of a service has it. */
export interface StampedeCache {
  readonly version: string;
  read(key: string): Promise<ResultRows | undefined>;
  close(): unknown;
}

type GetOrSet = (key: string, load: () => Promise<ResultRows>) => Promise<ResultRows | undefined>;
interface KeyvStore {
  disconnect(force?: boolean): Promise<void>;
}
interface KeyvRedisModule {
  default: new (url: string) => KeyvStore;
}
interface KeyvModule {
  Keyv: new (options?: { store: unknown }) => object;
}
interface CacheableModule {
  Cacheable: new (options: { secondary: object; ttl: number }) => { getOrSet: GetOrSet };
  CacheableMemory: new (options: { ttl: number; lruSize: number }) => object;
}
interface CacheManagerModule {
  createCache(options: { stores: object[]; ttl: number }): { wrap: GetOrSet };
}
interface BentoStore {
  useL1Layer(driver: unknown): BentoStore;
  useL2Layer(driver: unknown): BentoStore;
  useBus(driver: unknown): BentoStore;
}
interface BentoModule {
  BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: { key: string; factory: () => Promise<ResultRows> }): Promise<ResultRows>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): BentoStore;
}
interface BentoMemoryModule {
  memoryDriver(options: object): unknown;
}
interface BentoRedisModule {
  redisDriver(options: object): unknown;
  redisBusDriver(options: object): unknown;
}
interface OursModule {
  new (
    options: object,
  ): {
    getOrSet(key: string, load: (context: { readonly key: string }) => Promise<ResultRows>): Promise<ResultRows>;
    close(): unknown;
  };
}

/** Two tiers each, set up as the README of each shows it. */
export async function stampedeCache(
  name: string,
  subject: CacheBenchSubject,
  url: string,
  load: Load,
): Promise<StampedeCache> {
  const source = subject.packages;
  switch (name) {
    case 'hotpath getOrSet': {
      const remote = await connectNodeRedis(source, url);
      const cache = new (subject.CacheManager as unknown as OursModule)({ namespace: 'bench', remote, ttl: TTL_MS });
      return {
        version: subject.version,
        read: (key) => cache.getOrSet(key, (context) => load(context.key)),
        close: async () => {
          await cache.close();
          remote.destroy();
        },
      };
    }
    case 'cacheable getOrSet': {
      const { Cacheable } = (await source.load('cacheable')) as CacheableModule;
      const { default: KeyvRedis } = (await source.load('@keyv/redis')) as KeyvRedisModule;
      const secondary = new KeyvRedis(url);
      const cache = new Cacheable({ secondary, ttl: TTL_MS });
      return {
        version: source.version('cacheable'),
        read: (key) => cache.getOrSet(key, () => load(key)),
        close: () => secondary.disconnect(true),
      };
    }
    case 'cache-manager wrap': {
      const { createCache } = (await source.load('cache-manager')) as CacheManagerModule;
      const { CacheableMemory } = (await source.load('cacheable')) as CacheableModule;
      const { Keyv } = (await source.load('keyv')) as KeyvModule;
      const { default: KeyvRedis } = (await source.load('@keyv/redis')) as KeyvRedisModule;
      const store = new KeyvRedis(url);
      const memory = new Keyv({ store: new CacheableMemory({ ttl: TTL_MS, lruSize: 5_000 }) });
      const cache = createCache({ stores: [memory, new Keyv({ store })], ttl: TTL_MS });
      return {
        version: source.version('cache-manager'),
        read: (key) => cache.wrap(key, () => load(key)),
        close: () => store.disconnect(true),
      };
    }
    default: {
      const { BentoCache, bentostore } = (await source.load('bentocache')) as BentoModule;
      const { memoryDriver } = (await source.load('bentocache/drivers/memory')) as BentoMemoryModule;
      const { redisDriver, redisBusDriver } = (await source.load('bentocache/drivers/redis')) as BentoRedisModule;
      const { hostname, port } = new URL(url);
      const connection = { host: hostname, port: Number(port) };
      const store = bentostore()
        .useL1Layer(memoryDriver({ maxItems: 5_000 }))
        .useL2Layer(redisDriver({ connection }))
        .useBus(redisBusDriver({ connection }));
      const bento = new BentoCache({ default: 'tiers', ttl: '1h', stores: { tiers: store } });
      return {
        version: versionsOf(source, 'bentocache'),
        read: (key) => bento.getOrSet({ key, factory: () => load(key) }),
        close: () => bento.disconnectAll(),
      };
    }
  }
}
