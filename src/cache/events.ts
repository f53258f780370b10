/** Where a value was found. */
export type Tier = 'memory' | 'remote';

/** Why a read found nothing it may serve. */
export type MissReason =
  | 'absent'
  | 'expired'
  | 'tag'
  | 'invalidated'
  | 'token'
  /** The copy in memory may be outdated, and the shared tier did not confirm it. */
  | 'unconfirmed'
  | 'version'
  | 'schema'
  | 'breaker'
  | 'deadline'
  /** The shared tier answered with an error. */
  | 'error'
  | 'bypass';

/** Why a loaded value was not stored. */
export type SkipReason =
  | 'undefined'
  | 'fenced'
  | 'asked'
  | 'ttl'
  | 'not-clonable'
  | 'too-large'
  /** The eviction policy preferred what it had. */
  | 'not-admitted'
  | 'superseded'
  /** Another process held the lease of the key all the time, or has taken it over. */
  | 'lease'
  /** There is no memory tier, and the shared one is out of reach. */
  | 'unreachable'
  | 'closed';

/** Why a background refresh was left out. */
export type RefreshSkipReason = 'limit' | 'backoff';

/** Events of a {@link CacheManager}: flat data, keys, never values. `key` is as the host gave it, structured keys in their encoded form. */
export interface CacheEvents {
  hit: { key: string; tier: Tier; ageMs: number };
  /** A value past its fresh window was served. */
  stale: { key: string; tier: Tier; ageMs: number; refresh: 'started' | 'running' | 'none' | RefreshSkipReason };
  miss: { key: string; reason: MissReason };
  set: { key: string; bytes: number; ttlMs: number; tags: readonly string[] };
  /** A loaded value was not stored. */
  skip: { key: string; reason: SkipReason };
  evict: { key: string; bytes: number; cost: number };
  invalidate: { kind: 'key' | 'tags' | 'prefix' | 'glob' | 'clear'; names: readonly string[]; soft: boolean };
  'load:error': { key: string; error: unknown; servedStale: boolean };
  /** The shared tier has failed so often, or so completely, that it is left alone for a while. */
  'remote:down': { reason: string };
  'remote:up': { downMs: number };
  /** Something that this version of hotpath did not write, or can't read, stands under a key. It was left untouched. */
  'remote:foreign': { key: string; why: string };
  /** Messages of other processes may have been missed; what memory holds is confirmed anew before it is used. */
  'bus:gap': { reason: 'lost' | 'missed' | 'restarted' };
  /** A value that hits share was changed by the host: `values: 'frozen'` or `'copied'` prevents it. */
  mutated: { key: string };
  /** Trouble inside hotpath or in a listener, logger or hook of the host, which did not reach the call. */
  error: { error: unknown; during: string };
}

/** The names of all events. */
export const EVENT_NAMES: readonly (keyof CacheEvents)[] = [
  'hit',
  'stale',
  'miss',
  'set',
  'skip',
  'evict',
  'invalidate',
  'load:error',
  'remote:down',
  'remote:up',
  'remote:foreign',
  'bus:gap',
  'mutated',
  'error',
];
