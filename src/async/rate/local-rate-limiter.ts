import type { Clock } from '../../core/clock.js';
import { Allowance, wholeTokens } from './allowance.js';
import type { HeaderSource } from './header-source.js';
import type { WindowLimits } from './rate-limit-store.js';
import type { RateLimiter, Reservation } from './rate-limiter.js';

/**
 * A limit of this process's own: no sliding window holds more calls or tokens than the limits, as they were reserved and settled.
 * A call counts from its reservation on; what it used beyond that, from its settlement on.
 */
export class LocalRateLimiter implements RateLimiter {
  readonly mostTokens: number;
  readonly #clock: Clock;
  readonly #limits: WindowLimits;
  readonly #allowance: Allowance;

  constructor(options: WindowLimits & { readonly spread: boolean }, clock: Clock) {
    this.mostTokens = options.tokens;
    this.#clock = clock;
    this.#limits = options;
    this.#allowance = new Allowance(options, options.spread);
  }

  reserve(tokens: number): Reservation | number {
    // Exact: by a coarse reading it would leave the window before its time.
    const now = this.#clock.now();
    const whole = tokens === 0 ? 0 : (wholeTokens(tokens) ?? 0);
    const ms = this.#allowance.msUntil(now, whole, this.#limits.requests, this.#limits.tokens);
    // What never fits, and should not have been asked for, is not asked for in a loop.
    if (ms > 0) return ms === Number.POSITIVE_INFINITY ? this.#limits.windowMs : ms;
    return new LocalReservation(this.#allowance, this.#clock, this.#allowance.start(now, whole), whole);
  }

  observe(headers: HeaderSource): void {
    this.#allowance.observe(headers, this.#clock.now());
  }

  /** Nobody shares it. */
  coolDown(): void {}

  async close(): Promise<void> {}
}

class LocalReservation implements Reservation {
  readonly tokens: number;
  readonly #allowance: Allowance;
  readonly #clock: Clock;
  #place: number;
  #isOver = false;
  #hasEnded = false;

  constructor(allowance: Allowance, clock: Clock, place: number, tokens: number) {
    this.#allowance = allowance;
    this.#clock = clock;
    this.#place = place;
    this.tokens = tokens;
  }

  started(): void {
    if (!this.#isOver) this.#place = this.#allowance.restart(this.#clock.now(), this.#place, this.tokens);
  }

  ended(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#allowance.ended();
  }

  settle(tokens: number): void {
    const whole = wholeTokens(tokens);
    if (this.#isOver || whole === undefined) return;
    this.#isOver = true;
    this.#allowance.settle(this.#clock.now(), this.#place, whole - this.tokens);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#allowance.cancel(this.#clock.now(), this.#place, this.tokens);
  }
}
