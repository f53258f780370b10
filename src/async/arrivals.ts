import type { Waiter } from './waiter.js';

/** Calls that left may stand here beside those that wait, up to this many more than as many again. */
const SPARE = 64;

/**
 * Calls in the order in which they came, for when one of them has to leave. Those that have left by themselves are passed over
 * and tidied away now and then, which is O(1) a call in the long run.
 */
export class Arrivals {
  #calls: Waiter[] = [];
  #from = 0;
  #waiting = 0;

  /** How many of them wait. */
  get waiting(): number {
    return this.#waiting;
  }

  add(waiter: Waiter): void {
    if (this.#calls.length > 2 * this.#waiting + SPARE) this.#tidy();
    this.#calls.push(waiter);
    this.#waiting++;
  }

  /** One of them waits no more: its `isWaiting` is false. */
  left(): void {
    if (--this.#waiting > 0) return;
    this.#calls.length = 0;
    this.#from = 0;
  }

  oldest(): Waiter | undefined {
    while (this.#from < this.#calls.length) {
      const waiter = this.#calls[this.#from]!;
      if (waiter.isWaiting) return waiter;
      this.#from++;
    }
    return undefined;
  }

  newest(): Waiter | undefined {
    while (this.#calls.length > this.#from) {
      const waiter = this.#calls.at(-1)!;
      if (waiter.isWaiting) return waiter;
      this.#calls.pop();
    }
    return undefined;
  }

  /** A call that came back stands at each of its arrivals: the last one counts. */
  #tidy(): void {
    const kept = new Set<Waiter>();
    for (let at = this.#calls.length - 1; at >= this.#from; at--) {
      const waiter = this.#calls[at]!;
      if (waiter.isWaiting) kept.add(waiter);
    }
    this.#calls = [...kept].reverse();
    this.#from = 0;
  }
}
