import type { CacheEventSource } from './cache-events.js';
import { shownKey } from './cache-key.js';
import type { CacheCounters } from './cache-stats.js';
import { EntryMaker, type Fill } from './entry-maker.js';
import type { MissReason } from './events.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { freshness } from './freshness.js';
import type { InvalidationBook } from './invalidation-book.js';
import type { MemoryEntry } from './memory-entry.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { SharedBook } from './shared-book.js';

/** What a look-up found. */
export type Found =
  | { readonly state: 'fresh' | 'stale'; readonly entry: MemoryEntry }
  | { readonly state: 'none'; readonly reason: MissReason };

const ABSENT: Found = { state: 'none', reason: 'absent' };
const EXPIRED: Found = { state: 'none', reason: 'expired' };
const UNCONFIRMED: Found = { state: 'none', reason: 'unconfirmed' };

/** How many entries each write looks at for expired ones: memory goes back without timers. */
const SWEPT_PER_WRITE = 2;

/** The values in memory, under the eviction policy, checked against the invalidation book. */
export class MemoryTier {
  readonly #policy: EvictionPolicy<MemoryEntry>;
  readonly #book: InvalidationBook;
  readonly #shared: SharedBook | undefined;
  readonly #options: ResolvedOptions;
  readonly #events: CacheEventSource;
  readonly #maker: EntryMaker;
  readonly origin: number;
  #sweep: IterableIterator<MemoryEntry> | undefined;

