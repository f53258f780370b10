import type { Clock } from '../core/clock.js';
import type { Duration } from '../core/duration.js';
import type { Logger } from '../core/logger.js';
import type { Mode } from '../core/mode.js';
import type { RedisLike } from '../core/redis/redis-like.js';
import type { PolicyFactory } from './eviction-policy.js';
import type { StandardSchema } from './remote/entry-codec.js';
import type { Codec } from './remote/value-codec.js';
import {
  COORDINATOR_DEFAULTS,
  type CoordinatorOptions,
  REMOTE_DEFAULTS,
  type RemoteOptions,
  type RemoteStore,
} from './remote-options.js';
import type { ValueHandling } from './value-handling.js';

/** Who may see a value: a tenant, a role, a hash of access rights. */
export type Scope = string | readonly string[];

/** Bounds of the memory tier. */
export interface MemoryOptions {
  /** Most entries held. Integer from 1 to 2^24 - 1. @default 10_000 */
  readonly maxEntries?: number;
  /** Most bytes held, as estimated. Above 0. @default Infinity */
  readonly maxBytes?: number;
  /** Which entries stay: `'lru'` (quick-lru), `'cost'` (frequency, size and loader time), or a policy of your own. @default 'cost' */
  readonly policy?: 'lru' | 'cost' | PolicyFactory;
}

/** How loaders are run. */
export interface LoaderOptions {
  /** How long a reader with a stale value waits for the fresh one. 0 = not at all: it gets the stale value at once. @default 0 */
  readonly softDeadline?: Duration;
  /** After this, callers get a LoaderDeadlineError and the loader's signal aborts. @default Infinity */
  readonly hardDeadline?: Duration;
  /** How long a failing loader is left alone while a stale value is served; doubled with each failure in a row. @default '1s' */
  readonly backoff?: Duration;
  /** Longest such pause. @default '30s' */
  readonly maxBackoff?: Duration;
}

/** Options of a {@link CacheManager}. */
export interface CacheOptions {
  /** Names this cache in keys, events and reports. Required with a remote. @default 'default' */
  readonly namespace?: string;
  /** Part of every shared key: bump it when the shape of values changes. @default 1 */
  readonly version?: string | number;
  /** Who is asking: folded into every key, read at each call. */
  readonly scope?: () => Scope | undefined;
  /** Refuse to work where `scope` names nobody. @default false */
  readonly scopeRequired?: boolean;
  /** How long a value is fresh. @default '1h' */
  readonly ttl?: Duration;
  /** How long it is served stale after that, while one refresh runs or when the loader fails. @default 0 */
  readonly stale?: Duration;
  /** `false` with a remote: every read goes there. */
  readonly memory?: MemoryOptions | false;
  /** The tier that processes share. With it a `namespace` is required. Not connected to before the first use. */
  readonly remote?: RemoteStore | RemoteOptions | undefined;
  /** Leases, tag versions and messages between processes: tuning, or another Redis for them. Comes with a Redis remote by itself. */
  readonly coordinator?: string | RedisLike | CoordinatorOptions;
  /** Checks values that come from the shared tier; what fails is a miss. Any Standard Schema. */
  readonly schema?: StandardSchema;
  /** How values are encoded for the shared tier. Default: JSON that keeps dates, maps, sets, bigints, bytes and errors. */
  readonly codec?: Codec;
  /** What a hit returns. @default 'shared' */
  readonly values?: ValueHandling;
  /** With `values: 'shared'`: one in so many stored objects is watched for changes by the host (event `mutated`). 0 = none. @default 64 */
  readonly mutationSample?: number;
  readonly loader?: LoaderOptions;
  /** How eagerly hot values are refreshed before they expire (XFetch's beta). 0 = never. @default 1 */
  readonly earlyRefresh?: number;
  /** Largest part of its ttl by which a value expires earlier than asked, the same for the same key. 0 to 1. @default 0.05 */
  readonly jitter?: number;
  /** How long "there is nothing" (`null` or `undefined` from a loader) is kept. 0 = `undefined` is not stored, `null` is like any value. @default 0 */
  readonly negativeTtl?: Duration;
  /** How long a loader's error is remembered and thrown again without a run. @default 0 */
  readonly errorTtl?: Duration;
  /** Most background refreshes at a time; a refresh beyond it is left out, the value served as it is. Integer >= 0. @default 16 */
  readonly maxRefreshes?: number;
  /** Told of every background refresh and of every write to the shared tier, so that a serverless host stays awake for it. */
  readonly waitUntil?: (work: Promise<void>) => void;
  readonly clock?: Clock;
  /** Uniform in [0, 1); for early refresh. @default Math.random */
  readonly random?: () => number;
  readonly logger?: Logger;
  /** @default 'on' */
  readonly mode?: Mode;
}

