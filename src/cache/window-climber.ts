/** Share of the cache that is window at the start. */
const START = 0.1;
const LEAST = 0.01;
const MOST = 0.99;
const FIRST_STEP = 0.12;
const LEAP = 0.5;
/** Samples to stay where a leap has led, unless the ratio changes by `END_OF_REST`. */
const REST = 6;
const END_OF_REST = 0.1;
/** Each step is so much smaller than the one before, until the ratio changes by `RESTART`. */
const DECAY = 0.85;
const RESTART = 0.03;
/** Rounds (of as many accesses as there are entries) between two steps: after fewer, a ratio is mostly noise. */
const ROUNDS_PER_SAMPLE = 4;

/**
 * How much of a cache is window (kept by recency) and how much is main (kept by worth): climbs the hill of the hit
 * ratio, weighted with what the hits save. Source: G. Einziger, O. Eytan, R. Friedman, B. Manes, "Adaptive Software
 * Cache Management", Middleware 2018. Small samples, a wide first step and an early restart make it follow a change
 * of traffic within some ten times the cache's size.
 */
export class WindowClimber {
  #share = START;
  #step = FIRST_STEP;
  #last: number | undefined;
  #rests = 0;

  /** Share of both bounds, 0.01 to 0.99. */
  get share(): number {
    return this.#share;
  }

  /**
   * To be called every `entries` accesses, with the hits and accesses since the last step (weighted by loader time).
   * Returns whether it took them as a sample: a new one starts then.
   *
   * Where plain LRU is known to do better, it leaps towards it at once: what one step brings says nothing there.
   */
  observe(
    sample: { readonly saved: number; readonly total: number; readonly rounds: number },
    isLruAhead: boolean,
  ): boolean {
    if (isLruAhead && this.#share < MOST) {
      this.#share = Math.min(MOST, this.#share + LEAP);
      this.#step = FIRST_STEP;
      this.#last = undefined;
      this.#rests = REST;
      return true;
    }
    if (sample.rounds < ROUNDS_PER_SAMPLE) return false;
    this.#climb(sample.total > 0 ? sample.saved / sample.total : 0, isLruAhead);
    return true;
  }

  #climb(ratio: number, isLruAhead: boolean): void {
    const last = this.#last;
    this.#last = ratio;
    if (last === undefined || isLruAhead) return;
    if (this.#rests > 0 && Math.abs(ratio - last) < END_OF_REST) {
      this.#rests--;
      return;
    }
    this.#rests = 0;
    const direction = ratio >= last ? Math.sign(this.#step) : -Math.sign(this.#step);
    const width = Math.abs(ratio - last) >= RESTART ? FIRST_STEP : Math.abs(this.#step) * DECAY;
    this.#step = direction * width;
    this.#share = Math.min(MOST, Math.max(LEAST, this.#share + this.#step));
  }
}
