import type { CacheState } from '../cache-state.js';
import type { Flight } from '../flight.js';
import { newnessOf } from '../shared-book.js';
import type { Lease, Permit, SharedReading } from '../shared-source.js';
import type { Backend, LeaseAnswer } from './backend.js';
import type { EntryReader } from './entry-reader.js';
import type { Guard } from './guard.js';
import type { Leases } from './leases.js';
import type { Unconfirmed } from './unconfirmed.js';
import type { VersionSync } from './version-sync.js';

const FREE: Permit = { kind: 'free' };
const UNCACHED: Permit = { kind: 'uncached' };
/** A value that keeps changing to one that is no good is not looked at for ever. */
const MOST_LOOKS = 5;

/** Decides who loads: one process at a time for each key. */
export class Permits {
  readonly #state: CacheState;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #reader: EntryReader;
  readonly #leases: Leases;
  readonly #unconfirmed: Unconfirmed;

  constructor(parts: {
    state: CacheState;
    backend: Backend;
    guard: Guard;
    sync: VersionSync;
    reader: EntryReader;
    leases: Leases;
    unconfirmed: Unconfirmed;
  }) {
    this.#state = parts.state;
    this.#backend = parts.backend;
    this.#guard = parts.guard;
    this.#sync = parts.sync;
    this.#reader = parts.reader;
    this.#leases = parts.leases;
    this.#unconfirmed = parts.unconfirmed;
  }

  /** One round trip for all: the versions, and a lease for each key. Never rejects. */
  async ask(flights: readonly Flight[], seen: readonly number[], force: boolean): Promise<readonly Permit[]> {
    if (!this.#guard.passes) return flights.map(() => FREE);
    const versions = this.#guard
      .read(() => this.#sync.look())
      .then(
        () => true,
        () => false,
      );
    const permits = await Promise.all(flights.map((flight, i) => this.#askOne(flight, seen[i] ?? 0, force)));
    // Without the sequence at its start a load can't be told from an older one.
    if (await versions) return permits;
    return permits.map((permit) => {
      if (permit.kind === 'lease') this.#giveBack(permit.lease);
      return FREE;
    });
  }

  async #askOne(flight: Flight, seenBefore: number, force: boolean): Promise<Permit> {
    let seen = seenBefore;
    for (let i = 0; i < MOST_LOOKS; i++) {
      const token = this.#leases.newToken();
      let answer: LeaseAnswer;
      const startedAt = this.#state.options.clock.now();
      const { changes } = flight;
      const overlaps = this.#unconfirmed.concerns(flight.key, []);
      try {
        answer = await this.#guard.read(
          () => this.#backend.lease(flight.key, token, this.#leases.ms, seen, force),
          // Granted to nobody: whoever asks next would wait for it in vain.
          () => this.#leases.release({ key: flight.key, token }),
        );
      } catch {
        return FREE;
      }
      if (answer.kind === 'granted') return { kind: 'lease', lease: this.#granted(flight, token) };
      if (answer.kind === 'held') {
        // An older load of this very process, which has been cut off, must not keep a newer one waiting.
        if (this.#leases.giveUpOlder(flight.key, flight)) continue;
        return { kind: 'held', seen };
      }
      // The key was changed while the answer was on its way, and what it brings may be from before.
      if (flight.changes !== changes) continue;
      const look = { key: flight.key, startedAt, detached: flight.detached, overlaps };
      const reading: SharedReading = await this.#reader.open(look, answer.bytes);
      if (isGood(reading, flight.after)) return { kind: 'found', entry: reading.entry };
      seen = reading.entry === undefined ? reading.seen : (reading.entry.shared?.sum ?? 0);
    }
    return FREE;
  }

  #granted(flight: Flight, token: string): Lease {
    const lease: Lease = { key: flight.key, token, lost: false };
    this.#leases.hold(lease, flight);
    return lease;
  }

  #giveBack(lease: Lease): void {
    this.#leases.drop(lease);
    this.#leases.release(lease);
  }

  /** Waits for somebody else's load: until it is there, its lease is free, or as long as a lease lasts. */
  async wait(flight: Flight, seenBefore: number): Promise<Permit> {
    const { clock } = this.#state.options;
    const until = clock.now() + this.#leases.ms;
    let seen = seenBefore;
    for (let attempt = 0; ; attempt++) {
      const left = until - clock.now();
      // Its key was written or deleted meanwhile: what it loads is for its callers only, and needs no lease.
      if (left <= 0 || this.#state.closed || flight.detached || flight.run.phase === 'concluded') return UNCACHED;
      await this.#leases.nextLook(flight.key, attempt, left);
      const [permit] = await this.ask([flight], [seen], false);
      if (permit?.kind !== 'held') return permit ?? FREE;
      seen = permit.seen;
    }
  }
}

/** Whether a load may end with what was found instead. */
function isGood(reading: SharedReading, after: number): reading is { entry: NonNullable<SharedReading['entry']> } {
  return reading.entry !== undefined && newnessOf(reading.entry.shared) >= after;
}
