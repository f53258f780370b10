import { type CacheKey, shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { CacheEvents, MissReason, Tier } from './events.js';
import type { MemoryEntry } from './memory-entry.js';
import type { Found } from './memory-tier.js';
import { checkKeys } from './option-checks.js';
import { newnessOf } from './shared-book.js';
import { copyOf } from './value-handling.js';

/** A watched value is compared with its fingerprint once in so many hits. */
const HITS_PER_MUTATION_CHECK = 16;

const NOTHING: Found = { state: 'none', reason: 'absent' };

/** An entry as `getEntry` shows it. */
export interface CachedEntry<V> {
  readonly value: V;
  readonly state: 'fresh' | 'stale';
  readonly ageMs: number;
  /** Left of its fresh window, in milliseconds; negative once it is over, Infinity where it has no end. */
  readonly freshForMs: number;
  /** When its fresh window ends, in milliseconds since the epoch. */
  readonly freshUntil: number;
  readonly tier: Tier;
}

/** Reads that never load, and the books of every read. */
export class MemoryReads {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /**
   * The fresh value in memory, counted as a hit; nothing is counted otherwise.
   *
   * @param counted - the policy already knows of this access to the key as it stands
   */
  peek(key: CacheKey, counted: boolean): unknown {
    const { mode, closed, memory, options } = this.#state;
    if (mode === 'off' || closed) return undefined;
    const inner = this.#state.innerKey(key);
    const found = memory.find(inner, options.clock.coarse(), !(counted && inner === key));
    if (found.state !== 'fresh') return undefined;
    this.countHit(found.entry, undefined);
    return mode === 'observe' ? undefined : this.valueOf(found.entry);
  }

  /** The fresh value in memory, counted as a hit or a miss. */
  fresh(key: CacheKey): { readonly value: unknown } | undefined {
    const { mode, closed } = this.#state;
    if (mode === 'off' || closed) return undefined;
    const inner = this.#state.innerKey(key);
    const found = this.look(inner, 0);
    if (found.state !== 'fresh') {
      this.miss(inner, 'entry' in found ? 'expired' : found.reason);
      return undefined;
    }
    this.countHit(found.entry, undefined);
    return mode === 'observe' ? undefined : { value: this.valueOf(found.entry) };
  }

  /** The fresh values among keys, each counted as a hit or a miss. */
  freshMany(keys: Iterable<CacheKey>): Map<CacheKey, unknown> {
    const values = new Map<CacheKey, unknown>();
    for (const key of checkKeys(keys)) {
      const found = this.fresh(key);
      if (found) values.set(key, found.value);
    }
    return values;
  }

  /** The entry of a key in memory, stale or fresh. Counts nothing. */
  entry(key: CacheKey): CachedEntry<unknown> | undefined {
    const { mode, closed, memory, options } = this.#state;
    if (mode !== 'on' || closed) return undefined;
    const now = options.clock.now();
    const found = memory.find(this.#state.innerKey(key), now, false);
    if (found.state === 'none') return undefined;
    return this.shown(found.entry, found.state, 'memory');
  }

  /** An entry as the host sees it. */
  shown(entry: MemoryEntry, state: 'fresh' | 'stale', tier: Tier): CachedEntry<unknown> {
    const ageMs = this.#state.options.clock.now() - entry.storedAt;
    const freshUntil = entry.storedAt + entry.ttlMs;
    return { value: this.valueOf(entry), state, ageMs, freshForMs: entry.ttlMs - ageMs, freshUntil, tier };
  }

  /** The entry of a key that may be served, or why there is none. */
  look(inner: string, after: number, counts = true): Found {
    const { memory, options } = this.#state;
    if (!options.memory) return NOTHING;
    const found = memory.find(inner, options.clock.now(), counts);
    if (after === 0 || found.state === 'none') return found;
    return this.isAfter(found.entry, after) ? found : { state: 'none', reason: 'token' };
  }

  /** Whether an entry is no older than a token. */
  isAfter(entry: MemoryEntry, after: number): boolean {
    return (this.#state.shared === undefined ? entry.since : newnessOf(entry.shared)) >= after;
  }

  countHit(entry: MemoryEntry, stale: CacheEvents['stale']['refresh'] | undefined, tier: Tier = 'memory'): void {
    const { counters, events, options, memory } = this.#state;
    entry.hits++;
    counters.hits++;
    if (tier === 'remote') counters.remoteHits++;
    counters.savedUs += entry.loaderUs;
    if (entry.fingerprint !== 0 && entry.hits % HITS_PER_MUTATION_CHECK === 0) memory.checkMutation(entry);
    if (stale !== undefined) counters.staleHits++;
    const ageMs = options.clock.coarse() - entry.storedAt;
    if (stale !== undefined && events.wants('stale')) {
      events.emit('stale', { key: shownKey(entry.key), tier, ageMs, refresh: stale });
    }
    if (events.watchesHits) events.emit('hit', { key: shownKey(entry.key), tier, ageMs });
  }

  /** What a hit hands out. */
  valueOf(entry: MemoryEntry): unknown {
    return entry.plain ? entry.value : copyOf(entry.value);
  }

  miss(inner: string, reason: MissReason): void {
    const { counters, events } = this.#state;
    counters.miss(reason);
    if (events.wants('miss')) events.emit('miss', { key: shownKey(inner), reason });
  }
}
