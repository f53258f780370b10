import type { PackageSource } from '../src/cli/package-source.js';
import { connectIoredis, connectNodeRedis } from './remote-clients.js';
import { type Load, type RemoteRecipe, TTL_MS, versionsOf } from './remote-contestant.js';
import type { ResultRows } from './remote-payload.js';

interface KeyvRedis {
  disconnect(force?: boolean): Promise<void>;
}
interface KeyvRedisModule {
  default: new (url: string) => KeyvRedis;
}
interface Keyv {
  get(key: string): Promise<ResultRows | undefined>;
  getMany(keys: readonly string[]): Promise<(ResultRows | undefined)[]>;
  set(key: string, value: ResultRows, ttl: number): Promise<boolean>;
  on(event: string, listener: () => void): unknown;
}
interface KeyvModule {
  Keyv: new (options: { store: KeyvRedis }) => Keyv;
}
interface CacheableModule {
  Cacheable: new (options: {
    primary: Keyv;
    ttl: number;
  }) => {
    getOrSet(key: string, load: () => Promise<ResultRows>): Promise<ResultRows | undefined>;
    getMany(keys: readonly string[]): Promise<(ResultRows | undefined)[]>;
    set(key: string, value: ResultRows): Promise<boolean>;
  };
}
interface CacheManagerModule {
  createCache(options: { stores: Keyv[]; ttl: number }): {
    wrap(key: string, load: () => Promise<ResultRows>): Promise<ResultRows>;
    mget(keys: readonly string[]): Promise<(ResultRows | undefined)[]>;
    set(key: string, value: ResultRows): Promise<unknown>;
  };
}
interface BentoModule {
  BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: { key: string; factory: () => Promise<ResultRows> }): Promise<ResultRows>;
    set(options: { key: string; value: ResultRows }): Promise<boolean>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): { useL2Layer(driver: unknown): unknown };
}
interface BentoRedisModule {
  redisDriver(options: { connection: { host: string; port: number } }): unknown;
}

/** The floor: what nobody can leave out. Values and keys as a host would write them by hand. */
export function floorRecipe(source: PackageSource): RemoteRecipe {
  return {
    name: '@redis/client GET + JSON.parse',
    kind: 'floor',
    async build(url) {
      const client = await connectNodeRedis(source, url);
      const parsed = (text: string | null) => (text === null ? undefined : (JSON.parse(text) as ResultRows));
      return {
        name: this.name,
        version: source.version('@redis/client'),
        kind: 'floor',
        read: async (key) => parsed(await client.get(`floor:${key}`)),
        readMany: async (keys) => (await client.mGet(keys.map((key) => `floor:${key}`))).map(parsed),
        write: (key, value) => client.set(`floor:${key}`, JSON.stringify(value), { PX: TTL_MS }),
        close: () => client.destroy(),
      };
    },
  };
}

/** The same by ioredis, which bentocache brings. One command at a time it is the faster client of the two, many at once the slower one. */
export function ioredisFloorRecipe(source: PackageSource): RemoteRecipe {
  return {
    name: 'ioredis GET + JSON.parse',
    kind: 'floor',
    async build(url) {
      const client = await connectIoredis(source, url);
      const parsed = (text: string | null) => (text === null ? undefined : (JSON.parse(text) as ResultRows));
      return {
        name: this.name,
        version: source.version('ioredis'),
        kind: 'floor',
        read: async (key) => parsed(await client.get(`floor:${key}`)),
        readMany: async (keys) => (await client.mget(keys.map((key) => `floor:${key}`))).map(parsed),
        write: (key, value) => client.set(`floor:${key}`, JSON.stringify(value), 'PX', TTL_MS),
        close: () => client.disconnect(),
      };
    },
  };
}

/** `new Keyv({ store: new KeyvRedis(url) })`: the READMEs of keyv, cache-manager and cacheable show Redis so. */
async function keyvOverRedis(source: PackageSource, url: string): Promise<{ keyv: Keyv; close: () => Promise<void> }> {
  const { Keyv } = (await source.load('keyv')) as KeyvModule;
  const { default: KeyvRedis } = (await source.load('@keyv/redis')) as KeyvRedisModule;
  const store = new KeyvRedis(url);
  const keyv = new Keyv({ store });
  keyv.on('error', () => {});
  return { keyv, close: () => store.disconnect(true) };
}

/** Each as its README sets it up for Redis, with Redis as the one tier: that is what a process pays whose memory has missed. */
export function peerRecipes(source: PackageSource): RemoteRecipe[] {
  return [
    {
      name: 'keyv get',
      kind: 'peer',
      async build(url) {
        const { keyv, close } = await keyvOverRedis(source, url);
        return {
          name: 'keyv get',
          version: versionsOf(source, 'keyv', '@keyv/redis'),
          kind: 'peer',
          read: (key) => keyv.get(key),
          readMany: (keys) => keyv.getMany(keys),
          write: (key, value) => keyv.set(key, value, TTL_MS),
          close,
        };
      },
    },
    {
      name: 'cacheable getOrSet',
      kind: 'peer',
      async build(url, load) {
        const { Cacheable } = (await source.load('cacheable')) as CacheableModule;
        const { keyv, close } = await keyvOverRedis(source, url);
        // As the primary store: as a secondary it would come after a memory tier that answers every second read.
        const cache = new Cacheable({ primary: keyv, ttl: TTL_MS });
        return {
          name: 'cacheable getOrSet',
          version: source.version('cacheable'),
          kind: 'peer',
          read: (key) => cache.getOrSet(key, () => load(key)),
          readMany: (keys) => cache.getMany(keys),
          write: (key, value) => cache.set(key, value),
          close,
        };
      },
    },
    {
      name: 'cache-manager wrap',
      kind: 'peer',
      async build(url, load) {
        const { createCache } = (await source.load('cache-manager')) as CacheManagerModule;
        const { keyv, close } = await keyvOverRedis(source, url);
        const cache = createCache({ stores: [keyv], ttl: TTL_MS });
        return {
          name: 'cache-manager wrap',
          version: source.version('cache-manager'),
          kind: 'peer',
          read: (key) => cache.wrap(key, () => load(key)),
          readMany: (keys) => cache.mget(keys),
          write: (key, value) => cache.set(key, value),
          close,
        };
      },
    },
    { name: 'bentocache getOrSet', kind: 'peer', build: (url, load) => buildBento(source, url, load) },
  ];
}

async function buildBento(source: PackageSource, url: string, load: Load) {
  const { BentoCache, bentostore } = (await source.load('bentocache')) as BentoModule;
  const { redisDriver } = (await source.load('bentocache/drivers/redis')) as BentoRedisModule;
  const { hostname, port } = new URL(url);
  // The redis driver brings its own client, ioredis; an L2 without an L1 is one of the set-ups its docs name.
  const store = bentostore().useL2Layer(redisDriver({ connection: { host: hostname, port: Number(port) } }));
  const bento = new BentoCache({ default: 'redis', ttl: '1h', stores: { redis: store } });
  const read = (key: string) => bento.getOrSet({ key, factory: () => load(key) });
  return {
    name: 'bentocache getOrSet',
    version: versionsOf(source, 'bentocache', 'ioredis'),
    kind: 'peer' as const,
    read,
    // It has no call for several keys.
    readMany: (keys: readonly string[]) => Promise.all(keys.map(read)),
    write: (key: string, value: ResultRows) => bento.set({ key, value }),
    close: () => bento.disconnectAll(),
  };
}
