import type { RedisArgument } from './redis-port.js';

/** What all clients have in common: they are event emitters. */
interface Emits {
  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
  off(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
}

/** `createClient()` of `redis` or `@redis/client`, 5 or later. */
export interface NodeRedisClientLike extends Emits {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(args: readonly RedisArgument[], options?: object): Promise<unknown>;
  duplicate(overrides?: object): object;
  createPool(options?: object): object;
}

/** `createCluster()` of `redis` or `@redis/client`, 5 or later. */
export interface NodeRedisClusterLike extends Emits {
  readonly isOpen: boolean;
  readonly slots: readonly object[];
  readonly masters: readonly object[];
  sendCommand(
    firstKey: RedisArgument | undefined,
    isReadonly: boolean | undefined,
    args: readonly RedisArgument[],
    options?: object,
  ): Promise<unknown>;
}

/** `createSentinel()` of `redis` or `@redis/client`, 5 or later. */
export interface NodeRedisSentinelLike extends Emits {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  getMasterNode(): object | undefined;
  sendCommand(isReadonly: boolean | undefined, args: readonly RedisArgument[], options?: object): Promise<unknown>;
}

/** `new Redis()` of `ioredis`, 5 or later: one server, or what its Sentinels name. */
export interface IoredisClientLike extends Emits {
  readonly status: string;
  readonly isCluster: boolean;
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  duplicate(overrides?: object): object;
}

/** `new Cluster()` of `ioredis`, 5 or later. */
export interface IoredisClusterLike extends Emits {
  readonly status: string;
  readonly isCluster: boolean;
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  nodes(role?: 'master'): readonly object[];
}

/** A Redis client of the host's, recognised by its shape: of node-redis (5 or later) or of ioredis (5 or later). */
export type RedisLike =
  | NodeRedisClientLike
  | NodeRedisClusterLike
  | NodeRedisSentinelLike
  | IoredisClientLike
  | IoredisClusterLike;
