import type { Unsubscribe } from '../core/emitter.js';
import { type Closeable, closeOnce } from '../core/lifecycle.js';
import { checkMode, type Mode } from '../core/mode.js';
import { atLeast } from '../core/option-values.js';
import { BatchRead } from './batch-read.js';
import { CacheEventSource } from './cache-events.js';
import type { CacheKey, Widened } from './cache-key.js';
import { CacheState } from './cache-state.js';
import type { CacheStats } from './cache-stats.js';
import { resolveWrite } from './call-options.js';
import type { CacheEvents } from './events.js';
import { freshEntries, type HotKey, hotKeys, type Inspection, inspect } from './inspection.js';
import { type InvalidateOptions, Invalidation, type InvalidationResult } from './invalidation.js';
import { straightThrough } from './loader-context.js';
import type { MemoryEntry } from './memory-entry.js';
import { type CachedEntry, MemoryReads } from './memory-reads.js';
import {
  type BatchLoader,
  type CacheOptions,
  type GetOrSetOptions,
  isPlainRead,
  type Loader,
  type SetOptions,
} from './options.js';
import { ReadThrough } from './read-through.js';
import { resolveOptions } from './resolve-options.js';
import { SharedReads } from './shared-reads.js';
import { statsOf } from './stats-of.js';
import { type WarmOptions, type WarmResult, type WarmSource, warm } from './warm.js';
import { Writing } from './writing.js';

/**
 * A cache that stays right under races: one load per key at a time, and whatever was invalidated or overwritten while a
 * loader ran is never stored. Values are kept in memory, bounded by entries and bytes.
 *
 * ```ts
 * const cache = new CacheManager({ ttl: '5m', stale: '1h' });
 * const report = await cache.getOrSet('report:2024', () => loadReport(2024), { tags: ['table:sales'] });
 * await cache.invalidateTags(['table:sales']);
 * ```
 *
 * @throws InvalidOptionError for a bad option, naming it
 */
export class CacheManager<Value = unknown> implements Closeable {
  readonly namespace: string;
  /** Whether there is a shared tier, whose keys have to mean the same to every process. */
  readonly hasRemote: boolean;
  readonly #state: CacheState;
  readonly #reads: MemoryReads;
  readonly #sharedReads: SharedReads;
  readonly #loads: ReadThrough;
  readonly #batches: BatchRead;
  readonly #invalidation: Invalidation;
  readonly #writing: Writing;
  readonly #close: () => Promise<void>;
  // The hit path's own references, so that it takes no detours.
  readonly #memory: CacheState['memory'];
  readonly #book: CacheState['book'];
  readonly #counters: CacheState['counters'];
  readonly #events: CacheEventSource;
  readonly #clock: CacheState['options']['clock'];
  readonly #origin: number;
  /** Whether a plain string is an inner key as it stands, and the mode is `on`. */
  #direct: boolean;

