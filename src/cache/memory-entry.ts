import type { PolicyNode } from './eviction-policy.js';
import type { Lifetime } from './freshness.js';

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
  readonly loaderMs: number;
  readonly tags: readonly string[] | undefined;
  readonly since: number;
  /** Until when a hit needs no second look. */
  readonly carefreeUntil: number;
  readonly epoch: number;
  /** Whether the value is handed out as it is. */
  readonly plain: boolean;
  /** Of a sampled value; 0 = not sampled. */
  readonly fingerprint: number;
}

/**
 * One value in memory. The fields are set in one order and keep their kinds, so that V8 gives all entries one shape and the
 * hit path stays a few loads and compares.
 */
export class MemoryEntry<V = unknown> implements PolicyNode, Lifetime {
  readonly key: string;
  readonly value: V;
  readonly bytes: number;
  readonly cost: number;
  readonly tags: readonly string[] | undefined;
  readonly since: number;
  readonly storedAt: number;
  readonly loaderMs: number;
  readonly fingerprint: number;
  readonly plain: boolean;
  ttlMs: number;
  staleMs: number;
  carefreeUntil: number;
  epoch: number;
  hits = 0;
  trouble: Trouble | undefined = undefined;
  // The policy's own:
  prev: PolicyNode | undefined = undefined;
  next: PolicyNode | undefined = undefined;
  queue = 0;
  freq = 0;
  rank = 0;

  constructor(facts: EntryFacts<V>) {
    this.key = facts.key;
    this.value = facts.value;
    this.bytes = facts.bytes;
    this.cost = facts.cost;
    this.tags = facts.tags;
    this.since = facts.since;
    this.storedAt = facts.storedAt;
    this.loaderMs = facts.loaderMs;
    this.fingerprint = facts.fingerprint;
    this.plain = facts.plain;
    this.ttlMs = facts.ttlMs;
    this.staleMs = facts.staleMs;
    this.carefreeUntil = facts.carefreeUntil;
    this.epoch = facts.epoch;
  }
}

/** What key and book-keeping of an entry take beside its value: the object, its numbers and the slot in the map. */
export const ENTRY_OVERHEAD_BYTES = 320;
