/** By how much of a window starts may be late and still be made up for: timers are. */
const LAG = 1 / 600;

/**
 * Spreads starts evenly over a window: each one takes its part of it, and the next may begin when that is over. Whoever comes late
 * makes up for at most 1/600 of the window (100 ms of a minute). After the generic cell rate algorithm (ITU-T I.371), without bursts.
 */
export class Pace {
  readonly #windowMs: number;
  /** When the next call may start. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** In whole milliseconds; 0 for now. */
  msUntil(now: number): number {
    if (now >= this.#due) return 0;
    const ms = Math.max(1, Math.ceil(this.#due - now));
    return now + ms < this.#due ? ms + 1 : ms;
  }

  /** @param share - what the call takes of all that a window holds */
  started(now: number, share: number): void {
    this.#due = Math.max(this.#due, now - this.#windowMs * LAG) + share * this.#windowMs;
  }

  /** It has taken more than was said, or less (below 0). */
  change(share: number): void {
    this.#due += share * this.#windowMs;
  }
}
