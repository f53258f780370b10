import { HotpathError } from '../core/errors.js';
import type { CacheKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import { checkRead, READ_NAMES, type ResolvedWrite, resolveWrite } from './call-options.js';
import type { Tier } from './events.js';
import type { Flight } from './flight.js';
import { UncachedContext } from './loader-context.js';
import type { LoadRequest } from './loading.js';
import type { MemoryEntry } from './memory-entry.js';
import type { MemoryReads } from './memory-reads.js';
import { checkKeys } from './option-checks.js';
import type { BatchLoader, GetOrSetOptions } from './options.js';
import { isOutOfReach, mayHave, type ReadThrough } from './read-through.js';
import type { SharedReads } from './shared-reads.js';
import { waitFor } from './wait.js';

type BatchResult<K, V> = ReadonlyMap<K, V> | readonly V[];

/** Reads of many keys with one loader call for all that is missing, merged with the loads of single keys under way. */
export class BatchRead {
  readonly #state: CacheState;
  readonly #reads: MemoryReads;
  readonly #shared: SharedReads;
  readonly #loads: ReadThrough;

  constructor(state: CacheState, reads: MemoryReads, shared: SharedReads, loads: ReadThrough) {
    this.#state = state;
    this.#reads = reads;
    this.#shared = shared;
    this.#loads = loads;
  }

  async getOrSetMany<K extends CacheKey, V>(
    keys: Iterable<K>,
    loader: BatchLoader<K, V>,
    options: GetOrSetOptions | undefined,
  ): Promise<Map<K, V>> {
    const state = this.#state;
    const how = checkRead(loader, options);
    options?.signal?.throwIfAborted();
    const write = resolveWrite(options, state.options, READ_NAMES);
    const after = this.#loads.tokenVersion(options?.after);
    const wanted = new Map<string, K>();
    for (const key of checkKeys(keys)) {
      const inner = state.innerKey(key);
      if (!wanted.has(inner)) wanted.set(inner, key);
    }
    if (wanted.size === 0) return new Map();
    if (state.closed || state.mode === 'off' || how === 'bypass') {
      if (how === 'bypass' && !state.closed && state.mode !== 'off') {
        for (const inner of wanted.keys()) this.#reads.miss(inner, 'bypass');
      }
      return how === 'only' ? new Map() : uncached([...wanted.values()], loader, options);
    }
    const batch: Batch<K, V> = {
      ...{ loader, write, after, signal: options?.signal, seen: new Map(), alone: false },
      observed: state.mode === 'observe',
      force: how === 'refresh',
    };
    if (how === 'refresh') for (const inner of wanted.keys()) state.flights.detach(inner);
    const results = new Map<string, V>();
    let missing = how === 'refresh' ? wanted : this.#fromMemory(wanted, results, batch, how === 'only');
    if (how !== 'refresh' && missing.size > 0 && state.usesShared && !batch.observed) {
      missing = await this.#fromShared(missing, results, batch, how === 'only');
      options?.signal?.throwIfAborted();
    }
    // What an invalidation overtook while it was loaded by somebody else is loaded again.
    while (missing.size > 0 && how !== 'only') missing = await this.#load(missing, results, batch);
    const ordered = new Map<K, V>();
    for (const [inner, key] of wanted) {
      const value = results.get(inner);
      if (value !== undefined) ordered.set(key, value);
    }
    return ordered;
  }

  /** Takes what memory has, and returns what is missing. */
  #fromMemory<K extends CacheKey, V>(
    wanted: ReadonlyMap<string, K>,
    results: Map<string, V>,
    batch: Batch<K, V>,
    never: boolean,
  ): Map<string, K> {
    const missing = new Map<string, K>();
    const old = new Map<string, { key: K; entry: MemoryEntry }>();
    for (const [inner, key] of wanted) {
      const found = this.#reads.look(inner, batch.after);
      if (found.state === 'none') {
        // With a shared tier it is not a miss yet.
        if (!this.#state.usesShared) this.#reads.miss(inner, found.reason);
        missing.set(inner, key);
      } else {
        if (found.state === 'stale') old.set(inner, { key, entry: found.entry });
        else this.#reads.countHit(found.entry, undefined);
        if (batch.observed) missing.set(inner, key);
        else results.set(inner, this.#reads.valueOf(found.entry) as V);
      }
    }
    this.#refresh(old, batch, never);
    return missing;
  }

  /** Takes what the shared tier has, with one read, and returns what is missing. */
  async #fromShared<K extends CacheKey, V>(
    wanted: ReadonlyMap<string, K>,
    results: Map<string, V>,
    batch: Batch<K, V>,
    never: boolean,
  ): Promise<Map<string, K>> {
    const missing = new Map<string, K>();
    const old = new Map<string, { key: K; entry: MemoryEntry }>();
    const asked = [...wanted.keys()].filter((inner) => !this.#state.joinable(inner, batch.after));
    const found = await this.#shared.remoteMany(asked, batch.after);
    const byKey = new Map(asked.map((inner, i) => [inner, found[i]!]));
    for (const [inner, key] of wanted) {
      const there = byKey.get(inner);
      if (there === undefined || there.state === 'none') {
        this.#reads.miss(inner, there?.reason ?? 'absent');
        missing.set(inner, key);
        batch.seen.set(inner, there?.seen ?? 0);
        if (there !== undefined && isOutOfReach(there.reason)) batch.alone = true;
        continue;
      }
      if (there.state === 'stale') old.set(inner, { key, entry: there.entry });
      else this.#reads.countHit(there.entry, undefined, there.tier);
      results.set(inner, this.#reads.valueOf(there.entry) as V);
    }
    this.#refresh(old, batch, never, 'remote');
    return missing;
  }

  /** Serves stale values and refreshes them with one loader call in the background. */
  #refresh<K extends CacheKey, V>(
    old: ReadonlyMap<string, { key: K; entry: MemoryEntry }>,
    batch: Batch<K, V>,
    never: boolean,
    tier: Tier = 'memory',
  ): void {
    for (const [inner, { entry }] of old) batch.seen.set(inner, entry.shared?.sum ?? 0);
    const now = this.#state.options.clock.now();
    const due = new Map<string, K>();
    const resting = new Set<string>();
    for (const [inner, { key, entry }] of old) {
      if (never || batch.observed) continue;
      if (entry.trouble !== undefined && now < entry.trouble.retryAt) resting.add(inner);
      else if (!this.#state.joinable(inner, 0)) due.set(inner, key);
    }
    const first = due.keys().next().value;
    const state =
      first === undefined ? 'none' : this.#loads.refreshes.refresh(old.get(first)!.entry, request(due, batch));
    for (const [inner, { entry }] of old) {
      const running = this.#state.flights.get(inner) !== undefined;
      const otherwise = resting.has(inner) ? 'backoff' : running ? 'running' : 'none';
      this.#reads.countHit(entry, due.has(inner) ? state : otherwise, tier);
    }
  }

  /** Joins or starts the loads of all these keys, and returns those that have to be loaded again. */
  async #load<K extends CacheKey, V>(
    missing: ReadonlyMap<string, K>,
    results: Map<string, V>,
    batch: Batch<K, V>,
  ): Promise<Map<string, K>> {
    const { book, flights, counters } = this.#state;
    const joinedAt = book.current;
    const waiting = new Map<string, Flight>();
    const starting = new Map<string, K>();
    for (const [inner, key] of missing) {
      const flight = batch.observed ? undefined : this.#state.joinable(inner, batch.after);
      if (flight) waiting.set(inner, flight);
      else starting.set(inner, key);
    }
    counters.coalesced += waiting.size;
    const own = starting.size > 0 ? this.#loads.loading.start(request(starting, batch)).flights : [];
    for (const flight of own) waiting.set(flight.key, flight);
    const again = new Map<string, K>();
    await Promise.all(
      [...waiting].map(async ([inner, flight]) => {
        const value = await waitFor(flight, flights, batch.signal);
        if (!mayHave(flight, joinedAt)) again.set(inner, missing.get(inner)!);
        else results.set(inner, (starting.has(inner) ? value : this.#loads.copied(value)) as V);
      }),
    );
    return again;
  }
}

interface Batch<K, V> {
  readonly loader: BatchLoader<K, V>;
  readonly write: ResolvedWrite;
  readonly after: number;
  readonly observed: boolean;
  readonly signal: AbortSignal | undefined;
  readonly force: boolean;
  /** What the shared tier has and is no good, by its checksum. */
  readonly seen: Map<string, number>;
  /** The shared tier did not answer. */
  alone: boolean;
}

function request<K extends CacheKey, V>(
  keys: ReadonlyMap<string, K>,
  { loader, write, observed, force, seen, alone }: Batch<K, V>,
): LoadRequest<BatchResult<K, V>> {
  const all = [...keys.values()];
  const innerKeys = [...keys.keys()];
  return {
    ...{ key: undefined, innerKeys, write, observed, force, alone },
    seen: innerKeys.map((inner) => seen.get(inner) ?? 0),
    call: async (context, places) => {
      const missing = places.length === all.length ? all : places.map((place) => all[place]!);
      return checkResult(await loader(missing, context), missing.length);
    },
    pick: (result, place, i) => valueAt(result, all[place]!, i),
  };
}

async function uncached<K extends CacheKey, V>(
  keys: readonly K[],
  loader: BatchLoader<K, V>,
  options: GetOrSetOptions | undefined,
): Promise<Map<K, V>> {
  const result = checkResult(await loader(keys, new UncachedContext(undefined, options?.signal)), keys.length);
  const values = new Map<K, V>();
  keys.forEach((key, i) => {
    const value = valueAt(result, key, i);
    if (value !== undefined) values.set(key, value);
  });
  return values;
}

function valueAt<K, V>(result: BatchResult<K, V>, key: K, index: number): V | undefined {
  return Array.isArray(result) ? result[index] : (result as ReadonlyMap<K, V>).get(key);
}

function checkResult<K, V>(result: BatchResult<K, V>, expected: number): BatchResult<K, V> {
  if (result instanceof Map || (Array.isArray(result) && result.length === expected)) return result;
  const got = Array.isArray(result) ? `${result.length} values` : typeof result;
  throw new HotpathError(
    `a batch loader must return a Map, or a list with one value for each of the ${expected} missing keys, got ${got}`,
    {
      code: 'BATCH_RESULT',
    },
  );
}
