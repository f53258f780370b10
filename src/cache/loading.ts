import { shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { ResolvedWrite } from './call-options.js';
import { LoaderDeadlineError } from './errors.js';
import type { SkipReason } from './events.js';
import { Flight, LoadRun } from './flight.js';
import { backoffMs, jittered } from './freshness.js';
import { type LoaderRemarks, loaderContext } from './loader-context.js';
import type { LoaderContext } from './options.js';

/** How to call a loader, for one key or many. */
export interface LoadRequest<R> {
  /** What the loader is told as `key`. */
  readonly key: unknown;
  readonly innerKeys: readonly string[];
  readonly write: ResolvedWrite;
  readonly call: (context: LoaderContext) => R | Promise<R>;
  /** The value of the i-th key in what the loader returned. */
  readonly pick: (result: R, index: number) => unknown;
  /** Keep the books, store no value. */
  readonly observed: boolean;
}

/** Reasons not to store that say something about the value: there is none, or it may not be kept for any time. */
const OVERTAKES: ReadonlySet<SkipReason> = new Set(['undefined', 'ttl', 'not-clonable']);

/** Runs loaders and stores what they bring, unless something newer has happened. */
export class Loading {
  readonly #state: CacheState;

  constructor(state: CacheState) {
    this.#state = state;
  }

  /** Starts a run, in this very call stack, and makes its flights those of their keys. Never throws. */
  start<R>(request: LoadRequest<R>): LoadRun {
    const { book, flights, options, counters } = this.#state;
    const run = new LoadRun();
    const startedAt = options.clock.now();
    for (const inner of request.innerKeys) {
      const flight = new Flight(run, inner, book.current, startedAt, request.write.tags);
      if (!request.observed) flights.add(flight);
    }
    counters.loads++;
    const loading = this.#load(run, request);
    const values = request.observed ? loading : this.#withinDeadline(run, loading);
    run.flights.forEach((flight, i) => {
      flight.outcome = values.then((list) => list[i]);
      // Each waiter sees the error; without one (a background refresh) it has been reported as an event.
      flight.outcome.catch(ignore);
    });
    return run;
  }

  async #load<R>(run: LoadRun, request: LoadRequest<R>): Promise<unknown[]> {
    const remarks: LoaderRemarks = { ttlMs: undefined, skip: false };
    let values: unknown[];
    try {
      const result = await request.call(loaderContext(request.key, run, remarks));
      values = run.flights.map((_, i) => request.pick(result, i));
    } catch (error) {
      this.#countTime(run);
      for (const flight of run.flights) this.#state.flights.end(flight);
      if (run.phase !== 'concluded') this.#failed(run, request, error);
      throw error;
    }
    // From here to the end nothing waits: no reader can see a key without its flight and without its value.
    this.#countTime(run);
    run.flights.forEach((flight, i) => {
      // Not before its turn: a listener that hears of the first fill may still write or invalidate the others' keys.
      this.#state.flights.end(flight);
      try {
        this.#fill(flight, values[i], remarks, request);
      } catch (error) {
        // The loader has answered: trouble of storing (a policy of the host's) is not its callers' trouble.
        this.#state.events.trouble(error, 'storing a loaded value');
      }
    });
    return values;
  }

  #countTime(run: LoadRun): void {
    const { options, counters } = this.#state;
    counters.loadMs += options.clock.now() - run.flights[0]!.startedAt;
  }

  #withinDeadline(run: LoadRun, loading: Promise<unknown[]>): Promise<unknown[]> {
    const { options, flights } = this.#state;
    const { hardDeadlineMs, clock } = options;
    if (hardDeadlineMs === Number.POSITIVE_INFINITY) return loading;
    return new Promise((resolve, reject) => {
      const cancel = clock.setTimer(() => {
        // All callers have left before: nobody is told, and nobody failed.
        if (run.waiters === 0) return;
        const error = new LoaderDeadlineError(shownKey(run.flights[0]!.key), hardDeadlineMs);
        run.phase = 'concluded';
        for (const flight of run.flights) flights.release(flight);
        this.#reportFailure(run, error);
        reject(error);
        run.abort(error);
      }, hardDeadlineMs);
      loading.then(resolve, reject).finally(cancel);
    });
  }

  #fill(
    flight: Flight,
    value: unknown,
    remarks: LoaderRemarks,
    { write, observed }: Pick<LoadRequest<never>, 'write' | 'observed'>,
  ): void {
    const { book, memory, errors, options, counters, events } = this.#state;
    flight.fenced ||= book.invalidatedBy(flight) !== undefined;
    const nothing = value === undefined || value === null;
    const negative = nothing && options.negativeTtlMs > 0;
    const askedTtl = remarks.ttlMs ?? (negative ? Math.min(options.negativeTtlMs, write.ttlMs) : write.ttlMs);
    const staleMs = negative || remarks.ttlMs === 0 ? 0 : write.staleMs;
    const now = options.clock.now();
    let reason: SkipReason | undefined = this.#refusal(flight, value, remarks, negative, observed);
    if (reason === undefined && askedTtl + staleMs <= 0) reason = 'ttl';
    if (reason === undefined) {
      const ttlMs = jittered(askedTtl, options.jitter, flight.key);
      const { key, tags, since, startedAt } = flight;
      const fill = { key, value, ttlMs, staleMs, tags, since, cost: write.cost, loaderMs: now - startedAt };
      reason = memory.store(fill, now, observed);
      if (reason === undefined) {
        errors.delete(key);
        if (events.wants('set')) {
          const bytes = memory.peek(key)?.bytes ?? 0;
          events.emit('set', { key: shownKey(key), bytes, ttlMs, tags: tags ?? [] });
        }
        return;
      }
    }
    if (reason === 'fenced') counters.fenced++;
    // What this load has found out makes the value before it old, though it can't take its place.
    if (reason !== undefined && OVERTAKES.has(reason) && !this.#superseded(flight)) memory.delete(flight.key);
    if (events.wants('skip')) events.emit('skip', { key: shownKey(flight.key), reason });
  }

  #refusal(
    flight: Flight,
    value: unknown,
    remarks: LoaderRemarks,
    negative: boolean,
    observed: boolean,
  ): SkipReason | undefined {
    const { closed, mode } = this.#state;
    if (closed || mode === 'off' || (observed && mode !== 'observe')) return 'closed';
    if (flight.detached || flight.fenced) return 'fenced';
    if (remarks.skip) return 'asked';
    if (value === undefined && !negative) return 'undefined';
    return this.#superseded(flight) ? 'superseded' : undefined;
  }

  /** Whether its callers had gone, and the key has been loaded or is being loaded anew. */
  #superseded(flight: Flight): boolean {
    const { flights, memory } = this.#state;
    if (flight.run.phase === 'awaited') return false;
    const newer = (memory.peek(flight.key)?.storedAt ?? Number.NEGATIVE_INFINITY) >= flight.startedAt;
    return newer || flights.get(flight.key) !== undefined;
  }

  #failed<R>(run: LoadRun, { write }: LoadRequest<R>, error: unknown): void {
    const { errors, options, book } = this.#state;
    this.#reportFailure(run, error);
    if (options.errorTtlMs === 0) return;
    const until = options.clock.now() + options.errorTtlMs;
    for (const flight of run.flights) {
      const tags = flight.tags ?? write.tags;
      const dependent = { key: flight.key, tags, since: flight.since };
      if (!flight.detached && !book.invalidatedBy(dependent)) errors.remember(dependent, error, until);
    }
  }

  /** Counts a failure, and leaves the loader of a value that still stands alone for a while. */
  #reportFailure(run: LoadRun, error: unknown): void {
    const { counters, memory, options, events } = this.#state;
    const now = options.clock.now();
    counters.loadErrors++;
    for (const { key, detached } of run.flights) {
      const found = memory.find(key, now, false);
      // A value that was written meanwhile owes nothing to the load that failed.
      if (found.state !== 'none' && !detached) {
        const failures = (found.entry.trouble?.failures ?? 0) + 1;
        const pause = backoffMs(failures, options.backoffMs, options.maxBackoffMs);
        found.entry.trouble = { failures, retryAt: now + pause };
      }
      if (events.wants('load:error')) {
        events.emit('load:error', { key: shownKey(key), error, servedStale: found.state !== 'none' });
      }
    }
  }
}

function ignore(): void {}
