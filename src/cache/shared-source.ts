import type { MissReason } from './events.js';
import type { Flight } from './flight.js';
import type { MemoryEntry } from './memory-entry.js';

/** What a look into the shared tier came to. */
export type SharedReading =
  | { readonly entry: MemoryEntry }
  | {
      readonly entry: undefined;
      readonly reason: MissReason;
      /** The checksum of what was found and is no good, 0 for nothing. */
      readonly seen: number;
    };

/** The right to load a key while all other processes wait. */
export interface Lease {
  readonly key: string;
  readonly token: string;
  /** Set once it is known to be lost: what is loaded under it goes to its callers only. */
  lost: boolean;
}

/** How a load may go on. */
export type Permit =
  | { readonly kind: 'lease'; readonly lease: Lease }
  /** Somebody has stored it meanwhile. */
  | { readonly kind: 'found'; readonly entry: MemoryEntry }
  /** Somebody else is loading it: wait. */
  | { readonly kind: 'held'; readonly seen: number }
  /** The shared tier is out of reach: load, and keep it in memory. */
  | { readonly kind: 'free' }
  /** Waited in vain: load, and keep it nowhere. */
  | { readonly kind: 'uncached' };

/** One loaded or written value on its way to the shared tier. */
export interface SharedWrite {
  readonly value: unknown;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly tags: readonly string[] | undefined;
  readonly loaderMs: number;
  readonly cost: number | undefined;
  /** The server's sequence when loading began, and the life of its versions that this number belongs to. */
  readonly since: number;
  readonly birth: number;
}

/** What an invalidation came to. */
export interface SharedOutcome {
  readonly remote: 'done' | 'queued';
  /** Its number in the server's sequence; where that could not be had, by our reckoning. */
  readonly version: number;
  readonly existed: boolean;
}

/** Names to invalidate. */
export interface InvalidatedNames {
  readonly tags: readonly string[];
  readonly prefixes: readonly string[];
  readonly soft: boolean;
}

/** The state of the shared tier, for `stats().remote`. */
export interface RemoteStats {
  /** Of the store's breaker: `open` means that it is left alone. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** Whether messages of other processes are known to arrive; `none` without a coordinator. */
  readonly bus: 'live' | 'lost' | 'none';
  readonly errors: number;
  readonly timeouts: number;
  /** Operations that were not tried because it was down. */
  readonly refused: number;
  /** Invalidations and writes that the server has not confirmed yet. */
  readonly unconfirmed: number;
  /** Leases that were lost or revoked while the loader ran. */
  readonly leasesLost: number;
}

/** The shared tier as the rest of the cache sees it. Nothing here rejects or hangs: its trouble is its own. */
export interface SharedSource {
  read(key: string): Promise<SharedReading>;
  readMany(keys: readonly string[]): Promise<readonly SharedReading[]>;
  /** Asks how to go on, for all flights at once. `seen`: what each has found wanting. */
  permits(flights: readonly Flight[], seen: readonly number[], force: boolean): Promise<readonly Permit[]>;
  /** Waits for whoever loads the key. */
  wait(flight: Flight, seen: number): Promise<Permit>;
  /** Stores what was loaded under a lease; `entry` is its copy in memory. */
  fill(lease: Lease, write: SharedWrite, entry: MemoryEntry | undefined, tell: boolean, refused: () => void): void;
  /** Nothing will be stored under this lease. */
  release(lease: Lease): void;
  /** Stores a value of the host's. Resolves to whether it is there now. */
  put(key: string, write: SharedWrite, entry: MemoryEntry | undefined): Promise<boolean>;
  drop(key: string): Promise<SharedOutcome>;
  /** Ends the fresh window of a key. */
  soften(key: string): Promise<SharedOutcome>;
  invalidate(names: InvalidatedNames): Promise<SharedOutcome>;
  clear(): Promise<SharedOutcome>;
  /** @param glob - the prefix of the scope, and the pattern as the host gave it: what `test` was made of */
  sweep(test: (key: string) => boolean, glob: readonly [string, string], soft: boolean): Promise<SharedOutcome>;
  /** A token has named this number: what is loaded from now on has to be above it. */
  raise(version: number): void;
  ready(): Promise<void>;
  stats(): RemoteStats;
  close(): Promise<void>;
}
