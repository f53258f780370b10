import type { Clock } from '../src/core/clock.js';

/** A clock that moves by hand and runs no timers, to fill slots of time at once. */
export class SteppedClock implements Clock {
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  coarse(): number {
    return this.#now;
  }

  setTimer(): () => void {
    return () => {};
  }

  step(ms: number): void {
    this.#now += ms;
  }
}
