import { CircuitBreaker } from '../../core/breaker.js';
import type { Clock } from '../../core/clock.js';
import { DeadlineError, DeadlineQueue } from '../../core/deadline.js';

/** A store answers much faster, or is of no use to calls that wait for it. */
const DEADLINE_MS = 250;
/** One late answer may be a pause of this process. */
const FAILURES = 3;
const COOLDOWN_MS = 500;
const MAX_COOLDOWN_MS = 1_000;
/** A process that has just started first has to connect. */
const FIRST_CONTACT_MS = 2_000;

/** So often the store is looked at while nobody asks: a loss has to be noticed by all processes, busy or not. */
const LOOK_EVERY_MS = 500;
const LOOK_AGAIN_MS = 100;
/** Nobody has asked for so long: it is let be. */
const IDLE_MS = 60_000;

/** What a {@link StoreLine} tells of. */
export interface StoreLineHooks {
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves when the store answers. */
  readonly probe: () => Promise<unknown>;
  onLost(reason: string): void;
  onBack(): void;
  onFailure(error: unknown): void;
}

/** The way to a store: each question has a deadline, and a store that keeps failing is left alone until a probe succeeds. */
export class StoreLine {
  readonly #hooks: StoreLineHooks;
  readonly #deadlines: DeadlineQueue;
  readonly #breaker: CircuitBreaker;
  #isLost = false;
  #lastFailure = '';
  /** Until when failures do not count: the store has never answered yet. `undefined`: not asked yet. */
  #patientUntil: number | undefined;
  #askedAt = 0;
  #answeredAt = 0;
  #isWatched = false;
  #isClosed = false;

  constructor(hooks: StoreLineHooks) {
    this.#hooks = hooks;
    this.#deadlines = new DeadlineQueue(hooks.clock, DEADLINE_MS);
    this.#breaker = new CircuitBreaker({
      clock: hooks.clock,
      random: hooks.random,
      consecutive: FAILURES,
      cooldownMs: COOLDOWN_MS,
      maxCooldownMs: MAX_COOLDOWN_MS,
      probe: async () => {
        await this.#deadlines.within(hooks.probe(), late);
      },
      onChange: (state, reason) => this.#changed(state.kind, reason),
    });
  }

  get isOpen(): boolean {
    return this.#breaker.allows;
  }

  /** Rejects with what the store failed with, or late. @param tooLate - gets an answer that came after the deadline */
  ask<T>(question: () => Promise<T>, tooLate?: (answer: T) => void): Promise<T> {
    this.#askedAt = this.#hooks.clock.now();
    if (!this.#isWatched) this.#watchIn(LOOK_EVERY_MS);
    return this.#put(question, tooLate);
  }

  #put<T>(question: () => Promise<T>, tooLate?: (answer: T) => void): Promise<T> {
    const { pass } = this.#breaker;
    const { clock } = this.#hooks;
    this.#patientUntil ??= clock.now() + FIRST_CONTACT_MS;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        this.#failed(pass, error);
        reject(error);
      };
      const deadline = this.#deadlines.begin(() => fail(late()));
      question().then(
        (answer) => {
          if (!this.#deadlines.met(deadline)) {
            tooLate?.(answer);
            return;
          }
          this.#patientUntil = Number.NEGATIVE_INFINITY;
          this.#answeredAt = clock.now();
          this.#breaker.succeeded(pass);
          resolve(answer);
        },
        (error: unknown) => {
          if (this.#deadlines.met(deadline)) fail(error);
        },
      );
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#breaker.close();
  }

  #watchIn(ms: number): void {
    this.#isWatched = true;
    this.#hooks.clock.setTimer(() => this.#watch(), ms);
  }

  #watch(): void {
    const now = this.#hooks.clock.now();
    this.#isWatched = !this.#isClosed && now - this.#askedAt < IDLE_MS;
    if (!this.#isWatched) return;
    // The breaker probes a store that is lost.
    if (!this.isOpen || now - this.#answeredAt < LOOK_EVERY_MS) this.#watchIn(LOOK_EVERY_MS / 2);
    else
      this.#put(this.#hooks.probe).then(
        () => this.#watchIn(LOOK_EVERY_MS),
        () => this.#watchIn(LOOK_AGAIN_MS),
      );
  }

  #failed(pass: number, error: unknown): void {
    if (this.#hooks.clock.now() < (this.#patientUntil ?? 0)) return;
    this.#lastFailure = error instanceof Error ? error.message : String(error);
    const wasOpen = this.#breaker.allows;
    this.#breaker.failed(pass);
    if (wasOpen) this.#hooks.onFailure(error);
  }

  #changed(kind: 'closed' | 'open' | 'half-open', reason: string): void {
    if (kind === 'open' && !this.#isLost) {
      this.#isLost = true;
      this.#hooks.onLost(`${reason}: ${this.#lastFailure}`);
    } else if (kind === 'closed') {
      this.#isLost = false;
      this.#patientUntil = Number.NEGATIVE_INFINITY;
      this.#hooks.onBack();
    }
  }
}

function late(): DeadlineError {
  return new DeadlineError('the store of the rate limit', DEADLINE_MS);
}
