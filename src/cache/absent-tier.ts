import type { Clock } from '../core/clock.js';
import type { Flight } from './flight.js';
import type { Permit, RemoteStats, SharedOutcome, SharedReading, SharedSource } from './shared-source.js';

const MISSED: SharedReading = { entry: undefined, reason: 'breaker', seen: 0 };
const STATS: RemoteStats = Object.freeze({
  ...{ state: 'open', bus: 'lost', errors: 0, timeouts: 0, refused: 0, unconfirmed: 0, leasesLost: 0 },
} as const);

/** Stands where the shared tier could not be opened: nothing is there, nothing is kept, and `ready()` says why. */
export class AbsentTier implements SharedSource {
  readonly #why: unknown;
  readonly #clock: Clock;

  constructor(why: unknown, clock: Clock) {
    this.#why = why;
    this.#clock = clock;
  }

  #queued(): SharedOutcome {
    return { remote: 'queued', version: Math.ceil(this.#clock.now() * 1000), existed: false };
  }

  async read(): Promise<SharedReading> {
    return MISSED;
  }

  async readMany(keys: readonly string[]): Promise<readonly SharedReading[]> {
    return keys.map(() => MISSED);
  }

  async permits(flights: readonly Flight[]): Promise<readonly Permit[]> {
    return flights.map(() => ({ kind: 'free' }));
  }

  async wait(): Promise<Permit> {
    return { kind: 'free' };
  }

  fill(): void {}

  release(): void {}

  async put(): Promise<boolean> {
    return false;
  }

  async drop(): Promise<SharedOutcome> {
    return this.#queued();
  }

  async soften(): Promise<SharedOutcome> {
    return this.#queued();
  }

  async invalidate(): Promise<SharedOutcome> {
    return this.#queued();
  }

  async clear(): Promise<SharedOutcome> {
    return this.#queued();
  }

  async sweep(): Promise<SharedOutcome> {
    return this.#queued();
  }

  raise(): void {}

  async ready(): Promise<void> {
    throw this.#why;
  }

  stats(): RemoteStats {
    return STATS;
  }

  async close(): Promise<void> {}
}