/** The defaults of a {@link CacheManager}, durations in milliseconds. */
export const CACHE_DEFAULTS: {
  readonly namespace: string;
  readonly version: number;
  readonly ttl: number;
  readonly stale: number;
  readonly memory: { readonly maxEntries: number; readonly maxBytes: number; readonly policy: 'cost' };
  readonly remote: typeof REMOTE_DEFAULTS;
  readonly coordinator: typeof COORDINATOR_DEFAULTS;
  readonly values: ValueHandling;
  readonly mutationSample: number;
  readonly loader: {
    readonly softDeadline: number;
    readonly hardDeadline: number;
    readonly backoff: number;
    readonly maxBackoff: number;
  };
  readonly earlyRefresh: number;
  readonly jitter: number;
  readonly negativeTtl: number;
  readonly errorTtl: number;
  readonly maxRefreshes: number;
  readonly mode: Mode;
} = Object.freeze({
  namespace: 'default',
  version: 1,
  ttl: 3_600_000,
  stale: 0,
  memory: Object.freeze({ maxEntries: 10_000, maxBytes: Number.POSITIVE_INFINITY, policy: 'cost' as const }),
  remote: REMOTE_DEFAULTS,
  coordinator: COORDINATOR_DEFAULTS,
  values: 'shared',
  mutationSample: 64,
  loader: Object.freeze({
    softDeadline: 0,
    hardDeadline: Number.POSITIVE_INFINITY,
    backoff: 1_000,
    maxBackoff: 30_000,
  }),
  earlyRefresh: 1,
  jitter: 0.05,
  negativeTtl: 0,
  errorTtl: 0,
  maxRefreshes: 16,
  mode: 'on',
});

/** Options of one write. */
export interface SetOptions {
  readonly ttl?: Duration;
  readonly stale?: Duration;
  /** Names to invalidate it by. */
  readonly tags?: readonly string[];
  /** What loading it again would cost, in milliseconds or any unit the host sticks to. @default the measured loader time */
  readonly cost?: number;
}

/** Options of one read with a loader. */
export interface GetOrSetOptions extends SetOptions {
  /**
   * `default`: a cached value, else load. `refresh`: load and store, whatever is cached. `bypass`: load, neither read nor store.
   * `only`: a cached value or `undefined`, never load.
   */
  readonly cache?: 'default' | 'refresh' | 'bypass' | 'only';
  /** A token of an invalidation: nothing loaded before it is served. */
  readonly after?: string;
  /** Ends the wait of this caller, not the load (unless nobody else waits for it). */
  readonly signal?: AbortSignal;
}

/** Whether options ask for nothing that a plain fresh hit would have to look at. */
export function isPlainRead(options: GetOrSetOptions | undefined): boolean {
  return options?.cache === undefined && options?.after === undefined && options?.signal === undefined;
}

/** What a loader gets. All of it may be destructured. */
export interface LoaderContext<Key = unknown> {
  readonly key: Key;
  /** Aborts at the hard deadline, and when no caller waits any more. */
  readonly signal: AbortSignal;
  /** Adds tags found while loading. They fence like those named before. */
  readonly tag: (...names: string[]) => void;
  /** Sets how long this value is fresh. */
  readonly ttl: (duration: Duration) => void;
  /** Leaves this value out of the cache. */
  readonly skip: () => void;
}

/** Makes a value that is not in the cache. */
export type Loader<V, Key = unknown> = (context: LoaderContext<Key>) => V | Promise<V>;

/** Makes the values of those keys of a batch that are not in the cache: a map by key, or a list in the order of `missing`. */
export type BatchLoader<K, V> = (
  missing: readonly K[],
  context: Omit<LoaderContext, 'key'>,
) => ReadonlyMap<K, V> | readonly V[] | Promise<ReadonlyMap<K, V> | readonly V[]>;
