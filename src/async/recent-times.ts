const CAPACITY = 1_024;
const QUANTILE = 0.95;

/** How long the last 1,024 calls took: recording is a store, figures are worked out when they are asked for. */
export class RecentTimes {
  readonly #times = new Float64Array(CAPACITY);
  #recorded = 0;

  record(ms: number): void {
    this.#times[this.#recorded & (CAPACITY - 1)] = ms;
    this.#recorded++;
  }

  /** 95 % of them took at most so many milliseconds (nearest rank); `undefined` before the first. */
  p95(): number | undefined {
    const times = this.#recent();
    return times.sort()[Math.ceil(times.length * QUANTILE) - 1];
  }

  /** In milliseconds; `undefined` before the first. */
  mean(): number | undefined {
    const times = this.#recent();
    return times.length === 0 ? undefined : times.reduce((sum, ms) => sum + ms, 0) / times.length;
  }

  #recent(): Float64Array {
    return this.#times.slice(0, Math.min(this.#recorded, CAPACITY));
  }
}
