import type { MemoryEventSource } from './memory-event-source.js';
import type { MemoryLevel } from './memory-level.js';
import type { MemorySettings } from './memory-options.js';
import type { MemoryWatch } from './memory-watch.js';

/** A look is too old after this many intervals: the event loop was blocked. */
const STALE_LOOKS = 2;
/** The coarse time lags behind that of a look by a macrotask at the most. */
const LAG_MS = 1_000;

/** The level for those who ask all the time: that of the last look, and a new look where that is too long ago. */
export class KnownLevel {
  readonly #settings: MemorySettings;
  readonly #watch: MemoryWatch;
  readonly #events: MemoryEventSource;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: MemorySettings, watch: MemoryWatch, events: MemoryEventSource) {
    this.#settings = settings;
    this.#watch = watch;
    this.#events = events;
  }

  read(): MemoryLevel {
    const { clock, intervalMs } = this.#settings;
    const now = clock.coarse();
    const oldest = this.#watch.isRunning ? STALE_LOOKS * intervalMs : intervalMs;
    const lookedAt = Math.max(this.#watch.last?.reading.at ?? Number.NEGATIVE_INFINITY, this.#failedAt);
    if (now - lookedAt < oldest && now >= lookedAt - LAG_MS) return this.#watch.level;
    try {
      return this.#watch.look(false).level;
    } catch (error) {
      this.#failedAt = now;
      this.#events.trouble(error, 'a look at memory');
      return this.#watch.level;
    }
  }
}
