const BUCKETS = 10;

/**
 * Calls and failures of the last while, in ten buckets of time: what leaves the window leaves by the bucket, and a call costs
 * an addition.
 */
export class RollingWindow {
  calls = 0;
  failures = 0;
  readonly #bucketMs: number;
  readonly #calls = new Uint32Array(BUCKETS);
  readonly #failures = new Uint32Array(BUCKETS);
  /** The number of the newest bucket since the epoch. */
  #newest = 0;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** Counts a call at `now` (milliseconds since the epoch), and forgets those that have left the window. */
  add(now: number, failed: boolean): void {
    const bucket = Math.floor(now / this.#bucketMs);
    if (bucket > this.#newest) this.#advance(bucket);
    const slot = this.#newest % BUCKETS;
    this.#calls[slot]!++;
    this.calls++;
    if (!failed) return;
    this.#failures[slot]!++;
    this.failures++;
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.calls = 0;
    this.failures = 0;
  }

  #advance(bucket: number): void {
    for (let b = Math.max(this.#newest + 1, bucket - BUCKETS + 1); b <= bucket; b++) {
      const slot = b % BUCKETS;
      this.calls -= this.#calls[slot]!;
      this.failures -= this.#failures[slot]!;
      this.#calls[slot] = 0;
      this.#failures[slot] = 0;
    }
    this.#newest = bucket;
  }
}
