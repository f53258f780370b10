import type { Clock } from '../core/clock.js';
import type { Deadline, DeadlineHeap } from './deadline-heap.js';

/** While calls are held back by a rate limit or a cool-down: when to look again, and how long it has been. */
export class HoldBack {
  readonly #heap: DeadlineHeap;
  readonly #clock: Clock;
  readonly #wake: () => void;
  #since: number | undefined;
  #pastMs = 0;
  #timer: Deadline | undefined;
  #timerDue = 0;

  /** @param wake - it is time to look again */
  constructor(heap: DeadlineHeap, clock: Clock, wake: () => void) {
    this.#heap = heap;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Time of the clock for which calls were held back, whatever their number, in ms. */
  get totalMs(): number {
    return this.#pastMs;
  }

  /** Nobody goes before so many milliseconds have passed. */
  for(ms: number): void {
    this.#since ??= this.#clock.now();
    this.wakeIn(ms);
  }

  /** Somebody goes, or it is slots that are scarce. */
  end(): void {
    if (this.#since === undefined) return;
    this.#pastMs += this.#clock.now() - this.#since;
    this.#since = undefined;
  }

  /** Nobody waits: neither does the process. */
  sleep(): void {
    if (this.#timer !== undefined) this.#heap.cancel(this.#timer);
    this.#timer = undefined;
    this.end();
  }

  wakeIn(ms: number): void {
    const due = this.#clock.now() + ms;
    if (this.#timer !== undefined) {
      if (this.#timerDue <= due) return;
      this.#heap.cancel(this.#timer);
    }
    this.#timerDue = due;
    this.#timer = this.#heap.add(ms, () => {
      this.#timer = undefined;
      this.#wake();
    });
  }
}
