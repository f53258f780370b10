import { type Dependent, type InvalidatedBy, InvalidationBook } from './invalidation-book.js';

/** How an entry stands to the shared tier. Absent on entries of caches that have none. */
export interface SharedStanding {
  /** The namespace's sequence, as the server had it, when loading began. */
  readonly since: number;
  /** The checksum of the very write that is in the shared tier. 0 where it is not known to be there. */
  sum: number;
  /** The newest token this process had seen when its loader began: it is no older than that either. */
  readonly raised: number;
  /** When it was last known to be what the shared tier has, in milliseconds of the local clock. */
  confirmedAt: number;
}

/** What of an entry the shared tier's rules look at. */
export interface SharedDependent extends Dependent {
  readonly shared: SharedStanding | undefined;
}

/**
 * What this process knows of the versions in the shared tier, and how far copies in memory may be trusted.
 *
 * While the bus lives, every invalidation of every process arrives here. Once it is lost, copies have `degradedTtlMs` left;
 * when it is back, whatever was confirmed before must be confirmed anew.
 */
export class SharedBook {
  /** Versions as the server gave them out. */
  versions: InvalidationBook = new InvalidationBook(0);
  /** Which life of the server's versions these are; 0 before the first contact. */
  birth = 0;
  /** The newest number that a token has named. */
  raised = 0;
  /** The server's clock minus ours, in milliseconds. */
  offsetMs = 0;
  readonly degradedTtlMs: number;
  /** Copies confirmed before this moment are suspect. */
  #trustedFrom = 0;
  /** When the bus was lost; `undefined` while it lives. */
  #lostAt: number | undefined;

  constructor(degradedTtlMs: number, nowMs: number) {
    this.degradedTtlMs = degradedTtlMs;
    this.#lostAt = nowMs;
  }

  /** The server's versions have begun a new life: nothing of the old one can be compared with it. */
  rebirth(birth: number): void {
    this.birth = birth;
    this.versions = new InvalidationBook(0);
  }

  /** Whether copies in memory have a limited life. */
  get degraded(): boolean {
    return this.#lostAt !== undefined;
  }

  /** There is no bus and will be none, and copies are to be served all the same, by the versions that are read now and then. */
  trustWithoutBus(): void {
    this.#lostAt = undefined;
  }

  busLost(nowMs: number): void {
    this.#lostAt ??= nowMs;
  }

  /** The bus lives, and all versions have been read since. */
  busBack(nowMs: number): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#trustedFrom = nowMs;
  }

  /** Messages have been missed: what was confirmed before must be confirmed anew. */
  distrustBefore(nowMs: number): void {
    this.#trustedFrom = nowMs;
  }

  invalidatedBy(entry: SharedDependent): InvalidatedBy | undefined {
    return entry.shared && this.versions.invalidatedBy(entry, entry.shared.since);
  }

  /** When a soft invalidation has ended the fresh window, in milliseconds of the local clock; 0 if none has. */
  softenedAt(entry: SharedDependent): number {
    const version = entry.shared ? this.versions.softenedAt(entry, entry.shared.since) : 0;
    return version === 0 ? 0 : version / 1000 - this.offsetMs;
  }

  /** Whether a copy in memory has to be confirmed before it may be served. */
  suspects({ shared }: SharedDependent, nowMs: number): boolean {
    return shared !== undefined && this.hasDoubts(shared, nowMs);
  }

  hasDoubts({ confirmedAt }: SharedStanding, nowMs: number): boolean {
    if (confirmedAt < this.#trustedFrom) return true;
    if (this.#lostAt === undefined) return false;
    return nowMs >= Math.max(confirmedAt, this.#lostAt) + this.degradedTtlMs;
  }
}

/** Up to which token an entry is new enough. Unlike `since`, which other processes judge by, it may follow from what is known here. */
export function newnessOf(shared: SharedStanding | undefined): number {
  return shared === undefined ? 0 : Math.max(shared.since, shared.raised);
}
