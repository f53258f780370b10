import type { LimitReading } from './header-limits.js';

/** A reset farther away is looked at again after this: a header that is wrong must not stop the work for ever. */
const LONGEST_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Parts of calls that are lost or won when fractions are added up. */
const ROUNDING = 1e-6;

/**
 * What a service's headers leave of one limit (of requests, or of tokens) until it is full again. Responses come late and out of order:
 * each tells of the moment at which its call was counted. So until the reset the lowest estimate counts, less what was started since,
 * plus what has filled up again where the service fills up little by little.
 */
export class HeaderBudget {
  /** In a minute, as the service said last; Infinity before. */
  limit: number = Number.POSITIVE_INFINITY;
  readonly #configured: number;
  readonly #windowMs: number;
  #credits = 0;
  /** When they were that many. */
  #at = 0;
  #perMs = 0;
  #most = 0;
  /** From then on nothing is known. */
  #until = Number.NEGATIVE_INFINITY;

  /** @param configured - the limit of a window by the options; Infinity where there is none */
  constructor(configured: number, windowMs: number) {
    this.#configured = configured;
    this.#windowMs = windowMs;
  }

  /** @param unknown - what was started that the service cannot have counted when it answered */
  learn(reading: LimitReading, unknown: number, now: number): void {
    if (reading.limit !== undefined) this.limit = reading.limit;
    const { remaining } = reading;
    if (remaining === undefined) return;
    const resetMs = reading.resetMs ?? this.#resetOf(remaining);
    if (!(resetMs > 0)) return;
    const credits = remaining - unknown;
    if (now < this.#until && credits >= this.#creditsAt(now)) return;
    const most = reading.isContinuous ? (reading.limit ?? this.#fullOf(remaining)) : remaining;
    this.#credits = credits;
    this.#at = now;
    this.#most = Math.max(most, remaining);
    this.#perMs = (this.#most - remaining) / resetMs;
    this.#until = now + Math.min(LONGEST_MS, resetMs);
  }

  /**
   * In whole milliseconds; 0 for now. What never fits goes when the limit is full again. A call that says to need nothing needs something all
   * the same: not before one is left.
   */
  msUntil(now: number, amount: number): number {
    if (now >= this.#until) return 0;
    const needed = amount === 0 ? 1 : amount;
    const short = needed - this.#creditsAt(now) - ROUNDING;
    if (short <= 0) return 0;
    const untilReset = Math.max(1, Math.ceil(this.#until - now));
    const reset = now + untilReset < this.#until ? untilReset + 1 : untilReset;
    if (this.#perMs === 0 || needed > this.#most) return reset;
    let refilled = Math.max(1, Math.ceil(short / this.#perMs));
    while (refilled < reset && this.#creditsAt(now + refilled) < needed - ROUNDING) refilled++;
    return Math.min(reset, refilled);
  }

  /** Below 0: it is given back. */
  take(now: number, amount: number): void {
    this.#credits = this.#creditsAt(now) - amount;
    this.#at = now;
  }

  #creditsAt(now: number): number {
    return Math.min(this.#most, this.#credits + this.#perMs * (now - this.#at));
  }

  /** Of a service that does not say when: as fast as its limit fills, or as the configured one does where it says only that nothing is left. */
  #resetOf(remaining: number): number {
    if (this.limit !== Number.POSITIVE_INFINITY) return (1 - remaining / this.limit) * MINUTE_MS;
    return this.#isConfigured(remaining) ? this.#windowMs : 0;
  }

  #fullOf(remaining: number): number {
    return this.#isConfigured(remaining) ? this.#configured : remaining;
  }

  #isConfigured(remaining: number): boolean {
    return remaining === 0 && this.#configured !== Number.POSITIVE_INFINITY;
  }
}
