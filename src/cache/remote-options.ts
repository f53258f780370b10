import type { Duration } from '../core/duration.js';
import type { RedisLike } from '../core/redis/redis-like.js';
import type { KeyvLike, KeyvStorageAdapterLike } from './remote/keyv-contract.js';

/** Where the shared tier keeps its values: a `redis://` URL, a Redis client, a Keyv instance, a Keyv storage adapter or a Map. */
export type RemoteStore = string | RedisLike | KeyvLike | KeyvStorageAdapterLike;

/** The shared tier in full. */
export interface RemoteOptions {
  readonly store: RemoteStore;
  /** A read that takes longer is a miss. @default '150ms' */
  readonly readDeadline?: Duration;
  /** A write that takes longer is given up; an invalidation is sent again. @default '500ms' */
  readonly writeDeadline?: Duration;
  /** Encoded values above so many bytes are compressed, on the thread pool. Infinity = none. @default 16_384 */
  readonly compressAbove?: number;
  /** When the store is left alone, and for how long. */
  readonly breaker?: BreakerTuning;
}

/** When the store is left alone, and for how long. */
export interface BreakerTuning {
  /** Failures in a row that open it. Integer >= 1. @default 5 */
  readonly consecutive?: number;
  /** The share of failed operations, of at least ten in ten seconds, that opens it. Above 0, at most 1. @default 0.5 */
  readonly failureRate?: number;
  /** How long it stays open before it is tried again, jittered; doubled with each failed try. @default '1s' */
  readonly cooldown?: Duration;
  /** The longest such pause. @default '30s' */
  readonly maxCooldown?: Duration;
}

/** Leases, tag versions and messages between processes. */
export interface CoordinatorOptions {
  /** A Redis of its own for them. Default: the one that keeps the values; a Keyv store has none. */
  readonly redis?: string | RedisLike;
  /** How long one process may load while all others wait, unless it renews. Renewed every third. @default '10s' */
  readonly lease?: Duration;
  /** How long what memory holds may still be served once messages no longer arrive. @default '5s', Infinity without a coordinator */
  readonly degradedTtl?: Duration;
  /** How often the bus is checked, and the versions are read. @default '1s' */
  readonly heartbeat?: Duration;
}

/** The defaults of the shared tier, durations in milliseconds. */
export const REMOTE_DEFAULTS: {
  readonly readDeadline: number;
  readonly writeDeadline: number;
  readonly compressAbove: number;
  readonly breaker: {
    readonly consecutive: number;
    readonly failureRate: number;
    readonly cooldown: number;
    readonly maxCooldown: number;
  };
} = Object.freeze({
  readDeadline: 150,
  writeDeadline: 500,
  compressAbove: 16_384,
  breaker: Object.freeze({ consecutive: 5, failureRate: 0.5, cooldown: 1_000, maxCooldown: 30_000 }),
});

/** The defaults of leases and bus, in milliseconds. */
export const COORDINATOR_DEFAULTS: {
  readonly lease: number;
  readonly degradedTtl: number;
  readonly heartbeat: number;
} = Object.freeze({ lease: 10_000, degradedTtl: 5_000, heartbeat: 1_000 });
