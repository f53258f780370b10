import type { CancelTimer, Clock } from '../../../src/core/clock.js';
import { flushMicrotasks } from '../../manual-clock.js';

/** A clock that jumps from timer to timer and lets promises settle in between: hours of many processes in seconds. */
export class EventClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: { at: number; fn: (() => void) | undefined }[] = [];

  now(): number {
    return this.#now;
  }

  coarse(): number {
    return this.#now;
  }

  setTimer(fn: () => void, delayMs: number): CancelTimer {
    const timer: { at: number; fn: (() => void) | undefined } = { at: this.#now + Math.max(0, delayMs), fn };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timers[middle]!.at <= timer.at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return () => {
      timer.fn = undefined;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, ms));
  }

  async run(ms: number): Promise<void> {
    const end = this.#now + ms;
    while (this.#timers.length > 0 && this.#timers[0]!.at <= end) {
      const { at, fn } = this.#timers.shift()!;
      if (fn === undefined) continue;
      this.#now = Math.max(this.#now, at);
      fn();
      await flushMicrotasks();
    }
    this.#now = end;
  }
}
