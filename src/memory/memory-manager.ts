import type { Unsubscribe } from '../core/emitter.js';
import { keepAlive } from '../core/keep-alive.js';
import { type Closeable, closeOnce } from '../core/lifecycle.js';
import { checkMode, type Mode } from '../core/mode.js';
import type { CallSettings } from './call-settings.js';
import type { LeakWatchOptions } from './leaks/leak-options.js';
import type { LeakWatching } from './leaks/leak-watch.js';
import type { MemoryEvents } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import type { MemoryManagerOptions } from './memory-options.js';
import { MemoryState } from './memory-state.js';
import type { MemoryStats } from './memory-stats.js';
import { MB, type MemoryUsage } from './memory-usage.js';
import type { Optimization } from './optimization.js';
import { availableMb } from './pressure.js';
import type { Snapshot, SnapshotOptions } from './snapshot.js';
import type { RegisterOptions, Trimmable } from './trimmable.js';

/**
 * Knows how much memory the process may really take, and gives memory back in the right order before the kernel or V8 end the process.
 *
 * ```ts
 * const memory = new MemoryManager();
 * memory.register('answers', cache);
 * memory.start();
 * if (!memory.admit()) return reply.code(503).header('Retry-After', memory.retryAfterSeconds).send();
 * ```
 *
 * @throws InvalidOptionError for a bad option, naming it
 */
export class MemoryManager implements Closeable {
  readonly name: string;
  readonly #state: MemoryState;
  readonly #close: () => Promise<void>;

  constructor(options: MemoryManagerOptions = {}) {
    this.#state = new MemoryState(options);
    this.name = this.#state.settings.name;
    this.#close = closeOnce(() => keepAlive(() => this.#state.close()));
  }

  /** What the manager does. Changeable at any time. @default 'on' */
  get mode(): Mode {
    return this.#state.mode;
  }

  set mode(mode: Mode) {
    this.#state.setMode(checkMode(mode));
  }

  /** Of the last look. */
  get level(): MemoryLevel {
    return this.#state.watch.level;
  }

  /** Looks at memory from now on, and acts on what it sees. The timer never keeps the process alive. Calling it twice does nothing. */
  start(): void {
    this.#state.start();
  }

  /** Ends what `start()` began. What is registered stays. */
  stop(): void {
    this.#state.stop();
  }

  /** Looks at memory now, asking the system. Some 50 microseconds. */
  checkMemoryUsage(): MemoryUsage {
    const { reading, pressure, level } = this.#state.watch.look(true);
    return {
      rssMb: reading.rssBytes / MB,
      heapUsedMb: reading.heapUsedBytes / MB,
      heapLimitMb: reading.heapLimitBytes / MB,
      externalMb: reading.externalBytes / MB,
      limitMb: reading.limitBytes / MB,
      availableMb: availableMb(reading),
      fraction: pressure.fraction,
      signal: pressure.signal,
      level,
      limitSource: reading.limitSource,
    };
  }

  /**
   * Names what can give memory back: a cache, a pool. The lower `priority` (default 0) is asked first; among equals the cache whose bytes have saved
   * least of late. It is held until the function that is returned is called.
   *
   * @throws InvalidOptionError for a name that is taken, or what has no `trim(fraction)`
   */
  register(name: string, trimmable: Trimmable, options?: RegisterOptions): Unsubscribe {
    return this.#state.registry.register(name, trimmable, options);
  }

  /**
   * Whether new work may begin: `false` while memory is critical; after 10 s of that one a second may, so that a process with nothing to do does
   * not stay full of garbage. Costs next to nothing; looks by itself where nobody else does.
   */
  admit(): boolean {
    return this.#state.admission.admit();
  }

  /** Whole seconds after which it is worth to try again, for a `Retry-After` header: no critical level ends sooner. */
  get retryAfterSeconds(): number {
    const { dwellMs, intervalMs } = this.#state.settings;
    return Math.max(1, Math.ceil((dwellMs + intervalMs) / 1_000));
  }

  /**
   * Looks at memory now and acts on its level, as it does by itself once started. Never rejects: what goes wrong is told by the actions and
   * by `error` events.
   */
  optimizeMemory(): Promise<Optimization> {
    return keepAlive(() => this.#state.optimize());
  }

  /**
   * Watches what is alive after each major collection, and tells by `leak` events when it keeps growing; then takes a sampling profile of the heap, and
   * tells the places that hold memory by `leak:profile`. Needs no `start()`. Until it is stopped, or the manager closed; on a closed one it does nothing.
   *
   * @throws InvalidOptionError
   */
  watchLeaks(options: LeakWatchOptions = {}): LeakWatching {
    return this.#state.leaks.watch(options);
  }

  /**
   * Writes a heap snapshot, where there is room for it: it takes many times the heap in memory, most of which stays with the process. It stops the thread, by
   * seconds for every 100 Mb of heap, and holds every string of the process: for looking into something, never by itself.
   *
   * @throws InvalidOptionError; the signal's reason; HotpathError codes `NO_ROOM` where memory or disk may not suffice, `SNAPSHOT_RUNNING`,
   *   `SNAPSHOT_DIRECTORY`; the file system's own errors. Nothing is left on disk then.
   */
  snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    const { clock, reader, maxBytes } = this.#state.settings;
    return keepAlive(async () => {
      // Not before it is asked for: few hosts ever do.
      const { takeSnapshot } = await import('./snapshot.js');
      return takeSnapshot(options, { clock, reader, maxBytes });
    });
  }

  /** Runs a call and measures memory around it: what `monitorMemory` does with each call. What it answers or throws goes through untouched. */
  measureCall<R>(name: string, settings: CallSettings, call: () => R): R {
    return this.#state.isOff ? call() : this.#state.calls.measure(name, settings, call);
  }

  stats(): MemoryStats {
    return this.#state.stats();
  }

  /** Listens. Returns the unsubscribe. The same events go to the diagnostics channels `hotpath:memory:<event>`. */
  on<Name extends keyof MemoryEvents>(name: Name, listener: (data: MemoryEvents[Name]) => void): Unsubscribe {
    return this.#state.events.on(name, listener);
  }

  /** Stops, and forgets what is registered; nothing of it is closed. Afterwards everything is admitted. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
