import type { Clock } from '../core/clock.js';

/** Events in a second that listeners may cause. */
export const MOST_CAUSED = 20;
const WINDOW_MS = 1_000;

/**
 * Delivers events at once and one after the other: one that is raised while another is delivered waits for its end. So listeners
 * that raise events never call each other deeper and deeper.
 *
 * Those that listeners cause, by what they do or by failing, are few in a second: without that a listener whose failure makes
 * another one raise what it fails at would go on for ever. Further ones are dropped, and that is told once a second.
 */
export class EventQueue {
  readonly #clock: Clock;
  readonly #onDropped: (dropped: number) => void;
  readonly #waiting: (() => void)[] = [];
  #isDelivering = false;
  #windowEnd = Number.NEGATIVE_INFINITY;
  #caused = 0;
  #dropped = 0;

  /** @param onDropped - gets how many were dropped since the start */
  constructor(clock: Clock, onDropped: (dropped: number) => void) {
    this.#clock = clock;
    this.#onDropped = onDropped;
  }

  /** Never dropped unless it is raised while another one is delivered. */
  raise(deliver: () => void): void {
    if (this.#isDelivering) this.raiseCaused(deliver);
    else this.#run(deliver);
  }

  /** One that a listener has caused, be it later. */
  raiseCaused(deliver: () => void): void {
    if (this.#hasRoom()) this.#run(deliver);
  }

  #run(deliver: () => void): void {
    this.#waiting.push(deliver);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next();
    } finally {
      this.#isDelivering = false;
    }
  }

  #hasRoom(): boolean {
    const now = this.#clock.now();
    // A clock of the host's may be set back.
    if (now >= this.#windowEnd || now < this.#windowEnd - WINDOW_MS) {
      this.#windowEnd = now + WINDOW_MS;
      this.#caused = 0;
    }
    this.#caused++;
    if (this.#caused <= MOST_CAUSED) return true;
    this.#dropped++;
    if (this.#caused === MOST_CAUSED + 1) this.#run(() => this.#onDropped(this.#dropped));
    return false;
  }
}
