/** How much of the way back to the limit of the last drop it makes in a round. */
const CLIMB = 0.25;
/** What the first fall leaves at most: a slow start doubles in a round, and may have gone to twice of what is borne. */
const FIRST_BACKOFF = 0.5;

/** Bounds and pace of an {@link AdaptiveLimit}. */
export interface AdaptiveLimitOptions {
  /** At least 1. */
  readonly min: number;
  readonly max: number;
  /** Where it begins, within the bounds. */
  readonly initial: number;
  /** What it is multiplied by on a drop, above 0 and below 1. */
  readonly backoff: number;
}

/**
 * How many calls may run at once, found out from what becomes of them: additive increase, multiplicative decrease, after a slow start (V. Jacobson,
 * "Congestion Avoidance and Control", 1988; the AIMD limit of Netflix's concurrency-limits). Latency is not looked at: long answers are no overload.
 *
 * It falls at most once a round: drops of calls that began before the last fall tell nothing new. In a round of successes (as many as the limit) it
 * grows by a quarter of what it is below the limit of the last drop, by one at least; beyond it by 1, 2, 4, ... so that a service that has
 * grown is found out soon (after S. Ha, I. Rhee, L. Xu, "CUBIC", 2008). A limit that is not used is not proven, and does not grow.
 *
 * A refusal (429, 503) tells at once; a timeout only when it is over: with timeouts alone each fall takes as long as one.
 */
export class AdaptiveLimit {
  /** A whole number. */
  limit: number;
  readonly #options: AdaptiveLimitOptions;
  readonly #onChange: (limit: number, before: number, why: 'success' | 'overload') => void;
  /** The limit with its fraction. */
  #exact: number;
  /** How often it has fallen. */
  #falls = 0;
  /** Where the last drop came. Infinity before the first. */
  #ceiling = Number.POSITIVE_INFINITY;
  /** By how much it grows in a round. */
  #step = 1;
  /** Successes until the round is over. */
  #left: number;

  constructor(
    options: AdaptiveLimitOptions,
    onChange: (limit: number, before: number, why: 'success' | 'overload') => void,
  ) {
    this.#options = options;
    this.#onChange = onChange;
    this.#exact = Math.min(options.max, Math.max(options.min, options.initial));
    this.limit = Math.floor(this.#exact);
    this.#left = this.limit;
  }

  /** To be taken when a call starts, and given back with its outcome. */
  stamp(): number {
    return this.#falls;
  }

  /**
   * A call has succeeded, or failed in a way that says nothing of overload.
   *
   * @param active - calls that ran at the time, this one included
   */
  succeeded(stamp: number, active: number): void {
    if (stamp !== this.#falls || active * 2 < this.limit || this.#exact >= this.#options.max) return;
    const isSlowStart = this.#falls === 0;
    this.#become(this.#exact + (isSlowStart ? 1 : this.#step / this.#exact), 'success');
    if (--this.#left > 0) return;
    this.#left = this.limit;
    const below = this.#ceiling - this.#exact;
    this.#step = below > 0 ? Math.max(1, below * CLIMB) : Math.min(this.#step * 2, this.#exact);
  }

  /** A call has met overload: 429, 503, a timeout. */
  dropped(stamp: number): void {
    if (stamp !== this.#falls) return;
    const { backoff } = this.#options;
    const isSlowStart = this.#falls++ === 0;
    this.#ceiling = this.#exact;
    this.#become(this.#exact * (isSlowStart ? Math.min(backoff, FIRST_BACKOFF) : backoff), 'overload');
    this.#step = Math.max(1, (this.#ceiling - this.#exact) * CLIMB);
    this.#left = this.limit;
  }

  #become(exact: number, why: 'success' | 'overload'): void {
    this.#exact = Math.min(this.#options.max, Math.max(this.#options.min, exact));
    const before = this.limit;
    this.limit = Math.floor(this.#exact);
    if (this.limit !== before) this.#onChange(this.limit, before, why);
  }
}
