import type { Clock } from '../../core/clock.js';

const BUCKETS = 10;
const BUCKET_MS = 1_000;
/** Retries that are allowed in any window, however few calls there are. */
const ALWAYS = 10;

/**
 * Keeps retries to a share of the calls of the last 10 s, so that they do not multiply the load on a service that fails (Google,
 * "Site Reliability Engineering", chapter 21: retry budgets). Ten buckets of a second: no timers, and a call costs an addition.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #clock: Clock;
  readonly #callsIn = new Uint32Array(BUCKETS);
  readonly #retriesIn = new Uint32Array(BUCKETS);
  #calls = 0;
  #retries = 0;
  /** The number of the newest bucket since the epoch. */
  #newest = 0;

  /** @param ratio - retries by calls, from 0 on; Infinity for no budget */
  constructor(ratio: number, clock: Clock) {
    this.#ratio = ratio;
    this.#clock = clock;
  }

  /** A call has begun: its first attempt. */
  called(): void {
    if (this.#ratio === Number.POSITIVE_INFINITY) return;
    this.#callsIn[this.#slot()]!++;
    this.#calls++;
  }

  /** Takes one retry out of the budget. False: there is none left, nothing was taken. */
  take(): boolean {
    if (this.#ratio === Number.POSITIVE_INFINITY) return true;
    const slot = this.#slot();
    if (this.#retries >= Math.max(ALWAYS, this.#ratio * this.#calls)) return false;
    this.#retriesIn[slot]!++;
    this.#retries++;
    return true;
  }

  /** The slot of this moment, what has left the window being forgotten. */
  #slot(): number {
    const bucket = Math.floor(this.#clock.coarse() / BUCKET_MS);
    if (bucket > this.#newest) {
      for (let b = Math.max(this.#newest + 1, bucket - BUCKETS + 1); b <= bucket; b++) {
        const slot = b % BUCKETS;
        this.#calls -= this.#callsIn[slot]!;
        this.#retries -= this.#retriesIn[slot]!;
        this.#callsIn[slot] = 0;
        this.#retriesIn[slot] = 0;
      }
      this.#newest = bucket;
    }
    return this.#newest % BUCKETS;
  }
}
