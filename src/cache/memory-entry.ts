import type { PolicyNode } from './eviction-policy.js';
import type { Lifetime } from './freshness.js';
import type { SharedStanding } from './shared-book.js';

/** What is kept of a row of failed refreshes. */
export interface Trouble {
  readonly failures: number;
  /** No further attempt before this moment. */
  readonly retryAt: number;
}

/** Everything a fill decides about an entry. */
export interface EntryFacts<V> extends Lifetime {
  readonly key: string;
  readonly value: V;
  readonly bytes: number;
  readonly cost: number;
  readonly loaderUs: number;
  readonly tags: readonly string[] | undefined;
  readonly since: number;
  readonly shared: SharedStanding | undefined;
  readonly carefreeUntil: number;
  readonly epoch: number;
  readonly plain: boolean;
  readonly fingerprint: number;
}

/** No epoch of the book: the entry is looked at before each use. */
export const UNCHECKED = -1;

/**
 * One value in memory. All entries have one shape, and what the hit path reads is a small integer wherever it can be, so
 * that a hit is a few loads and compares. Fields are only declared (`declare`): a field that is `undefined` first would
 * lose its kind, and every number in it would be an object of its own.
 */
export class MemoryEntry<V = unknown> implements PolicyNode, Lifetime {
  declare readonly key: string;
  declare readonly value: V;
  declare readonly bytes: number;
  /** Microseconds, whole. */
  declare readonly cost: number;
  /** What the loader took, in whole microseconds. */
  declare readonly loaderUs: number;
  declare readonly tags: readonly string[] | undefined;
  /** The sequence when loading began. */
  declare readonly since: number;
  /** How it stands to the shared tier; `undefined` without one. */
  declare readonly shared: SharedStanding | undefined;
  declare readonly storedAt: number;
  /** Of a sampled value; 0 = not sampled. */
  declare fingerprint: number;
  /** Whether a string key that equals `key` may be given `value` as it is. */
  declare readonly direct: boolean;
  /** Whether hits hand out the value as it is, not a copy. */
  declare readonly plain: boolean;
  declare ttlMs: number;
  declare staleMs: number;
  /** Until when a hit needs no second look, in milliseconds since the tier was made: the end of the fresh window, or the moment early refresh may strike. */
  declare carefreeUntil: number;
  /** The epoch of the book at which it was last found valid; `UNCHECKED` for ever unless it is direct. */
  declare epoch: number;
  declare hits: number;
  declare trouble: Trouble | undefined;
  /** The answer of `getOrSet`, made at its first hit: the next ones need no promise of their own. */
  declare settled: Promise<V> | undefined;
  // The policy's own:
  declare prev: PolicyNode | undefined;
  declare next: PolicyNode | undefined;
  declare queue: number;
  declare freq: number;
  declare rank: number;

  constructor(facts: EntryFacts<V>) {
    const direct = facts.plain && facts.fingerprint === 0 && facts.key.charCodeAt(0) !== 0;
    // The order is the order in memory: what a hit touches comes first and lies in one or two cache lines.
    this.value = facts.value;
    this.epoch = direct ? facts.epoch : UNCHECKED;
    this.carefreeUntil = facts.carefreeUntil;
    this.hits = 0;
    this.loaderUs = facts.loaderUs;
    this.freq = 0;
    this.queue = 0;
    this.cost = facts.cost;
    this.key = facts.key;
    this.bytes = facts.bytes;
    this.prev = undefined;
    this.next = undefined;
    this.rank = 0;
    this.storedAt = facts.storedAt;
    this.ttlMs = facts.ttlMs;
    this.staleMs = facts.staleMs;
    this.since = facts.since;
    this.shared = facts.shared;
    this.tags = facts.tags;
    this.trouble = undefined;
    this.settled = undefined;
    this.fingerprint = facts.fingerprint;
    this.direct = direct;
    this.plain = facts.plain;
  }
}

/** What key and book-keeping of an entry take beside its value: the object, its numbers and the slot in the map. */
export const ENTRY_OVERHEAD_BYTES = 320;
