import type { Clock } from '../../core/clock.js';
import type { MemoryReader } from '../memory-reader.js';
import type { LeakProfile } from './leak-report.js';

/** The collection that the end of a profile is. */
export interface ProfileCollection {
  readonly ms: number;
  readonly freedBytes: number;
}

/** What profiles are taken with. */
export interface LeakProfilerParts {
  readonly clock: Clock;
  readonly reader: MemoryReader;
  /** Shortest time from the end of a profile to the beginning of the next: each ends with a collection. */
  readonly intervalMs: number;
  onProfile(profile: LeakProfile): void;
  onCollected(collection: ProfileCollection): void;
  onTrouble(error: unknown, during: string): void;
}

/** At most 2 % of the time goes to collections on purpose. */
const REST = 50;

/** Takes the profiles that leaks start, for all watches of a manager: one at a time, and at most as often as is allowed. */
export class LeakProfiler {
  readonly #parts: LeakProfilerParts;
  #isRunning = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #collections = 0;
  #collectionMs = 0;

  constructor(parts: LeakProfilerParts) {
    this.#parts = parts;
  }

  /** Collections at the end of profiles so far. */
  get collections(): number {
    return this.#collections;
  }

  /** How long they took, in all. */
  get collectionMs(): number {
    return this.#collectionMs;
  }

  /** Never rejects. Does nothing while a profile is under way, or has just been: it tells of the same memory. */
  async take(ms: number, end: AbortSignal): Promise<void> {
    const { clock, onProfile, onTrouble } = this.#parts;
    if (this.#isRunning || clock.now() < this.#notBefore) return;
    this.#isRunning = true;
    try {
      // Not before there is one to take: few hosts ever need it.
      const { takeLeakProfile } = await import('./leak-profile.js');
      const profile = await takeLeakProfile({ clock, ms, end, collecting: (stop) => this.#collecting(stop) });
      if (profile) onProfile(profile);
    } catch (error) {
      onTrouble(error, 'the heap profile of a leak');
    } finally {
      this.#isRunning = false;
    }
  }

  async #collecting<T>(stop: () => Promise<T>): Promise<T> {
    const { clock, reader, intervalMs, onCollected } = this.#parts;
    const startedAt = clock.now();
    const before = reader.heap();
    const stopped = await stop();
    const after = reader.heap();
    const ms = Math.max(0, clock.now() - startedAt);
    this.#collections++;
    this.#collectionMs += ms;
    this.#notBefore = startedAt + Math.max(intervalMs, ms * REST);
    const freedBytes =
      Math.max(0, before.usedBytes - after.usedBytes) + Math.max(0, before.externalBytes - after.externalBytes);
    onCollected({ ms, freedBytes });
    return stopped;
  }
}
