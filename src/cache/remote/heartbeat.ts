import type { CancelTimer, Clock } from '../../core/clock.js';

/** Beats at even distances until it is closed. Stands in for the bus where there is none: somebody has to read the versions. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #beat: () => void;
  #cancelTimer: CancelTimer;

  constructor(clock: Clock, ms: number, beat: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#beat = beat;
    this.#cancelTimer = this.#schedule();
  }

  #schedule(): CancelTimer {
    return this.#clock.setTimer(() => {
      this.#cancelTimer = this.#schedule();
      this.#beat();
    }, this.#ms);
  }

  close(): void {
    this.#cancelTimer();
  }
}
