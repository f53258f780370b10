import type { CollectionWatch } from './collection-watch.js';
import { type LeakWatchOptions, resolveLeakOptions } from './leaks/leak-options.js';
import type { LeakReport } from './leaks/leak-report.js';
import { LeakWatch } from './leaks/leak-watch.js';
import type { MemoryEventSource } from './memory-event-source.js';
import type { MemorySettings } from './memory-options.js';

/** What watches are made with. */
export interface LeakWatchesParts {
  readonly settings: MemorySettings;
  readonly collections: CollectionWatch;
  readonly events: MemoryEventSource;
  /** Whether nothing is to be looked at for the time being. */
  isOff(): boolean;
}

/** All watches for leaks of one manager. */
export class LeakWatches {
  readonly #parts: LeakWatchesParts;
  readonly #running = new Set<LeakWatch>();
  #reports = 0;

  constructor(parts: LeakWatchesParts) {
    this.#parts = parts;
  }

  /** Leaks reported so far. */
  get reports(): number {
    return this.#reports;
  }

  /** @throws InvalidOptionError */
  watch(options: LeakWatchOptions): LeakWatch {
    const settings = resolveLeakOptions(options);
    const { collections, events, isOff } = this.#parts;
    const { clock, reader, maxBytes } = this.#parts.settings;
    const watch: LeakWatch = new LeakWatch({
      ...{ clock, reader, settings, maxBytes },
      onCollection: (listener) => {
        const end = collections.on((collection) => {
          if (!isOff()) listener(collection);
        });
        return () => {
          end();
          this.#running.delete(watch);
        };
      },
      onLeak: (report) => this.#leaked(report),
      onProfile: (profile) => events.emit('leak:profile', profile),
      onTrouble: (error, during) => events.trouble(error, during),
    });
    this.#running.add(watch);
    return watch;
  }

  stop(): void {
    for (const watch of [...this.#running]) watch.stop();
  }

  #leaked(report: LeakReport): void {
    const { events } = this.#parts;
    this.#reports++;
    events.warn(`a leak: ${report.what} memory that is alive keeps growing`, report);
    events.emit('leak', report);
  }
}
