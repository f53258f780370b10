import { CircuitBreaker } from '../../core/breaker.js';
import type { RedisPort } from '../../core/redis/redis-port.js';
import type { CacheState } from '../cache-state.js';
import type { ResolvedRemote } from '../resolve-remote.js';
import { Guard } from './guard.js';

/** How long `ready()` waits for a connection. */
const LONGEST_CONNECTING_MS = 2_000;
const REPORT_EVERY_MS = 60_000;
const MOST_KINDS = 100;

/** The connections of a shared tier, and the breaker that follows them. */
export class Connection {
  readonly breaker: CircuitBreaker;
  readonly guard: Guard;
  readonly #state: CacheState;
  readonly #ports: readonly RedisPort[];
  readonly #loaded: () => Promise<void>;
  readonly #unsubscribes: (() => void)[] = [];
  #downSince: number | undefined;
  /** Ends the wait for the first connection. */
  #giveUpWaiting: (() => void) | undefined;
  #lastError: string | undefined;
  /** Until when a kind of error is not reported again. */
  readonly #reported = new Map<string, number>();

  /** @param recover - what has to succeed, within its deadlines, before anything is read again */
  constructor(parts: {
    state: CacheState;
    remote: ResolvedRemote;
    ports: readonly RedisPort[];
    /** The packages that a connection needs. Rejects where one is missing. */
    loaded: () => Promise<void>;
    recover: () => Promise<void>;
  }) {
    const { state, remote, ports } = parts;
    const { clock, random } = state.options;
    this.#state = state;
    this.#ports = ports;
    this.#loaded = parts.loaded;
    this.breaker = new CircuitBreaker({
      ...remote.breaker,
      clock,
      random,
      probe: async () => {
        if (!this.#isUp()) throw new Error('no connection');
        await parts.recover();
      },
      onChange: (next, reason) => this.#onBreaker(next.kind, reason),
    });
    this.guard = new Guard({
      clock,
      breaker: this.breaker,
      ready: () => this.#isUp(),
      readMs: remote.readDeadlineMs,
      writeMs: remote.writeDeadlineMs,
      onError: (error) => this.#report(error),
    });
  }

  #isUp(): boolean {
    return this.#ports.every((port) => port.ready);
  }

  /** Starts connecting. Calls wait for the first connection, at most `patienceMs`. */
  start(patienceMs: number): void {
    for (const port of this.#ports) {
      this.#unsubscribes.push(
        port.onError((error) => this.#state.events.trouble(error, 'the connection of the shared tier')),
        port.onReadiness((ready) => {
          if (!ready) this.breaker.trip('the connection is lost');
          else if (this.#isUp()) this.breaker.probeNow();
        }),
      );
      port.connect();
    }
    if (!this.#isUp()) this.guard.arrival = this.#waitForArrival(patienceMs);
    this.#loaded().catch((error: unknown) => this.#state.events.trouble(error, 'loading the shared tier'));
  }

  /** Settles when the first connection is there, or has been given up for now. Loading the client's code does not count. */
  #waitForArrival(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribes: (() => void)[] = [];
      let cancel = (): void => {};
      const done = (): void => {
        this.#giveUpWaiting = undefined;
        // From here on calls fail fast while there is no connection.
        this.guard.arrival = undefined;
        cancel();
        for (const unsubscribe of unsubscribes) unsubscribe();
        resolve();
      };
      for (const port of this.#ports) {
        unsubscribes.push(port.onReadiness(() => this.#isUp() && done()));
      }
      this.#giveUpWaiting = done;
      const giveUp = (reason: string): void => {
        if (this.guard.arrival === undefined) return;
        this.breaker.trip(reason);
        done();
      };
      this.#loaded().then(
        () => {
          cancel = this.#state.options.clock.setTimer(() => giveUp(`no connection within ${ms} ms`), ms);
        },
        () => giveUp('the client could not be loaded'),
      );
    });
  }

  /** Resolves when there is a connection, or it has been waited for long enough. Rejects where a package is missing. */
  async ready(): Promise<void> {
    await this.#loaded();
    if (this.guard.arrival) await this.guard.arrival;
    // A host that asks has time: a connection may take longer than a read may.
    if (!this.guard.passes) await this.#firstUp(LONGEST_CONNECTING_MS);
  }

  #firstUp(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#state.options.clock.setTimer(resolve, ms);
      const off = this.#state.events.on('remote:up', () => {
        off();
        cancel();
        resolve();
      });
    });
  }

  /** An error that the server answered with (NOPERM, OOM, READONLY ...): once a minute for each kind. */
  #report(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
    const kind = /^\w+/.exec(this.#lastError)?.[0] ?? '';
    const now = this.#state.options.clock.now();
    if (now < (this.#reported.get(kind) ?? 0)) return;
    if (this.#reported.size >= MOST_KINDS) this.#reported.clear();
    this.#reported.set(kind, now + REPORT_EVERY_MS);
    this.#state.events.trouble(error, 'an operation of the shared tier');
  }

  #onBreaker(kind: 'closed' | 'open' | 'half-open', why: string): void {
    const reason = this.#lastError === undefined ? why : `${why}; last answer: ${this.#lastError}`;
    const { events, options } = this.#state;
    const now = options.clock.now();
    if (kind === 'open' && this.#downSince === undefined) {
      this.#downSince = now;
      events.warn('the shared tier is left alone', { reason });
      if (events.wants('remote:down')) events.emit('remote:down', { reason });
    } else if (kind === 'closed' && this.#downSince !== undefined) {
      const downMs = now - this.#downSince;
      this.#downSince = undefined;
      this.#lastError = undefined;
      if (events.wants('remote:up')) events.emit('remote:up', { downMs });
    }
  }

  async close(): Promise<void> {
    this.#giveUpWaiting?.();
    this.breaker.close();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    await Promise.all(this.#ports.map((port) => port.close()));
  }
}
