import type { CancelTimer } from '../../core/clock.js';
import type { CacheState } from '../cache-state.js';
import type { Flight } from '../flight.js';
import type { Lease } from '../shared-source.js';
import type { Backend, Through } from './backend.js';
import type { Guard } from './guard.js';

interface Holding {
  readonly flight: Flight;
  cancel: CancelTimer;
}

const FIRST_POLL_MS = 25;
const LONGEST_POLL_MS = 500;

/** Keeps leases alive while their loaders run, and wakes those who wait for somebody else's. */
export class Leases {
  readonly #state: CacheState;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #node: string;
  readonly ms: number;
  readonly #held = new Map<Lease, Holding>();
  /** Leases that the server may still count though nobody loads, by token, oldest first. */
  readonly #owed = new Map<string, { readonly key: string; readonly until: number }>();
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;
  lost = 0;

  constructor(state: CacheState, backend: Backend, guard: Guard, node: string, ms: number) {
    this.#state = state;
    this.#backend = backend;
    this.#guard = guard;
    this.#node = node;
    this.ms = ms;
  }

  /** A token that nobody else has. Never ends with a letter: the server marks tokens by one. */
  newToken(): string {
    return `${this.#node}.${++this.#count}`;
  }

  /** Starts renewing: every third of its time, until its load has ended or nobody is interested any more. */
  hold(lease: Lease, flight: Flight): void {
    if (!this.#backend.coordinated) return;
    const { clock } = this.#state.options;
    const holding: Holding = { flight, cancel: () => {} };
    const renew = (): void => {
      if (flight.settled || flight.run.phase !== 'awaited') {
        this.#held.delete(lease);
        return;
      }
      holding.cancel = clock.setTimer(renew, this.ms / 3);
      this.#guard
        .write(() => this.#backend.renew(lease.key, lease.token, this.ms))
        .then(
          (held) => {
            if (!held && this.#held.has(lease)) this.#lose(lease);
          },
          () => {},
        );
    };
    holding.cancel = clock.setTimer(renew, this.ms / 3);
    this.#held.set(lease, holding);
  }

  #lose(lease: Lease): void {
    lease.lost = true;
    this.lost++;
    this.drop(lease);
  }

  /** Ends the renewing. */
  drop(lease: Lease): void {
    this.#held.get(lease)?.cancel();
    this.#held.delete(lease);
  }

  /** Gives back the leases of loads that can't be stored any more, since what they depend on was invalidated. */
  giveUpDoomed(): void {
    for (const [lease, { flight }] of this.#held) if (this.#isDoomed(flight)) this.#giveUp(lease);
  }

  /** Gives back the lease that an older load of this process has on the key. Says whether there was one. */
  giveUpOlder(key: string, flight: Flight): boolean {
    for (const [lease, holding] of this.#held) {
      const older = holding.flight;
      // A load that is still somebody's, or whose value is on its way out, keeps it.
      const isCutOff = older.detached || older.run.phase !== 'awaited';
      if (lease.key !== key || older === flight || older.settled || !isCutOff) continue;
      this.#giveUp(lease);
      return true;
    }
    return false;
  }

  #isDoomed(flight: Flight): boolean {
    const { book, shared } = this.#state;
    if (flight.detached || book.invalidatedBy(flight)) return true;
    const { sharedSince } = flight;
    return sharedSince !== undefined && shared?.versions.invalidatedBy(flight, sharedSince) !== undefined;
  }

  #giveUp(lease: Lease): void {
    this.#lose(lease);
    this.release(lease);
  }

  /** Gives a lease back, so that whoever waits need not wait for its end. */
  release(lease: Pick<Lease, 'key' | 'token'>): void {
    const release = (): Promise<boolean> => this.#backend.release(lease.key, lease.token);
    // Without coordination no server is asked: it must not count as an answer of one.
    (this.#backend.coordinated ? this.#guard.write(release) : release()).catch(() => this.#owe(lease));
  }

  /** The server is out of reach: it goes on counting this lease until its end, and everybody would wait for nobody. */
  #owe({ key, token }: Pick<Lease, 'key' | 'token'>): void {
    const now = this.#state.options.clock.now();
    // By their age: what has ended by itself is forgotten.
    for (const [old, { until }] of this.#owed) {
      if (until > now) break;
      this.#owed.delete(old);
    }
    this.#owed.set(token, { key, until: now + this.ms });
  }

  /** Gives back what could not be given back before. Rejects when the server does not take it. */
  async giveBackOwed(through: Through): Promise<void> {
    const now = this.#state.options.clock.now();
    await Promise.all(
      [...this.#owed].map(async ([token, { key, until }]) => {
        if (until > now) await through(() => this.#backend.release(key, token));
        this.#owed.delete(token);
      }),
    );
  }

  wake(key: string): void {
    for (const wake of [...(this.#waiting.get(key) ?? [])]) wake();
  }

  /** Ends the waiting of all, and gives back what is held: others would wait for nobody. */
  async close(): Promise<void> {
    const held = [...this.#held.keys()];
    for (const lease of held) this.drop(lease);
    for (const key of [...this.#waiting.keys()]) this.wake(key);
    const giveBack = ({ key, token }: Lease): Promise<unknown> =>
      this.#guard.write(() => this.#backend.release(key, token)).catch(() => {});
    if (this.#guard.passes) await Promise.all(held.map(giveBack));
  }

  /** Resolves when the key is worth another look: somebody says so, or after a while that grows with `attempt`, at most `mostMs`. */
  nextLook(key: string, attempt: number, mostMs: number): Promise<void> {
    const { clock, random } = this.#state.options;
    const poll = Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * 1.6 ** attempt) * (0.5 + random());
    return new Promise((resolve) => {
      let waiting = this.#waiting.get(key);
      if (waiting === undefined) {
        waiting = new Set();
        this.#waiting.set(key, waiting);
      }
      const done = (): void => {
        cancel();
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        resolve();
      };
      const cancel = clock.setTimer(done, Math.min(poll, mostMs));
      waiting.add(done);
    });
  }
}
