import { estimateBytes } from '../core/estimate-bytes.js';
import type { CacheEventSource } from './cache-events.js';
import { carefreeUntil, type Lifetime } from './freshness.js';
import type { InvalidationBook } from './invalidation-book.js';
import { ENTRY_OVERHEAD_BYTES, MemoryEntry, UNCHECKED } from './memory-entry.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { SharedBook, SharedStanding } from './shared-book.js';
import { fingerprint, prepare } from './value-handling.js';

/** What a fill brings. */
export interface Fill {
  readonly key: string;
  readonly value: unknown;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly tags: readonly string[] | undefined;
  readonly cost: number | undefined;
  readonly loaderMs: number;
  readonly since: number;
  readonly shared?: SharedStanding | undefined;
  /** When it was made, where that was not now: by another process. */
  readonly storedAt?: number | undefined;
}

/** What `observe` keeps instead of a value: the books are real, nothing can be served. */
const NOTHING = { ok: true, value: undefined, plain: false } as const;

/** Keeps the figure a small integer also where a value lives for ever: 2^30 milliseconds are twelve days. */
const LONGEST_CAREFREE_MS = 2 ** 30;

/** Makes entries of what loaders and writers bring, and knows their times in the tier's small integers. */
export class EntryMaker {
  readonly #options: ResolvedOptions;
  readonly #book: InvalidationBook;
  readonly #shared: SharedBook | undefined;
  readonly #events: CacheEventSource;
  /** The clock when the tier was made. Entries count from here, in small integers. */
  readonly origin: number;
  #made = 0;

  constructor(
    options: ResolvedOptions,
    book: InvalidationBook,
    shared: SharedBook | undefined,
    events: CacheEventSource,
  ) {
    this.#options = options;
    this.#book = book;
    this.#shared = shared;
    this.#events = events;
    this.origin = Math.floor(options.clock.now());
  }

  /** Makes the entry of a fill, without keeping it. `undefined` for what can't be copied where it must be. */
  make(fill: Fill, now: number, observed: boolean): MemoryEntry | undefined {
    const { values, mutationSample, memory } = this.#options;
    const prepared = observed ? NOTHING : prepare(fill.value, values);
    if (!prepared.ok) return undefined;
    // What is kept nowhere need be neither measured nor watched.
    const bytes = memory ? ENTRY_OVERHEAD_BYTES + 2 * fill.key.length + this.#estimate(fill.value) : 1;
    const watched =
      memory && !observed && values === 'shared' && mutationSample > 0 && this.#made++ % mutationSample === 0;
    const print = watched ? this.fingerprint(prepared.value) : 0;
    const storedAt = fill.storedAt ?? now;
    const life = { storedAt, ttlMs: fill.ttlMs, staleMs: fill.staleMs };
    return new MemoryEntry({
      // Listed, not spread: V8 makes a literal that grows after a spread so slowly that it was nine tenths of a write.
      storedAt,
      ttlMs: fill.ttlMs,
      staleMs: fill.staleMs,
      key: fill.key,
      value: prepared.value,
      bytes: Math.round(bytes),
      cost: microseconds(fill.cost ?? fill.loaderMs),
      loaderUs: microseconds(fill.loaderMs),
      tags: fill.tags,
      since: fill.since,
      shared: fill.shared,
      carefreeUntil: this.carefreeUntil(life, fill.loaderMs, now),
      epoch: this.#epochOf(fill, now),
      plain: prepared.plain,
      fingerprint: print,
    });
  }

  /** A fill that began before the newest soft invalidation is looked at again at its first hit; so is all there is while the bus is lost. */
  #epochOf(fill: Fill, now: number): number {
    const { since, shared } = fill;
    const book = this.#shared;
    if (since !== this.#book.current) return UNCHECKED;
    if (book === undefined) return this.#book.epoch;
    if (book.degraded || shared?.since !== book.versions.current) return UNCHECKED;
    return book.hasDoubts(shared, now) ? UNCHECKED : this.#book.epoch;
  }

  carefreeUntil(life: Lifetime, loaderMs: number, now: number): number {
    const until = carefreeUntil(life, loaderMs, this.#options.earlyRefresh);
    return this.sinceOrigin(Math.min(until, now + LONGEST_CAREFREE_MS));
  }

  /** Rounded down: a hit rather takes a second look too early than too late. */
  sinceOrigin(ms: number): number {
    return Math.floor(ms - this.origin);
  }

  #estimate(value: unknown): number {
    try {
      return estimateBytes(value);
    } catch (error) {
      this.#events.trouble(error, 'the size estimate of a value');
      return 0;
    }
  }

  fingerprint(value: unknown): number {
    try {
      return fingerprint(value);
    } catch (error) {
      this.#events.trouble(error, 'the fingerprint of a value');
      return 0;
    }
  }
}

/** Whole and small wherever it can be, which keeps sums over hits cheap; what is known is never 0, which means unknown. */
function microseconds(ms: number): number {
  return ms > 0 ? Math.max(1, Math.round(ms * 1000)) : 0;
}
