/** Share of the cache that is window at the start. */
const START = 0.1;
const LEAST = 0.01;
const MOST = 0.99;
const FIRST_STEP = 0.1;
const LEAP = 0.5;
/** Samples to stay where a leap has led, unless the ratio changes by `END_OF_REST`. */
const REST = 6;
const END_OF_REST = 0.1;
/** Each step is so much smaller than the one before, until the ratio changes by `RESTART`. */
const DECAY = 0.85;
const RESTART = 0.03;
/** Accesses per entry between two steps, and the fewest: below, a ratio is mostly noise. */
const SAMPLE_PER_ENTRY = 4;
const LEAST_SAMPLE = 500;

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

  /** Whether so many accesses since the last step are enough for the next one. */
  isDue(accesses: number, entries: number): boolean {
    return accesses >= Math.max(LEAST_SAMPLE, SAMPLE_PER_ENTRY * entries);
  }

  /**
   * Takes the ratio (0 to 1) of the accesses since the last step and moves the share. Where plain LRU is known to do
   * better, it leaps towards it: what one step brings says nothing there.
   */
  step(ratio: number, isLruAhead: boolean): void {
    if (isLruAhead) {
      this.#share = Math.min(MOST, this.#share + LEAP);
      this.#step = FIRST_STEP;
      this.#last = undefined;
      this.#rests = REST;
      return;
    }
    const last = this.#last;
    this.#last = ratio;
    if (last === undefined) return;
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
