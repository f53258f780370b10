import type { CacheKey } from './cache-key.js';
import { shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { CacheEvents, MissReason, Tier } from './events.js';
import type { Flight } from './flight.js';
import { refreshesEarly } from './freshness.js';
import { UncachedContext } from './loader-context.js';
import { Loading, type LoadRequest } from './loading.js';
import type { MemoryEntry } from './memory-entry.js';
import type { GetOrSetOptions, Loader } from './options.js';
import { checkRead, type ResolvedWrite, resolveWrite } from './resolve-options.js';
import { tokenVersion } from './token.js';
import { copyOf } from './value-handling.js';
import { waitFor } from './wait.js';

type RefreshState = CacheEvents['stale']['refresh'];

/** An entry as `getEntry` shows it. */
export interface CachedEntry<V> {
  readonly value: V;
  readonly state: 'fresh' | 'stale';
  readonly ageMs: number;
  readonly tier: Tier;
}

/** Reads with a loader: everything of `getOrSet` beyond the plain fresh hit. */
export class ReadThrough {
  readonly #state: CacheState;
  readonly loading: Loading;

  constructor(state: CacheState) {
    this.#state = state;
    this.loading = new Loading(state);
  }

  /** @param counted - the policy already knows of this access to the key as it stands */
  async getOrSet(
    key: CacheKey,
    loader: Loader<unknown, never>,
    options: GetOrSetOptions | undefined,
    counted: boolean,
  ): Promise<unknown> {
    const state = this.#state;
    const how = checkRead(loader, options);
    const signal = options?.signal;
    signal?.throwIfAborted();
    if (how === 'only' && (state.closed || state.mode === 'off')) return undefined;
    if (state.closed || how === 'bypass') {
      if (!state.closed) this.miss(typeof key === 'string' ? key : '(structured)', 'bypass');
      return (loader as Loader<unknown>)(new UncachedContext(key, signal));
    }
    const inner = state.innerKey(key);
    const write = resolveWrite(options, state.options);
    const after = this.tokenVersion(options?.after);
    const request = single(key, inner, write, loader as Loader<unknown>, state.mode === 'observe');
    if (request.observed) return this.#observe(inner, after, how, request, signal);
    if (how !== 'refresh') {
      const found = this.look(inner, after, !(counted && inner === key));
      if (found.state !== 'none') {
        return found.state === 'fresh'
          ? this.#fresh(found.entry, request, how === 'only')
          : this.#stale(found.entry, request, how === 'only', signal);
      }
      this.miss(inner, found.reason);
      if (how === 'only') return undefined;
      const remembered = state.errors.any ? state.errors.find(inner, state.options.clock.now(), state.book) : undefined;
      if (remembered) throw remembered.error;
    } else {
      // A refresh wants what is loaded from now on, not what another load has begun with.
      state.flights.detach(inner);
    }
    return this.load(request, after, signal);
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

  /** The fresh value, counted as a hit or a miss. */
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
    for (const key of keys) {
      const found = this.fresh(key);
      if (found) values.set(key, found.value);
    }
    return values;
  }

  /** The entry of a key, stale or fresh. Counts nothing. */
  entry(key: CacheKey): CachedEntry<unknown> | undefined {
    const { mode, closed, memory, options } = this.#state;
    if (mode !== 'on' || closed) return undefined;
    const now = options.clock.now();
    const found = memory.find(this.#state.innerKey(key), now, false);
    if (found.state === 'none') return undefined;
    const { state, entry } = found;
    return { value: this.valueOf(entry), state, ageMs: now - entry.storedAt, tier: 'memory' };
  }

  /** The entry of a key that may be served, or why there is none. */
  look(inner: string, after: number, counts = true): ReturnType<CacheState['memory']['find']> {
    const { memory, options } = this.#state;
    const found = memory.find(inner, options.clock.now(), counts);
    return found.state !== 'none' && found.entry.since < after ? { state: 'none', reason: 'token' } : found;
  }

  /** Joins the load of a key, or starts it, and waits. */
  async load<R>(request: LoadRequest<R>, after: number, signal: AbortSignal | undefined): Promise<unknown> {
    const { book, flights, counters } = this.#state;
    const inner = request.innerKeys[0]!;
    for (;;) {
      let flight = this.joinable(inner, after);
      const joinedAt = book.current;
      const joins = flight !== undefined;
      if (joins) counters.coalesced++;
      flight ??= this.loading.start(request).flights[0]!;
      const value = await waitFor(flight, flights, signal);
      if (mayHave(flight, joinedAt)) return joins ? this.copied(value) : value;
    }
  }

  /** The load under way of a key, if what it brings will be new enough for a reader who comes now. */
  joinable(inner: string, after: number): Flight | undefined {
    const { book, flights } = this.#state;
    const flight = flights.get(inner);
    if (!flight) return undefined;
    if (flight.since >= after && !book.invalidatedBy(flight) && !book.softenedAt(flight)) return flight;
    flights.detach(inner);
    return undefined;
  }

  /** Starts a background refresh unless one runs, too many run, or the loader is being left alone. */
  refresh<R>(entry: MemoryEntry, request: LoadRequest<R>): RefreshState {
    const state = this.#state;
    const { options, counters, events } = state;
    if (entry.trouble && options.clock.now() < entry.trouble.retryAt) return 'backoff';
    if (this.joinable(entry.key, 0)) return 'running';
    if (state.refreshing >= options.maxRefreshes) {
      counters.refreshesSkipped++;
      return 'limit';
    }
    state.refreshing++;
    counters.refreshes++;
    const run = this.loading.start(request);
    run.waiters++;
    const done = Promise.allSettled(run.flights.map((flight) => flight.outcome)).then(() => {
      state.refreshing--;
    });
    try {
      options.waitUntil?.(done);
    } catch (error) {
      events.trouble(error, 'waitUntil');
    }
    return 'started';
  }

  countHit(entry: MemoryEntry, stale: RefreshState | undefined): void {
    const { counters, events, options, memory } = this.#state;
    entry.hits++;
    counters.hits++;
    counters.savedUs += entry.loaderUs;
    if (entry.fingerprint !== 0 && entry.hits % HITS_PER_MUTATION_CHECK === 0) memory.checkMutation(entry);
    if (stale !== undefined) counters.staleHits++;
    const ageMs = options.clock.coarse() - entry.storedAt;
    if (stale !== undefined && events.wants('stale')) {
      events.emit('stale', { key: shownKey(entry.key), tier: 'memory', ageMs, refresh: stale });
    }
    if (events.watchesHits) events.emit('hit', { key: shownKey(entry.key), tier: 'memory', ageMs });
  }

  /** What a hit hands out. */
  valueOf(entry: MemoryEntry): unknown {
    return entry.plain ? entry.value : copyOf(entry.value);
  }

  /** What callers who share one load with others get. */
  copied(value: unknown): unknown {
    if (this.#state.options.values !== 'copied') return value;
    try {
      return copyOf(value);
    } catch {
      // It can't be cloned, so it was not stored either; the event 'skip' has said so.
      return value;
    }
  }

  miss(inner: string, reason: MissReason): void {
    const { counters, events } = this.#state;
    counters.miss(reason);
    if (events.wants('miss')) events.emit('miss', { key: shownKey(inner), reason });
  }

  tokenVersion(token: string | undefined): number {
    if (token === undefined) return 0;
    const version = tokenVersion(token, this.#state.options);
    // What loads from now on has begun after the invalidation that the token stands for.
    this.#state.book.merge(version);
    return version;
  }

  #fresh<R>(entry: MemoryEntry, request: LoadRequest<R>, never: boolean): unknown {
    const { options } = this.#state;
    const now = options.clock.now();
    this.countHit(entry, undefined);
    if (
      !never &&
      now >= entry.carefreeUntil &&
      refreshesEarly(now, entry, entry.loaderUs / 1000, options.earlyRefresh, options.random())
    ) {
      this.refresh(entry, request);
    }
    return this.valueOf(entry);
  }

  async #stale<R>(
    entry: MemoryEntry,
    request: LoadRequest<R>,
    never: boolean,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { options, flights } = this.#state;
    const { clock, softDeadlineMs } = options;
    const refresh = never ? 'none' : this.refresh(entry, request);
    const flight = softDeadlineMs > 0 && !never ? this.joinable(entry.key, 0) : undefined;
    if (flight) {
      const joinedAt = this.#state.book.current;
      const fresh = await waitFor(flight, flights, signal, { clock, ms: softDeadlineMs }).then(
        (value) => ({ value }),
        () => undefined,
      );
      signal?.throwIfAborted();
      if (fresh && mayHave(flight, joinedAt)) {
        this.#state.counters.coalesced++;
        this.miss(entry.key, 'expired');
        return this.copied(fresh.value);
      }
      // The wait was long enough for an invalidation or a write: what is served is what stands there now.
      const now = this.#state.memory.find(entry.key, clock.now(), false);
      if (now.state === 'none') return this.load(request, 0, signal);
      if (now.entry !== entry) return this.#fresh(now.entry, request, true);
    }
    this.countHit(entry, refresh);
    return this.valueOf(entry);
  }

  async #observe<R>(
    inner: string,
    after: number,
    how: string,
    request: LoadRequest<R>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const found = how === 'refresh' ? undefined : this.look(inner, after);
    if (found?.state === 'none') this.miss(inner, found.reason);
    else if (found) this.countHit(found.entry, found.state === 'stale' ? 'none' : undefined);
    if (how === 'only') return undefined;
    return waitFor(this.loading.start(request).flights[0]!, this.#state.flights, signal);
  }
}

const HITS_PER_MUTATION_CHECK = 16;

/** Whether a caller may have what a flight brought: not if it came after an invalidation that the load did not see. */
export function mayHave(flight: Flight, joinedAt: number): boolean {
  return !flight.fenced || joinedAt === flight.since;
}

/** The request of a single key. */
export function single(
  key: CacheKey,
  inner: string,
  write: ResolvedWrite,
  loader: Loader<unknown>,
  observed: boolean,
): LoadRequest<unknown> {
  return { key, innerKeys: [inner], write, call: loader, pick: (value) => value, observed };
}
