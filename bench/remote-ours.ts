import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { connectIoredis, connectNodeRedis } from './remote-clients.js';
import { type RemoteRecipe, TTL_MS, versionsOf } from './remote-contestant.js';
import type { ResultRows } from './remote-payload.js';

/** What the benches of the shared tier use of the cache under test. */
export interface SharedCache {
  getOrSet(key: string, load: (context: { readonly key: string }) => Promise<ResultRows>): Promise<ResultRows>;
  getOrSetMany(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ResultRows[]>,
  ): Promise<Map<string, ResultRows>>;
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, options?: { readonly tags?: readonly string[] }): Promise<boolean>;
  setMany(
    entries: Iterable<readonly [key: string, value: unknown]>,
    options?: { readonly tags?: readonly string[] },
  ): Promise<void>;
  invalidateTags(tags: readonly string[]): Promise<unknown>;
  close(): unknown;
}

export type Client = '@redis/client' | 'ioredis';
export const OURS = 'hotpath getOrSet';

/** The cache with the memory tier off, over a client of the host's, and how to end both. */
export async function openSharedCache(subject: CacheBenchSubject, url: string, client: Client = '@redis/client') {
  const isNodeRedis = client === '@redis/client';
  const remote = isNodeRedis
    ? await connectNodeRedis(subject.packages, url)
    : await connectIoredis(subject.packages, url);
  const cache = sharedCache(subject, remote);
  const close = async (): Promise<void> => {
    await cache.close();
    if ('destroy' in remote) remote.destroy();
    else remote.disconnect();
  };
  return { cache, close };
}

/** The cache with the memory tier off. */
export function sharedCache(subject: CacheBenchSubject, remote: object): SharedCache {
  const Cache = subject.CacheManager as unknown as new (options: object) => SharedCache;
  return new Cache({ namespace: 'bench', memory: false, remote, ttl: TTL_MS });
}

export function ourRecipe(subject: CacheBenchSubject, client: Client): RemoteRecipe {
  const name = client === '@redis/client' ? OURS : `${OURS} (ioredis)`;
  return {
    name,
    kind: 'ours',
    async build(url, load) {
      const { cache, close } = await openSharedCache(subject, url, client);
      return {
        name,
        version: `${subject.version} + ${versionsOf(subject.packages, client)}`,
        kind: 'ours',
        read: (key) => cache.getOrSet(key, (context) => load(context.key)),
        readMany: async (keys) => {
          const found = await cache.getOrSetMany(keys, (missing) => Promise.all(missing.map(load)));
          return keys.map((key) => found.get(key));
        },
        write: (key, value) => cache.set(key, value),
        close,
      };
    },
  };
}
