import type { CollectionWatch } from './collection-watch.js';
import type { CollectionListener } from './collections.js';
import { type LeakSettings, type LeakWatchOptions, resolveLeakOptions } from './leaks/leak-options.js';
import { LeakProfiler } from './leaks/leak-profiler.js';
import type { LeakReport } from './leaks/leak-report.js';
import { LeakWatch } from './leaks/leak-watch.js';
import { ToldLeaks } from './leaks/told-leaks.js';
import type { MemoryEventSource } from './memory-event-source.js';
import type { MemoryLevel } from './memory-level.js';
import type { MemorySettings } from './memory-options.js';

/** What watches are made with. */
export interface LeakWatchesParts {
  readonly settings: MemorySettings;
  readonly collections: Pick<CollectionWatch, 'on'>;
  readonly events: MemoryEventSource;
  /** Whether nothing is to be looked at for the time being. */
  isOff(): boolean;
  level(): MemoryLevel;
  /** Bytes that what is registered says it holds. */
  registeredBytes(): number;
}

/** All watches for leaks of one manager. */
export class LeakWatches {
  readonly #parts: LeakWatchesParts;
  readonly #told = new ToldLeaks();
  readonly #profiler: LeakProfiler;
  readonly #running = new Set<LeakWatch>();
  #isClosed = false;
  #reports = 0;

  constructor(parts: LeakWatchesParts) {
    this.#parts = parts;
    const { settings, events, level } = parts;
    const { clock, reader, gcIntervalMs } = settings;
    this.#profiler = new LeakProfiler({
      ...{ clock, reader, intervalMs: gcIntervalMs },
      onProfile: (profile) => events.emit('leak:profile', profile),
      onCollected: (collection) => events.emit('gc', { level: level(), ...collection }),
      onTrouble: (error, during) => events.trouble(error, during),
    });
  }

  /** Leaks reported so far. */
  get reports(): number {
    return this.#reports;
  }

  /** Collections at the end of profiles so far. */
  get collections(): number {
    return this.#profiler.collections;
  }

  /** How long they took, in all. */
  get collectionMs(): number {
    return this.#profiler.collectionMs;
  }

  /** After the manager was closed: a watch that does nothing. @throws InvalidOptionError */
  watch(options: LeakWatchOptions): LeakWatch {
    const { events, registeredBytes } = this.#parts;
    const { clock, reader, maxBytes } = this.#parts.settings;
    const watch: LeakWatch = new LeakWatch({
      ...{ clock, reader, maxBytes, registeredBytes },
      settings: this.#settingsOf(options),
      ...{ told: this.#told, profiler: this.#profiler },
      onCollection: (listener) => (this.#isClosed ? () => {} : this.#subscribe(listener, () => watch)),
      onLeak: (report) => this.#leaked(report),
      onTrouble: (error, during) => events.trouble(error, during),
      warn: (what, data) => events.warn(what, data),
    });
    if (!this.#isClosed) this.#running.add(watch);
    return watch;
  }

  close(): void {
    this.#isClosed = true;
    for (const watch of [...this.#running]) watch.stop();
  }

  /** A profile ends with a collection: a manager that never collects takes none, unless it is asked for by name. */
  #settingsOf(options: LeakWatchOptions): LeakSettings {
    const settings = resolveLeakOptions(options);
    const isAsked = options.profile !== undefined || this.#parts.settings.gc !== 'off';
    return isAsked ? settings : { ...settings, profileMs: undefined };
  }

  #subscribe(listener: CollectionListener, watch: () => LeakWatch): () => void {
    const { collections, isOff } = this.#parts;
    const end = collections.on((collection) => {
      if (!isOff()) listener(collection);
    });
    return () => {
      end();
      this.#running.delete(watch());
    };
  }

  #leaked(report: LeakReport): void {
    const { events } = this.#parts;
    this.#reports++;
    events.warn(`a leak: ${report.what} memory that is alive keeps growing`, report);
    events.emit('leak', report);
  }
}
