import { InvalidOptionError } from '../core/errors.js';
import type { Mode } from '../core/mode.js';
import { AbsentTier } from './absent-tier.js';
import type { CacheEventSource } from './cache-events.js';
import { type CacheKey, innerKey, scopePrefix } from './cache-key.js';
import { CacheCounters } from './cache-stats.js';
import { ErrorMemory } from './error-memory.js';
import { ScopeRequiredError } from './errors.js';
import { type Flight, FlightTable } from './flight.js';
import { InvalidationBook } from './invalidation-book.js';
import { MemoryTier } from './memory-tier.js';
import type { ResolvedOptions } from './resolve-options.js';
import { SharedBook } from './shared-book.js';
import type { SharedSource } from './shared-source.js';

/** Fewer versions than this are never worth a look. */
const LEAST_KEPT_VERSIONS = 4096;
/** More than this are not kept for loads that may be hanging. */
const MOST_KEPT_VERSIONS = 100_000;

/** More changes than this are not remembered one by one while nothing may be sent. */
const MOST_DEFERRED = 10_000;

/** What the parts of one cache share. */
export class CacheState {
  readonly options: ResolvedOptions;
  readonly events: CacheEventSource;
  readonly book: InvalidationBook;
  readonly flights: FlightTable = new FlightTable();
  readonly counters: CacheCounters = new CacheCounters();
  readonly errors: ErrorMemory = new ErrorMemory();
  readonly memory: MemoryTier;
  /** What is known of the shared tier's versions; `undefined` without one. */
  readonly shared: SharedBook | undefined;
  /** The shared tier once it has been used. */
  tier: SharedSource | undefined;
  #opening: Promise<SharedSource> | undefined;
  #deferred: ((tier: SharedSource) => Promise<unknown>)[] = [];
  /** Background refreshes under way. */
  refreshing = 0;
  mode: Mode;
  closed = false;
  #compactAbove = LEAST_KEPT_VERSIONS;

  constructor(options: ResolvedOptions, events: CacheEventSource, mode: Mode) {
    this.options = options;
    this.events = events;
    this.mode = mode;
    this.book = new InvalidationBook(options.clock.now());
    const { remote, clock } = options;
    this.shared = remote && new SharedBook(remote.degradedTtlMs, clock.now());
    this.memory = new MemoryTier(options, this.book, this.shared, this.counters, events);
  }

  /** The shared tier, where calls go there now. */
  get usesShared(): boolean {
    return this.shared !== undefined && this.mode === 'on' && !this.closed;
  }

  /**
   * Asks the shared tier: in this very call stack once it is there. Its code is loaded when it is first asked, so that hosts
   * without one do not carry it.
   */
  withTier<T>(ask: (tier: SharedSource) => Promise<T>): Promise<T> {
    if (this.tier) return ask(this.tier);
    this.#opening ??= this.#open();
    return this.#opening.then(ask);
  }

