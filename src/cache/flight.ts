import type { MemoryEntry } from './memory-entry.js';

/**
 * Where a run stands with those who asked for it. `awaited`: somebody waits, or it refreshes in the background. `released`: it has
 * hung so long that its keys are free for another load, yet its end still counts. `concluded`: its callers have left or been
 * told of its failure; should the loader still end, a value may be stored, an error concerns nobody.
 */
export type RunPhase = 'awaited' | 'released' | 'concluded';

/** One run of a loader: for one key, or for the keys of a batch. */
export class LoadRun {
  readonly flights: Flight[] = [];
  /** How many callers still wait for any of its flights; a background refresh counts as one that never leaves. */
  waiters = 0;
  phase: RunPhase = 'awaited';
  #controller: AbortController | undefined;

  /** Made when first asked for: most loaders never look at it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

/** The load of one key. Its waiters share its outcome. */
export class Flight<V = unknown> {
  readonly key: string;
  /** The sequence when its loader began; until then, when it was asked for. */
  since: number;
  /** The shared tier's sequence when its loader began; `undefined` before that, and without a shared tier. */
  sharedSince: number | undefined;
  /** Which life of the shared tier's versions that number belongs to. */
  sharedBirth = 0;
  /** The newest token this process had seen when its loader began. */
  raised = 0;
  /** The newest token a waiter came with: what it brings from the shared tier must not be older. */
  after = 0;
  startedAt: number;
  readonly run: LoadRun;
  /** Tags known so far: from the options, and those the loader named on its way. */
  tags: string[] | undefined;
  /** Set when its key was written or invalidated: those who wait get the value, nobody else does, and it is not stored. */
  detached = false;
  /** Set once it has ended and what it loaded turned out to be older than an invalidation, or that can't be told any more. */
  fenced = false;
  /** Set where the value did not come from the loader but was found in the shared tier meanwhile. */
  found: MemoryEntry | undefined;
  /** How often its key was written or deleted elsewhere while it waited for its turn. */
  changes = 0;
  readonly outcome: Promise<V>;
  #settle: { resolve: (value: V) => void; reject: (error: unknown) => void } | undefined;

  constructor(run: LoadRun, key: string, since: number, startedAt: number, tags: readonly string[] | undefined) {
    this.run = run;
    this.key = key;
    this.since = since;
    this.startedAt = startedAt;
    this.tags = tags && tags.length > 0 ? [...tags] : undefined;
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Each waiter sees the error; without one (a background refresh) it has been reported as an event.
    this.outcome.catch(ignore);
    run.flights.push(this as Flight);
  }

  addTags(names: readonly string[]): void {
    this.tags ??= [];
    for (const name of names) if (!this.tags.includes(name)) this.tags.push(name);
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  resolve(value: V): void {
    this.#settle?.resolve(value);
    this.#settle = undefined;
  }

  reject(error: unknown): void {
    this.#settle?.reject(error);
    this.#settle = undefined;
  }
}

function ignore(): void {}

/** Of more loads than this that hang past their deadline, the oldest are given up. */
const MOST_LOOSE = 10_000;

/** What can be cut off from its keys. */
export interface Detachable {
  detach(key: string): void;
  detachWhere(matches: (key: string) => boolean): void;
}

/** The loads under way, one a key. Kept apart from the store, so that eviction never touches a load. */
export class FlightTable {
  readonly #flights = new Map<string, Flight>();
  /** Loads that are no longer the one of their key, yet may still end. */
  readonly #loose = new Set<Flight>();
  /** What else is under way for keys and must not outlive what cuts loads off: reads of the shared tier. */
  others: Detachable | undefined;

  get size(): number {
    return this.#flights.size;
  }

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** Makes a flight the one of its key. One that stood there goes on for its waiters alone. */
  add(flight: Flight): void {
    this.detach(flight.key);
    this.#flights.set(flight.key, flight);
  }

  /** Cuts the loads of a key off: later readers start a new one, and these will not store. */
  detach(key: string): void {
    this.#detachLoose((other) => other === key);
    this.others?.detach(key);
    const flight = this.#flights.get(key);
    if (flight) this.#detach(flight);
  }

  /** Like {@link detach}, but for a load whose loader has yet to begin: that will be late enough. */
  detachBegun(key: string): void {
    const flight = this.#flights.get(key);
    if (flight === undefined || flight.sharedSince !== undefined) this.detach(key);
    else {
      flight.changes++;
      this.others?.detach(key);
    }
  }

  detachWhere(matches: (key: string) => boolean): void {
    this.#detachLoose(matches);
    this.others?.detachWhere(matches);
    for (const flight of this.#flights.values()) if (matches(flight.key)) this.#detach(flight);
  }

  #detach(flight: Flight): void {
    flight.detached = true;
    this.release(flight);
  }

  /** A load past its deadline is nobody's any more, yet would still store. */
  #detachLoose(matches: (key: string) => boolean): void {
    for (const flight of this.#loose) if (matches(flight.key)) flight.detached = true;
  }

  /** Makes room for a new load of the key while this one, past its deadline, may still end and store. */
  release(flight: Flight): void {
    if (this.#flights.get(flight.key) !== flight) return;
    this.#flights.delete(flight.key);
    this.#loose.add(flight);
    if (this.#loose.size > MOST_LOOSE) this.#giveUp(this.#loose.values().next().value!);
  }

  /** Gives up every load under way: whoever waits gets what it brings, nobody else, and no version is needed to judge it by. */
  giveUpAll(): void {
    this.detachWhere(() => true);
    for (const flight of this.#loose) this.#giveUp(flight);
  }

  #giveUp(flight: Flight): void {
    flight.detached = true;
    flight.fenced = true;
    this.#loose.delete(flight);
  }

  end(flight: Flight): void {
    this.#loose.delete(flight);
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
  }

  /** The oldest sequence that a running load began at. Infinity when nothing runs. */
  oldestSince(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const flight of this.#flights.values()) oldest = Math.min(oldest, flight.since);
    for (const flight of this.#loose) oldest = Math.min(oldest, flight.since);
    return oldest;
  }
}
