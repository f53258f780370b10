import { BackgroundRefresh } from './background-refresh.js';
import type { CacheKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import { checkRead, READ_NAMES, type ResolvedWrite, resolveWrite } from './call-options.js';
import type { MissReason, Tier } from './events.js';
import type { Flight } from './flight.js';
import { refreshesEarly } from './freshness.js';
import { UncachedContext } from './loader-context.js';
import { Loading, type LoadRequest } from './loading.js';
import type { MemoryEntry } from './memory-entry.js';
import type { MemoryReads } from './memory-reads.js';
import type { GetOrSetOptions, Loader } from './options.js';
import type { SharedReads } from './shared-reads.js';
import { tokenVersion } from './token.js';
import { prepare } from './value-handling.js';
import { waitFor } from './wait.js';

/** Reads with a loader: everything of `getOrSet` beyond the plain fresh hit. */
export class ReadThrough {
  readonly #state: CacheState;
  readonly #reads: MemoryReads;
  readonly #shared: SharedReads;
  readonly loading: Loading;
  readonly refreshes: BackgroundRefresh;

  constructor(state: CacheState, reads: MemoryReads, shared: SharedReads) {
    this.#state = state;
    this.#reads = reads;
    this.#shared = shared;
    this.loading = new Loading(state);
    this.refreshes = new BackgroundRefresh(state, this.loading);
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
      if (!state.closed) this.#reads.miss(typeof key === 'string' ? key : '(structured)', 'bypass');
      return (loader as Loader<unknown>)(new UncachedContext(key, signal));
    }
    const inner = state.innerKey(key);
    const write = resolveWrite(options, state.options, READ_NAMES);
    const after = this.tokenVersion(options?.after);
    const request = new SingleRequest(key, inner, write, loader as Loader<unknown>, state.mode === 'observe');
    if (request.observed) return this.#observe(inner, after, how, request, signal);
    if (how !== 'refresh') {
      const found = this.#reads.look(inner, after, !(counted && inner === key));
      if (found.state !== 'none') {
        return found.state === 'fresh'
          ? this.#fresh(found.entry, request, how === 'only')
          : this.#stale(found.entry, request, how === 'only', signal);
      }
      if (state.usesShared && !state.joinable(inner, after)) {
        const there = this.#shared.judged(await state.withTier((tier) => tier.read(inner)), after);
        signal?.throwIfAborted();
        if (there.state !== 'none') {
          return there.state === 'fresh'
            ? this.#fresh(there.entry, request, how === 'only', there.tier)
            : this.#stale(there.entry, request, how === 'only', signal, there.tier);
        }
        this.#reads.miss(inner, there.reason === 'absent' ? found.reason : there.reason);
        request.seen = [there.seen];
        request.alone = isOutOfReach(there.reason);
      } else this.#reads.miss(inner, found.reason);
      if (how === 'only') return undefined;
      const remembered = this.#rememberedError(inner, after);
      if (remembered) throw remembered.error;
    } else {
      // A refresh wants what is loaded from now on, not what another load has begun with.
      state.flights.detach(inner);
      request.force = true;
    }
    return this.load(request, after, signal);
  }

  #rememberedError(inner: string, after: number): { readonly error: unknown } | undefined {
    const { errors, options, book, shared } = this.#state;
    // An error has no place in the shared tier's sequence: it can't be told from an older one.
    if (!errors.any || (shared !== undefined && after > 0)) return undefined;
    return errors.find(inner, options.clock.now(), after, book);
  }

  /** Joins the load of a key, or starts it, and waits. */
  async load<R>(request: LoadRequest<R>, after: number, signal: AbortSignal | undefined): Promise<unknown> {
    const { book, flights, counters } = this.#state;
    const inner = request.innerKeys[0]!;
    for (;;) {
      let flight = this.#state.joinable(inner, after);
      const joinedAt = book.current;
      const joins = flight !== undefined;
      if (joins) counters.coalesced++;
      flight ??= this.loading.start(request).flights[0]!;
      const value = await waitFor(flight, flights, signal);
      if (mayHave(flight, joinedAt)) return joins ? this.copied(value) : value;
    }
  }

  /** What callers who share one load with others get. */
  copied(value: unknown): unknown {
    const prepared = prepare(value, this.#state.options.values);
    // What can't be cloned was not stored either; the event 'skip' has said so.
    return prepared.ok ? prepared.value : value;
  }

  tokenVersion(token: string | undefined): number {
    if (token === undefined) return 0;
    const { book, shared, options } = this.#state;
    const version = tokenVersion(token, options, shared?.versions.current ?? book.current);
    // What loads from now on has begun after the invalidation that the token stands for.
    if (shared === undefined) book.merge(version);
    else shared.raised = Math.max(shared.raised, version);
    if (this.#state.usesShared) {
      void this.#state.withTier(async (tier) => tier.raise(version));
    }
    return version;
  }

  #fresh<R>(entry: MemoryEntry, request: LoadRequest<R>, never: boolean, tier: Tier = 'memory'): unknown {
    const { options } = this.#state;
    const now = options.clock.coarse();
    this.#reads.countHit(entry, undefined, tier);
    if (!never && refreshesEarly(now, entry, entry.loaderUs / 1000, options.earlyRefresh, options.random)) {
      this.refreshes.refresh(entry, request);
    }
    return this.#reads.valueOf(entry);
  }

  async #stale<R>(
    entry: MemoryEntry,
    request: LoadRequest<R>,
    never: boolean,
    signal: AbortSignal | undefined,
    tier: Tier = 'memory',
  ): Promise<unknown> {
    const { options, flights } = this.#state;
    const { clock, softDeadlineMs } = options;
    const refresh = never ? 'none' : this.refreshes.refresh(entry, request);
    const flight = softDeadlineMs > 0 && !never ? this.#state.joinable(entry.key, 0) : undefined;
    if (flight) {
      const joinedAt = this.#state.book.current;
      const fresh = await waitFor(flight, flights, signal, { clock, ms: softDeadlineMs }).then(
        (value) => ({ value }),
        () => undefined,
      );
      signal?.throwIfAborted();
      if (fresh && mayHave(flight, joinedAt)) {
        this.#state.counters.coalesced++;
        this.#reads.miss(entry.key, 'expired');
        return this.copied(fresh.value);
      }
      // The wait was long enough for an invalidation or a write: what is served is what stands there now.
      const now = this.#state.memory.find(entry.key, clock.now(), false);
      if (now.state === 'none' && options.memory) return this.load(request, 0, signal);
      if (now.state !== 'none' && now.entry !== entry) return this.#fresh(now.entry, request, true);
    }
    this.#reads.countHit(entry, refresh, tier);
    return this.#reads.valueOf(entry);
  }

  async #observe<R>(
    inner: string,
    after: number,
    how: string,
    request: LoadRequest<R>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const found = how === 'refresh' ? undefined : this.#reads.look(inner, after);
    if (found?.state === 'none') this.#reads.miss(inner, found.reason);
    else if (found) this.#reads.countHit(found.entry, found.state === 'stale' ? 'none' : undefined);
    if (how === 'only') return undefined;
    return waitFor(this.loading.start(request).flights[0]!, this.#state.flights, signal);
  }
}

/** Whether a caller may have what a flight brought: not if it came after an invalidation that the load did not see. */
export function mayHave(flight: Flight, joinedAt: number): boolean {
  return !flight.fenced || joinedAt <= flight.since;
}

/** Whether the shared tier could not be asked: asking it again would only cost another deadline. */
export function isOutOfReach(reason: MissReason): boolean {
  return reason === 'breaker' || reason === 'deadline' || reason === 'error';
}

/** The request of a single key. A class, since most are made and never used: a hit should cost one small object. */
class SingleRequest implements LoadRequest<unknown> {
  readonly key: CacheKey;
  readonly inner: string;
  readonly write: ResolvedWrite;
  readonly call: Loader<unknown>;
  readonly observed: boolean;
  force = false;
  alone = false;
  seen: readonly number[] | undefined = undefined;

  constructor(key: CacheKey, inner: string, write: ResolvedWrite, loader: Loader<unknown>, observed: boolean) {
    this.key = key;
    this.inner = inner;
    this.write = write;
    this.call = loader;
    this.observed = observed;
  }

  get innerKeys(): readonly string[] {
    return [this.inner];
  }

  pick(value: unknown): unknown {
    return value;
  }
}