  async #open(): Promise<SharedSource> {
    try {
      const { openTier } = await import('./remote/open-tier.js');
      this.tier = openTier(this, this.shared!, this.options.remote!);
    } catch (error) {
      // A bundle without the tier's code, a client that breaks as it is used: the host's calls go on.
      this.events.trouble(error, 'opening the shared tier');
      this.tier = new AbsentTier(error, this.options.clock);
    }
    return this.tier;
  }

  /**
   * Remembers a change for the shared tier that may not be sent now, in `off` or `observe`, and sends it as soon as the mode is
   * `on` again, before anything is read there. Too many become one invalidation of everything.
   */
  defer(change: (tier: SharedSource) => Promise<unknown>): void {
    if (this.closed) return;
    if (this.#deferred.length >= MOST_DEFERRED) this.#deferred = [(tier) => tier.clear()];
    else this.#deferred.push(change);
  }

  setMode(mode: Mode): void {
    // What observe kept has no values.
    if (this.mode === 'observe' && mode !== 'observe') this.memory.clear();
    this.mode = mode;
    if (!this.usesShared) return;
    const changes = this.#deferred;
    this.#deferred = [];
    for (const change of changes) void this.withTier(change);
  }

  /** Tells a serverless host of work that goes on behind its back. */
  tellHost(work: Promise<void>): void {
    const { events, options } = this;
    try {
      const told: unknown = options.waitUntil?.(work);
      // An async hook's rejection would otherwise end the process.
      if (told instanceof Promise) told.catch((error: unknown) => events.trouble(error, 'waitUntil'));
    } catch (error) {
      events.trouble(error, 'waitUntil');
    }
  }

  /** Empties memory, and takes leave of the shared tier. */
  async close(): Promise<void> {
    this.closed = true;
    this.memory.clear();
    this.errors.clear();
    const tier = this.tier ?? (await this.#opening);
    await tier?.close();
  }

  /** @throws KeyEncodingError, ScopeRequiredError */
  innerKey(key: CacheKey): string {
    return innerKey(key, this.scope());
  }

  /**
   * The prefix of the present scope, `''` without one.
   *
   * @throws ScopeRequiredError, InvalidOptionError
   */
  scope(): string {
    const { scope, scopeRequired } = this.options;
    if (scope === undefined) return '';
    const who: unknown = scope();
    if (!isNobody(who)) return scopePrefix(checkScope(who));
    if (scopeRequired) throw new ScopeRequiredError();
    return '';
  }

  /** The load under way of a key, if what it brings will be new enough for a reader who comes now. */
  joinable(inner: string, after: number): Flight | undefined {
    const flight = this.flights.get(inner);
    if (!flight) return undefined;
    if (this.#isNewEnough(flight, after)) return flight;
    this.flights.detach(inner);
    return undefined;
  }

  #isNewEnough(flight: Flight, after: number): boolean {
    const { book, shared } = this;
    if (book.invalidatedBy(flight) || book.softenedAt(flight)) return false;
    if (shared === undefined) return flight.since >= after;
    if (flight.sharedSince === undefined) {
      // Its loader has not begun: that will be late enough.
      flight.after = Math.max(flight.after, after);
      return true;
    }
    const { versions } = shared;
    const { sharedSince } = flight;
    return (
      Math.max(sharedSince, flight.raised) >= after &&
      !versions.invalidatedBy(flight, sharedSince) &&
      !versions.softenedAt(flight, sharedSince)
    );
  }

  /**
   * Forgets versions that nothing can ask about any more, once they are many. The bar is set anew each time, so that the
   * work per invalidation stays constant on average, also while a long load keeps them all alive.
   */
  compactBook(): void {
    const { book, memory } = this;
    if (book.size <= this.#compactAbove) return;
    const now = this.options.clock.now();
    for (const entry of [...memory.entries()]) memory.check(entry, now);
    this.errors.dropInvalid(book);
    book.forgetUpTo(Math.min(book.current, this.flights.oldestSince()));
    if (book.size > Math.max(MOST_KEPT_VERSIONS, 2 * memory.size)) {
      // A load that hangs must not keep every version there will ever be.
      this.flights.giveUpAll();
      book.forgetUpTo(book.current);
    }
    this.#compactAbove = Math.max(LEAST_KEPT_VERSIONS, 2 * memory.size, 2 * book.size);
  }
}

function isNobody(who: unknown): boolean {
  return who === undefined || who === null || who === '' || (Array.isArray(who) && who.length === 0);
}

/** What is not text must not pass for nobody: two tenants would share their entries. */
function checkScope(who: unknown): unknown {
  const parts: readonly unknown[] = Array.isArray(who) ? who : [who];
  if (parts.every((part) => typeof part === 'string')) return who;
  throw new InvalidOptionError('scope', 'a function that returns a string, a list of strings, or undefined', who);
}
