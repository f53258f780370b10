import type { CancelTimer, Clock } from '../core/clock.js';

/**
 * The one timer of a monitor. Ticks stay on the grid they began on; those that a busy process has missed are left out. The timer
 * never keeps the process alive.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #onTick: (lateMs: number) => void;
  #cancel: CancelTimer | undefined;
  #due = 0;

  /** @param onTick - must not throw. Told how much later it runs than it should */
  constructor(clock: Clock, intervalMs: number, onTick: (lateMs: number) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#onTick = onTick;
  }

  start(): void {
    if (this.#cancel) return;
    this.#due = this.#clock.now() + this.#intervalMs;
    this.#arm(this.#intervalMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.setTimer(() => {
      const now = this.#clock.now();
      const late = Math.max(0, now - this.#due);
      this.#due += this.#intervalMs * (1 + Math.floor(late / this.#intervalMs));
      this.#arm(Math.max(0, this.#due - now));
      this.#onTick(late);
    }, ms);
  }
}