  constructor(
    options: ResolvedOptions,
    book: InvalidationBook,
    shared: SharedBook | undefined,
    counters: CacheCounters,
    events: CacheEventSource,
  ) {
    this.#options = options;
    this.#shared = shared;
    this.#maker = new EntryMaker(options, book, shared, events);
    this.origin = this.#maker.origin;
    this.#book = book;
    this.#events = events;
    this.#policy = options.policy<MemoryEntry>({
      maxEntries: options.maxEntries,
      maxBytes: options.maxBytes,
      onEvict: (entry) => {
        counters.evictions++;
        this.checkMutation(entry);
        if (events.wants('evict')) {
          events.emit('evict', { key: shownKey(entry.key), bytes: entry.bytes, cost: entry.cost / 1000 });
        }
      },
    });
  }

  get size(): number {
    return this.#policy.size;
  }

  get bytes(): number {
    return this.#policy.bytes;
  }

  /** The entry of a key, counted as an access, unchecked. */
  get(key: string): MemoryEntry | undefined {
    return this.#policy.get(key);
  }

  /** The entry of a key, untouched and unchecked. */
  peek(key: string): MemoryEntry | undefined {
    return this.#policy.peek(key);
  }

  /** The entry of a key as it may be served now; what is invalid or past its life is taken out. */
  find(key: string, now: number, counts: boolean): Found {
    return this.check(counts ? this.#policy.get(key) : this.#policy.peek(key), now);
  }

  check(entry: MemoryEntry | undefined, now: number): Found {
    return entry === undefined ? ABSENT : this.judge(entry, now, this.#shared);
  }

  /**
   * How an entry may be served now.
   *
   * @param doubting - whose doubts count; without it, an entry is taken for what the shared tier has
   */
  judge(entry: MemoryEntry, now: number, doubting?: SharedBook): Found {
    if (entry.epoch !== this.#book.epoch) {
      const shared = this.#shared;
      const reason = this.#book.invalidatedBy(entry) ?? shared?.invalidatedBy(entry);
      if (reason) {
        this.#remove(entry);
        return { state: 'none', reason };
      }
      this.#soften(entry, now);
      // Kept: it takes one read of the shared tier to confirm it.
      if (doubting?.suspects(entry, now)) return UNCONFIRMED;
      const isTrusted = shared === undefined || (!shared.degraded && !shared.suspects(entry, now));
      if (entry.direct && isTrusted) entry.epoch = this.#book.epoch;
    }
    const state = freshness(now, entry);
    if (state === 'fresh' && this.#maker.sinceOrigin(now) >= entry.carefreeUntil) {
      entry.carefreeUntil = this.#maker.carefreeUntil(entry, entry.loaderUs / 1000, now);
    }
    if (state !== 'expired') return { state, entry };
    this.#remove(entry);
    this.checkMutation(entry);
    return EXPIRED;
  }

  /** Takes an entry out, not another one that has its key by now. */
  #remove(entry: MemoryEntry): void {
    if (this.#policy.peek(entry.key) === entry) this.#policy.delete(entry.key);
  }

  /** Checks an entry against what was invalidated since it was last looked at. Returns whether it is direct and stands as it did. */
  revalidate(entry: MemoryEntry): boolean {
    if (!entry.direct || this.#book.invalidatedBy(entry) || this.#book.softenedAt(entry) > 0) return false;
    if (this.#shared !== undefined && !this.#stands(entry, this.#shared)) return false;
    entry.epoch = this.#book.epoch;
    return true;
  }

  #stands(entry: MemoryEntry, shared: SharedBook): boolean {
    if (shared.degraded || shared.invalidatedBy(entry) || shared.softenedAt(entry) > 0) return false;
    return !shared.suspects(entry, this.#options.clock.coarse());
  }

  /** Ends the fresh window of an entry at a soft invalidation; its stale window counts from there. */
  #soften(entry: MemoryEntry, now: number): void {
    const version = this.#book.softenedAt(entry);
    // The sequence may run ahead of the clock; the invalidation holds from now at the latest.
    if (version > 0) this.expireAt(entry, Math.min(version / 1000, now));
    const softened = this.#shared?.softenedAt(entry) ?? 0;
    if (softened > 0) this.expireAt(entry, Math.min(softened, now));
  }

  expireAt(entry: MemoryEntry, atMs: number): void {
    entry.ttlMs = Math.min(entry.ttlMs, Math.max(0, atMs - entry.storedAt));
    entry.carefreeUntil = Math.min(entry.carefreeUntil, this.#maker.sinceOrigin(atMs));
  }

  /**
   * Stores a value and says why not where it does not. The caller has checked that the fill is not fenced.
   *
   * @param observed - keep the books of the value without the value
   */
  store(fill: Fill, now: number, observed: boolean): 'not-clonable' | 'too-large' | 'not-admitted' | undefined {
    const entry = this.#maker.make(fill, now, observed);
    if (entry === undefined) return 'not-clonable';
    return this.keep(entry, now);
  }

  /** Makes the entry of a fill, without keeping it. `undefined` for what can't be copied where it must be. */
  make(fill: Fill, now: number, observed: boolean): MemoryEntry | undefined {
    return this.#maker.make(fill, now, observed);
  }

  /** Puts an entry under the policy. */
  keep(entry: MemoryEntry, now: number): 'too-large' | 'not-admitted' | undefined {
    if (entry.bytes > this.#options.maxBytes) {
      this.#policy.delete(entry.key);
      return 'too-large';
    }
    const old = this.#policy.peek(entry.key);
    if (old) entry.hits = old.hits;
    this.#policy.set(entry);
    this.#sweepSome(now);
    const isKept = this.#policy.peek(entry.key) === entry;
    // Last: a listener of `mutated` may write or invalidate the very key.
    if (old) this.checkMutation(old);
    return isKept ? undefined : 'not-admitted';
  }

  delete(key: string): boolean {
    return this.#policy.delete(key) !== undefined;
  }

  clear(): void {
    this.#policy.clear();
    this.#sweep = undefined;
  }

  entries(): IterableIterator<MemoryEntry> {
    return this.#policy.nodes();
  }

  /** Drops the entries of which this is true. */
  deleteWhere(matches: (entry: MemoryEntry) => boolean): number {
    let count = 0;
    for (const entry of [...this.#policy.nodes()]) {
      if (matches(entry) && this.#policy.delete(entry.key)) count++;
    }
    return count;
  }

  /** Pushes out what is worth least until `bytes` are given back. Returns the bytes. */
  trim(bytes: number): number {
    let freed = 0;
    while (freed < bytes) {
      const entry = this.#policy.evict();
      if (!entry) break;
      freed += entry.bytes;
    }
    return freed;
  }

  /** Whether the host has changed a watched value since it was stored. */
  checkMutation(entry: MemoryEntry): void {
    if (entry.fingerprint === 0) return;
    const print = this.#maker.fingerprint(entry.value);
    if (print === 0 || print === entry.fingerprint) return;
    // From here on a further change is news again.
    entry.fingerprint = print;
    this.#events.emit('mutated', { key: shownKey(entry.key) });
  }

  #sweepSome(now: number): void {
    this.#sweep ??= this.#policy.nodes();
    for (let i = 0; i < SWEPT_PER_WRITE; i++) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = undefined;
        return;
      }
      const { key } = next.value;
      // A policy of the host's may walk over a list made earlier.
      if (freshness(now, next.value) === 'expired' && this.#policy.peek(key) === next.value) this.#policy.delete(key);
    }
  }
}