  constructor(options: CacheOptions = {}) {
    const resolved = resolveOptions(options);
    const mode = checkMode(options.mode ?? 'on');
    this.namespace = resolved.namespace;
    this.hasRemote = resolved.remote !== undefined;
    this.#events = new CacheEventSource(resolved.namespace, options.logger, resolved.clock);
    this.#state = new CacheState(resolved, this.#events, mode);
    this.#memory = this.#state.memory;
    this.#book = this.#state.book;
    this.#counters = this.#state.counters;
    this.#clock = resolved.clock;
    this.#origin = this.#memory.origin;
    this.#reads = new MemoryReads(this.#state);
    this.#sharedReads = new SharedReads(this.#state, this.#reads);
    this.#loads = new ReadThrough(this.#state, this.#reads, this.#sharedReads);
    this.#batches = new BatchRead(this.#state, this.#reads, this.#sharedReads, this.#loads);
    this.#invalidation = new Invalidation(this.#state);
    this.#writing = new Writing(this.#state);
    this.#direct = this.#isDirect();
    this.#close = closeOnce(() => {
      this.#direct = false;
      return this.#state.close();
    });
  }

  /** What the cache does with calls. Changeable at any time; leaving `observe` empties it. @default 'on' */
  get mode(): Mode {
    return this.#state.mode;
  }

  set mode(mode: Mode) {
    this.#state.setMode(checkMode(mode));
    this.#direct = this.#isDirect();
  }

  #isDirect(): boolean {
    return this.#state.mode === 'on' && !this.#state.closed && this.#state.options.scope === undefined;
  }

  /** The entry of a plain string key that may be handed out as it is, counted as a hit. What needs a second look is not found here. */
  #hit(key: string): MemoryEntry | undefined {
    const entry = this.#memory.get(key);
    if (
      entry === undefined ||
      (entry.epoch !== this.#book.epoch && !this.#memory.revalidate(entry)) ||
      this.#clock.coarse() - this.#origin >= entry.carefreeUntil ||
      this.#events.watchesHits
    ) {
      return undefined;
    }
    entry.hits++;
    this.#counters.hits++;
    this.#counters.savedUs += entry.loaderUs;
    return entry;
  }

  /** The fresh value in memory, or `undefined`: synchronous, allocates nothing, counts as a hit, never as a miss. */
  peek<V extends Value = Value>(key: CacheKey): V | undefined {
    const direct = this.#direct && typeof key === 'string';
    if (direct) {
      const entry = this.#hit(key);
      if (entry !== undefined) return entry.value as V;
    }
    return this.#reads.peek(key, direct) as V | undefined;
  }

  /** The fresh value, or `defaultValue`. Counts a hit or a miss. */
  async get<V extends Value = Value>(key: CacheKey): Promise<V | undefined>;
  async get<V extends Value = Value>(key: CacheKey, defaultValue: V): Promise<V>;
  async get<V extends Value = Value>(key: CacheKey, defaultValue?: V): Promise<V | undefined> {
    const found = this.#state.usesShared ? await this.#sharedReads.fresh(key) : this.#reads.fresh(key);
    return found ? (found.value as V) : defaultValue;
  }

  /** Whether there is a fresh value. Counts nothing. */
  async has(key: CacheKey): Promise<boolean> {
    return (await this.getEntry(key))?.state === 'fresh';
  }

  /** The value with its state, stale ones included. Counts nothing. */
  async getEntry<V extends Value = Value>(key: CacheKey): Promise<CachedEntry<V> | undefined> {
    const entry = this.#state.usesShared ? await this.#sharedReads.entry(key) : this.#reads.entry(key);
    return entry as CachedEntry<V> | undefined;
  }

  /** The cached value, or what `loader` makes of it: callers of one key share one run. A loader's error reaches each of them as it is, and is not kept. */
  getOrSet<V extends Value, Key extends CacheKey = CacheKey>(
    key: Key,
    loader: Loader<V, Key>,
    options: GetOrSetOptions & { readonly cache: 'only' },
  ): Promise<V | undefined>;
  getOrSet<V extends Value, Key extends CacheKey = CacheKey>(
    key: Key,
    loader: Loader<V, Key>,
    options?: GetOrSetOptions,
  ): Promise<V>;
  getOrSet<V extends Value, Key extends CacheKey = CacheKey>(
    key: Key,
    loader: Loader<V, Key>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined> {
    const direct = this.#direct && typeof key === 'string' && isPlainRead(options);
    if (direct) {
      const entry = this.#hit(key);
      if (entry !== undefined) {
        entry.settled ??= Promise.resolve(entry.value);
        return entry.settled as Promise<V>;
      }
    }
    if (this.#state.mode === 'off' && options?.cache !== 'only') return straightThrough(key, loader, options);
    // The policy has counted this access where the short look went to the right key.
    return this.#loads.getOrSet(key, loader, options, direct) as Promise<V>;
  }

  /** Stores a value. A load of the key under way goes to its callers and is not stored. Resolves to whether it was stored. */
  async set(key: CacheKey, value: Value, options?: SetOptions): Promise<boolean> {
    return this.#writing.set(key, value, resolveWrite(options, this.#state.options));
  }

  /** The fresh values among `keys`. */
  async getMany<Key extends CacheKey, V extends Value = Value>(keys: Iterable<Key>): Promise<Map<Widened<Key>, V>> {
    const found = this.#state.usesShared ? await this.#sharedReads.freshMany(keys) : this.#reads.freshMany(keys);
    return found as Map<Widened<Key>, V>;
  }

  async setMany(
    entries: Iterable<readonly [key: CacheKey, value: Value, options?: SetOptions]>,
    options?: SetOptions,
  ): Promise<void> {
    await this.#writing.setMany(entries, options);
  }

  /** The values of all `keys`: one loader call for those neither cached nor being loaded. A key that it has nothing for (`undefined`, or absent) is left out. */
  async getOrSetMany<Key extends CacheKey, V extends Value>(
    keys: Iterable<Key>,
    loader: BatchLoader<Key, V>,
    options?: GetOrSetOptions,
  ): Promise<Map<Widened<Key>, V>> {
    return this.#batches.getOrSetMany(keys, loader, options) as Promise<Map<Widened<Key>, V>>;
  }

  async delete(
    key: CacheKey,
    options?: InvalidateOptions,
  ): Promise<InvalidationResult & { readonly deleted: boolean }> {
    return this.#invalidation.key(key, options?.soft ?? false);
  }

  async deleteMany(keys: Iterable<CacheKey>, options?: InvalidateOptions): Promise<InvalidationResult> {
    return this.#invalidation.keys(keys, options?.soft ?? false);
  }

  /** Takes out everything that carries one of the tags, on every scope. O(1) per tag. */
  async invalidateTags(tags: readonly string[], options?: InvalidateOptions): Promise<InvalidationResult> {
    return this.#invalidation.tags(tags, options?.soft ?? false);
  }

  /** Takes out the keys that match: `'report:*'` (a prefix) in O(1), any other glob (`*`, `?`, `\`) by looking at each key, in the shared tier too. */
  async invalidate(pattern: string, options?: InvalidateOptions): Promise<InvalidationResult> {
    return this.#invalidation.pattern(pattern, options?.soft ?? false);
  }

  /** Takes out everything, in all scopes. */
  async clear(): Promise<InvalidationResult> {
    return this.#invalidation.clear();
  }

  /** Fills the cache ahead of need. Keys already fresh are not loaded again. */
  warm<V extends Value>(source: WarmSource<V>, options: WarmOptions = {}): Promise<WarmResult> {
    return warm(this as CacheManager<V>, source, options);
  }

  /** The fresh values in memory under string keys of the present scope. Counts nothing; keys above 256 characters are left out. */
  entries<V extends Value = Value>(): IterableIterator<[key: string, value: V]> {
    return freshEntries(this.#state) as IterableIterator<[string, V]>;
  }

  /** The keys with the most hits, most first. */
  hotKeys(n = 10): HotKey[] {
    return hotKeys(this.#state, n);
  }

  /** Why a key hits, or why it does not. Counts nothing, changes nothing. */
  inspect(key: CacheKey): Inspection {
    return inspect(this.#state, key);
  }

  stats(): CacheStats {
    return statsOf(this.#state);
  }

  /** Estimated bytes in memory. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Loader time that its hits have saved so far, in milliseconds: what a MemoryManager weighs it by. */
  get savedMs(): number {
    return this.#counters.savedUs / 1000;
  }

  /** Gives back this part of its bytes (0 to 1), what is worth least first. Returns the bytes freed. */
  trim(fraction: number): number {
    return this.#memory.trim(this.#memory.bytes * atLeast('fraction', fraction, 0, 1));
  }

  /** Listens. Returns the unsubscribe. The same events go to the diagnostics channels `hotpath:cache:<event>`. */
  on<Name extends keyof CacheEvents>(name: Name, listener: (data: CacheEvents[Name]) => void): Unsubscribe {
    return this.#events.on(name, listener);
  }

  /** Reports trouble of a wrapper around this cache: event `error`, a warning once a minute. */
  reportTrouble(error: unknown, during: string): void {
    this.#events.trouble(error, during);
  }

  /**
   * With a shared tier: loads it, and resolves once it is connected and in step, after two seconds at most. Without: at once.
   *
   * @throws HotpathError `MISSING_PEER` where a package is not installed that the remote needs
   */
  async ready(): Promise<void> {
    if (this.#state.usesShared) await this.#state.withTier((tier) => tier.ready());
  }

  /** Empties memory; what processes share stays. Afterwards reads with a loader go straight to it, and nothing is stored. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
