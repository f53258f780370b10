import { shownKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { ResolvedWrite } from './call-options.js';
import { LoaderDeadlineError } from './errors.js';
import { Filling } from './filling.js';
import { Flight, LoadRun } from './flight.js';
import { backoffMs } from './freshness.js';
import { type LoaderRemarks, loaderContext } from './loader-context.js';
import type { MemoryEntry } from './memory-entry.js';
import type { LoaderContext } from './options.js';
import { newnessOf } from './shared-book.js';
import type { Permit } from './shared-source.js';
import { copyOf } from './value-handling.js';

/** How to call a loader, for one key or many. */
export interface LoadRequest<R> {
  /** What the loader is told as `key`. */
  readonly key: unknown;
  readonly innerKeys: readonly string[];
  readonly write: ResolvedWrite;
  /** Calls the loader for the keys at these places, which ascend. */
  readonly call: (context: LoaderContext, places: readonly number[]) => R | Promise<R>;
  /** The value of the key at a place, which was the i-th of those the loader was called for. */
  readonly pick: (result: R, place: number, i: number) => unknown;
  /** Keep the books, store no value. */
  readonly observed: boolean;
  /** Load whatever others have stored or are loading, and let them know. */
  readonly force?: boolean;
  /** For each key the checksum of what the shared tier has and is no good. */
  seen?: readonly number[] | undefined;
  /** The shared tier did not answer: it is not asked again. */
  readonly alone?: boolean;
}

/** How the key at a place of a run may go on. */
interface Granted {
  readonly place: number;
  readonly permit: Permit;
}

/** Runs loaders and stores what they bring, unless something newer has happened. */
export class Loading {
  readonly #state: CacheState;
  readonly #filling: Filling;

  constructor(state: CacheState) {
    this.#state = state;
    this.#filling = new Filling(state);
  }

  /** Starts a run and makes its flights those of their keys; without a shared tier in this very call stack. Never throws. */
  start<R>(request: LoadRequest<R>): LoadRun {
    const { book, flights, options } = this.#state;
    const run = new LoadRun();
    const startedAt = options.clock.now();
    for (const inner of request.innerKeys) {
      const flight = new Flight(run, inner, book.current, startedAt, request.write.tags);
      if (!request.observed) flights.add(flight);
    }
    if (!request.observed) this.#watchDeadline(run);
    if (this.#state.usesShared && !request.observed && !request.alone) void this.#loadUnderLeases(run, request);
    else void this.#load(run, request, [...run.flights.keys()], []);
    return run;
  }

  /** Asks the shared tier who loads: what others have loaded or are loading is not loaded here. */
  async #loadUnderLeases<R>(run: LoadRun, request: LoadRequest<R>): Promise<void> {
    const { flights } = run;
    try {
      const permits = await this.#state.withTier((tier) =>
        tier.permits(flights, request.seen ?? [], request.force ?? false),
      );
      const own: Granted[] = [];
      const held: Promise<Granted>[] = [];
      permits.forEach((permit, place) => {
        const flight = flights[place]!;
        if (permit.kind === 'held') held.push(this.#wait(flight, place, permit.seen));
        else if (permit.kind !== 'found') own.push({ place, permit });
        else if (!this.#found(flight, permit.entry)) held.push(this.#wait(flight, place, sumOf(permit.entry)));
      });
      const loads = own.length > 0 ? [this.#loadGranted(run, request, own)] : [];
      await this.#takeTurns(run, request, held);
      await Promise.all(loads);
    } catch (error) {
      this.#state.events.trouble(error, 'the shared tier');
      const left = [...flights.keys()].filter((place) => !flights[place]!.settled);
      await this.#load(run, request, left, []);
    }
  }

  /** Waits until a key may be loaded here, or is there. */
  async #wait(flight: Flight, place: number, seenBefore: number): Promise<Granted> {
    for (let seen = seenBefore; ; ) {
      const permit = await this.#state.withTier((tier) => tier.wait(flight, seen));
      if (permit.kind !== 'found' || this.#found(flight, permit.entry)) return { place, permit };
      seen = sumOf(permit.entry);
    }
  }

  /**
   * Takes the keys that others hold as they come: what was granted is loaded at once, together with what else came in that turn. A
   * batch that waited for all of them would keep others waiting for what it has, who may have what it waits for.
   */
  async #takeTurns<R>(run: LoadRun, request: LoadRequest<R>, held: readonly Promise<Granted>[]): Promise<void> {
    let arrived: Granted[] = [];
    const loads: Promise<void>[] = [];
    const take = (): void => {
      loads.push(this.#loadGranted(run, request, arrived));
      arrived = [];
    };
    await Promise.all(
      held.map(async (waiting) => {
        const granted = await waiting;
        if (granted.permit.kind !== 'found' && arrived.push(granted) === 1) process.nextTick(take);
      }),
    );
    // The last turn's `take` has yet to run.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all(loads);
  }

  /** In the order in which the keys were asked for, not that in which their turn came. */
  async #loadGranted<R>(run: LoadRun, request: LoadRequest<R>, granted: readonly Granted[]): Promise<void> {
    if (run.phase === 'concluded') {
      // All callers have left while it waited for its turn: nobody wants it any more, and others may.
      for (const { place, permit } of granted) this.#abandon(run.flights[place]!, permit);
      return;
    }
    const ordered = [...granted].sort((a, b) => a.place - b.place);
    await this.#load(
      run,
      request,
      ordered.map(({ place }) => place),
      ordered.map(({ permit }) => permit),
    );
  }

  #abandon(flight: Flight, permit: Permit): void {
    this.#filling.release(permit);
    this.#state.flights.end(flight);
    flight.reject(flight.run.signal.reason);
  }

  /**
   * Somebody else has loaded it meanwhile. Judged again as it is handed out: callers may have joined since it was read, with a token
   * or after an invalidation. Says whether it still is good.
   */
  #found(flight: Flight, entry: MemoryEntry): boolean {
    const { memory, options, flights, counters } = this.#state;
    const isGood = memory.judge(entry, options.clock.now()).state !== 'none' && newnessOf(entry.shared) >= flight.after;
    if (!isGood) return false;
    flights.end(flight);
    counters.coalesced++;
    flight.found = entry;
    flight.resolve(entry.plain ? entry.value : copyOf(entry.value));
    return true;
  }

  /** Runs the loader for some of a run's keys. Settles their flights; never rejects. */
  async #load<R>(
    run: LoadRun,
    request: LoadRequest<R>,
    places: readonly number[],
    permits: readonly Permit[],
  ): Promise<void> {
    const flights = places.map((place) => run.flights[place]!);
    const remarks: LoaderRemarks = { ttlMs: undefined, skip: false };
    this.#state.counters.loads++;
    this.#markStart(flights);
    let values: unknown[];
    try {
      const result = await request.call(loaderContext(request.key, run, remarks), places);
      values = places.map((place, i) => request.pick(result, place, i));
    } catch (error) {
      this.#countTime(flights);
      for (const flight of flights) this.#state.flights.end(flight);
      for (const permit of permits) this.#filling.release(permit);
      if (run.phase !== 'concluded') this.#failed(flights, request, error);
      for (const flight of flights) flight.reject(error);
      return;
    }
    // From here to the end nothing waits: no reader can see a key without its flight and without its value.
    this.#countTime(flights);
    flights.forEach((flight, i) => {
      // Not before its turn: a listener that hears of the first fill may still write or invalidate the others' keys.
      this.#state.flights.end(flight);
      try {
        this.#filling.fill(flight, values[i], remarks, request, permits[i]);
      } catch (error) {
        // The loader has answered: trouble of storing (a policy of the host's) is not its callers' trouble.
        this.#state.events.trouble(error, 'storing a loaded value');
      }
    });
    flights.forEach((flight, i) => {
      flight.resolve(values[i]);
    });
  }

  /** What a loader brings is as new as the moment it began, not the moment it was asked for. */
  #markStart(flights: readonly Flight[]): void {
    const { book, shared, options } = this.#state;
    if (!shared) return;
    const now = options.clock.now();
    for (const flight of flights) {
      flight.since = book.current;
      flight.startedAt = now;
      flight.sharedSince = shared.versions.current;
      flight.sharedBirth = shared.birth;
      flight.raised = shared.raised;
    }
  }

  #countTime(flights: readonly Flight[]): void {
    const { options, counters } = this.#state;
    counters.loadMs += options.clock.now() - flights[0]!.startedAt;
  }

  #watchDeadline(run: LoadRun): void {
    const { options, flights } = this.#state;
    const { hardDeadlineMs, clock } = options;
    if (hardDeadlineMs === Number.POSITIVE_INFINITY) return;
    const cancel = clock.setTimer(() => {
      // All callers have left before: nobody is told, and nobody failed.
      if (run.waiters === 0) return;
      const late = run.flights.filter((flight) => !flight.settled);
      const error = new LoaderDeadlineError(shownKey(run.flights[0]!.key), hardDeadlineMs);
      run.phase = 'concluded';
      for (const flight of late) flights.release(flight);
      this.#reportFailure(late, error);
      for (const flight of late) flight.reject(error);
      run.abort(error);
    }, hardDeadlineMs);
    void Promise.allSettled(run.flights.map(({ outcome }) => outcome)).then(cancel);
  }

  #failed<R>(flights: readonly Flight[], { write }: LoadRequest<R>, error: unknown): void {
    const { errors, options, book, shared } = this.#state;
    this.#reportFailure(flights, error);
    if (options.errorTtlMs === 0) return;
    const until = options.clock.now() + options.errorTtlMs;
    for (const flight of flights) {
      const tags = flight.tags ?? write.tags;
      const dependent = { key: flight.key, tags, since: flight.since };
      const fenced =
        book.invalidatedBy(dependent) ?? shared?.versions.invalidatedBy(dependent, flight.sharedSince ?? 0);
      if (!flight.detached && !fenced) errors.remember(dependent, error, until);
    }
  }

  /** Counts a failure, and leaves the loader of a value that still stands alone for a while. */
  #reportFailure(flights: readonly Flight[], error: unknown): void {
    const { counters, memory, options, events } = this.#state;
    const now = options.clock.now();
    counters.loadErrors++;
    for (const { key, detached } of flights) {
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

/** What tells the write of an entry from another one of its key. */
function sumOf(entry: MemoryEntry): number {
  return entry.shared?.sum ?? 0;
}
