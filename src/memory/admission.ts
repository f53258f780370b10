import type { Clock } from '../core/clock.js';
import type { Mode } from '../core/mode.js';
import type { MemoryEventSource } from './memory-event-source.js';
import type { MemoryLevel } from './memory-level.js';

const TELL_MS = 1_000;
/** Once memory has been critical for so long, one is let in every so often. */
const PROBE_AFTER_MS = 10_000;
const PROBE_EVERY_MS = 1_000;

/** What admission asks. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly events: MemoryEventSource;
  mode(): Mode;
  /** The level as it is known; looks first where that is too long ago. */
  level(): MemoryLevel;
}

/**
 * Says no to new work while memory is critical: what is under way needs what is left. Fails closed, as the level says so.
 *
 * With nothing let in nothing is allocated, so V8 may see no reason to collect what would end the level. So after a while one is let in each second,
 * as a breaker does that is half open.
 */
export class Admission {
  readonly #parts: AdmissionParts;
  #admitted = 0;
  #refused = 0;
  #untold = 0;
  #tellAt = Number.NEGATIVE_INFINITY;
  #criticalSince: number | undefined;
  #probeAt = 0;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  get admitted(): number {
    return this.#admitted;
  }

  /** Those that `observe` would have refused included. */
  get refused(): number {
    return this.#refused;
  }

  admit(): boolean {
    const mode = this.#parts.mode();
    if (mode === 'off') return true;
    const level = this.#parts.level();
    if (level !== 'critical') {
      this.#admitted++;
      this.#criticalSince = undefined;
      // Those of the last second are not kept back until the next time.
      if (this.#untold > 0) this.#tell(level);
      return true;
    }
    if (this.#isProbe()) {
      this.#admitted++;
      return true;
    }
    this.#refused++;
    this.#untold++;
    this.#tell(level);
    return mode === 'observe';
  }

  #isProbe(): boolean {
    const now = this.#parts.clock.coarse();
    if (this.#criticalSince === undefined || now < this.#criticalSince) {
      this.#criticalSince = now;
      this.#probeAt = now + PROBE_AFTER_MS;
    }
    if (now < this.#probeAt) return false;
    this.#probeAt = now + PROBE_EVERY_MS;
    return true;
  }

  #tell(level: MemoryLevel): void {
    const now = this.#parts.clock.coarse();
    if (level === 'critical' && now < this.#tellAt && this.#tellAt - now <= TELL_MS) return;
    this.#tellAt = now + TELL_MS;
    this.#parts.events.emit('shed', { level, refused: this.#untold });
    this.#untold = 0;
  }
}
