import type { RedisLike } from './redis-like.js';

/** What a client was recognised as, or why it can't be used. */
export type RedisKind =
  | 'node-redis client'
  | 'node-redis cluster'
  | 'node-redis sentinel'
  | 'ioredis client'
  | 'ioredis cluster'
  | { readonly unusable: string };

/** Whether a value is a client that a port can be made of (`redisPort`). Never throws. */
export function isRedisLike(value: unknown): value is RedisLike {
  return typeof kindOf(value) === 'string';
}

/** Why a Redis client cannot be used, as the end of a sentence; `undefined` for one that can, and for what is no Redis client. */
export function redisObjection(value: unknown): string | undefined {
  const kind = kindOf(value);
  return typeof kind === 'object' ? kind.unusable : undefined;
}

/** What a value is among Redis clients; `undefined` for what is none. Never throws. */
export function kindOf(value: unknown): RedisKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const it = value as Record<string, unknown>;
    if (!hasMethods(it, 'on', 'off')) return undefined;
    return hasMethods(it, 'callBuffer', 'disconnect') ? ioredisKind(it) : nodeRedisKind(it);
  } catch {
    // A getter or a proxy that throws.
    return undefined;
  }
}

function ioredisKind(it: Record<string, unknown>): RedisKind | undefined {
  if (typeof it['status'] !== 'string') return undefined;
  // Since 5 a client for one server says that it is no cluster, and no client remembers which scripts it has sent.
  if (typeof it['isCluster'] !== 'boolean' || '_addedScriptHashes' in it)
    return { unusable: 'this ioredis is older than 5' };
  const { keyPrefix } = it['options'] as { keyPrefix?: unknown };
  if (keyPrefix)
    return { unusable: 'this one has a keyPrefix, and the names of keys must be what they are: use namespace' };
  if (it['isCluster']) return hasMethods(it, 'nodes') ? 'ioredis cluster' : undefined;
  return hasMethods(it, 'duplicate') ? 'ioredis client' : undefined;
}

function nodeRedisKind(it: Record<string, unknown>): RedisKind | undefined {
  if (!hasMethods(it, 'sendCommand') || typeof it['isOpen'] !== 'boolean') return undefined;
  if (!hasMethods(it, 'destroy', 'withTypeMapping')) {
    if (hasMethods(it, 'multi', 'quit', 'disconnect')) return { unusable: 'this node-redis is older than 5' };
    return undefined;
  }
  if (hasMethods(it, 'getSentinelNode', 'getMasterNode')) return 'node-redis sentinel';
  if (hasMethods(it, 'nodeClient') && Array.isArray(it['masters'])) return 'node-redis cluster';
  if (hasMethods(it, 'duplicate', 'createPool') && typeof it['isReady'] === 'boolean') return 'node-redis client';
  return hasMethods(it, 'execute') ? { unusable: 'this is a pool: pass a client' } : undefined;
}

function hasMethods(it: Record<string, unknown>, ...names: readonly string[]): boolean {
  return names.every((name) => typeof it[name] === 'function');
}
