import QuickLRU from 'quick-lru';
import type { CacheManager } from '../cache/index.js';
import { type Contestant, ENTRIES, type RowSource, rowOf, TTL_MS } from './contestant.js';

/** The class under test: that of the sources, or that of the built package. */
export type CacheManagerClass = typeof CacheManager;

/** Which entries stay. One contest knows one policy: a process that runs both pays for it at every call, and few hosts do. */
export type Policy = 'lru' | 'cost';

export const GET_OR_SET = 'hotpath getOrSet';
export const PEEK = 'hotpath peek';

/** The least a memory hit can cost: the store alone, without a loader, a ttl or a promise. */
export function floorContestants(keys: readonly string[], quickLruVersion: string): Contestant[] {
  const map = new Map(keys.map((key) => [key, rowOf(key)]));
  const lru = new QuickLRU({ maxSize: ENTRIES });
  const awaited = new QuickLRU({ maxSize: ENTRIES });
  for (const key of keys) {
    lru.set(key, rowOf(key));
    awaited.set(key, rowOf(key));
  }
  return [
    {
      name: 'Map get',
      version: `Node ${process.versions.node}`,
      kind: 'floor',
      read: (key) => map.get(key),
      hits(keys) {
        let seen: unknown;
        for (const key of keys) seen = map.get(key);
        return seen;
      },
    },
    {
      name: 'quick-lru get',
      version: quickLruVersion,
      kind: 'floor',
      read: (key) => lru.get(key),
      hits(keys) {
        let seen: unknown;
        for (const key of keys) seen = lru.get(key);
        return seen;
      },
    },
    {
      name: 'quick-lru get, awaited',
      version: quickLruVersion,
      kind: 'floor',
      read: (key) => awaited.get(key),
      async hits(keys) {
        for (const key of keys) await awaited.get(key);
      },
    },
  ];
}

/** `getOrSet` as a host writes it: ttl in the constructor, key and loader in the call. */
export function getOrSetContestant(
  CacheManagerUnderTest: CacheManagerClass,
  version: string,
  policy: Policy,
  loader: RowSource,
): Contestant {
  const cache = new CacheManagerUnderTest({ ttl: TTL_MS, memory: { maxEntries: ENTRIES, policy } });
  const load = ({ key }: { readonly key: string }) => loader.load(key);
  return {
    name: GET_OR_SET,
    version,
    kind: 'ours',
    read: (key) => cache.getOrSet(key, load),
    async hits(keys) {
      for (const key of keys) await cache.getOrSet(key, load);
    },
    close: () => cache.close(),
  };
}

/** `peek`: the synchronous look into memory. Its entries come by `getOrSet`, as a host's do. */
export function peekContestant(
  CacheManagerUnderTest: CacheManagerClass,
  version: string,
  policy: Policy,
  loader: RowSource,
): Contestant {
  const cache = new CacheManagerUnderTest({ ttl: TTL_MS, memory: { maxEntries: ENTRIES, policy } });
  const load = ({ key }: { readonly key: string }) => loader.load(key);
  return {
    name: PEEK,
    version,
    kind: 'ours',
    read: (key) => cache.peek(key) ?? cache.getOrSet(key, load),
    hits(keys) {
      let seen: unknown;
      for (const key of keys) seen = cache.peek(key);
      return seen;
    },
    close: () => cache.close(),
  };
}
