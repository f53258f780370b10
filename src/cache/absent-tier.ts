import type { Flight } from './flight.js';
import type { Permit, RemoteStats, SharedOutcome, SharedReading, SharedSource } from './shared-source.js';

const MISSED: SharedReading = { entry: undefined, reason: 'breaker', seen: 0 };
const QUEUED: SharedOutcome = { remote: 'queued', version: 0, existed: false };
const STATS: RemoteStats = Object.freeze({
  ...{ state: 'open', bus: 'lost', errors: 0, timeouts: 0, refused: 0, unconfirmed: 0, leasesLost: 0 },
} as const);

/** Stands where the shared tier could not be opened: nothing is there, nothing is kept, and `ready()` says why. */
export class AbsentTier implements SharedSource {
  readonly #why: unknown;

  constructor(why: unknown) {
    this.#why = why;
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
    return QUEUED;
  }

  async soften(): Promise<SharedOutcome> {
    return QUEUED;
  }

  async invalidate(): Promise<SharedOutcome> {
    return QUEUED;
  }

  async clear(): Promise<SharedOutcome> {
    return QUEUED;
  }

  async sweep(): Promise<SharedOutcome> {
    return QUEUED;
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
