import { wholeTokens } from './allowance.js';
import type { Reservation } from './rate-limiter.js';

/** What a {@link SharedReservation} tells whoever made it. */
export interface ReservationEnds {
  started(): void;
  /** So many tokens more than reserved, or less. */
  settled(change: number): void;
  ended(): void;
  cancelled(): void;
}

/** A reservation that ends once. */
export class SharedReservation implements Reservation {
  readonly tokens: number;
  #ends: ReservationEnds | undefined;
  #hasStarted = false;
  #onEnded: (() => void) | undefined;

  constructor(tokens: number, ends: ReservationEnds) {
    this.tokens = tokens;
    this.#ends = ends;
    this.#onEnded = ends.ended;
  }

  started(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#ends?.started();
  }

  ended(): void {
    this.#onEnded?.();
    this.#onEnded = undefined;
  }

  settle(tokens: number): void {
    const whole = wholeTokens(tokens);
    if (whole === undefined) return;
    const ends = this.#ends;
    this.#ends = undefined;
    ends?.settled(whole - this.tokens);
  }

  cancel(): void {
    const ends = this.#ends;
    this.#ends = undefined;
    ends?.cancelled();
  }
}
