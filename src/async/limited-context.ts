import { AttemptContext } from './attempt-context.js';
import type { HeaderSource } from './rate/header-source.js';
import type { RateLimiter, Reservation } from './rate/rate-limiter.js';

/** What a function is given for one attempt where there are layers that learn from it. */
export class LimitedContext extends AttemptContext {
  /** Of the response, as the function has told: they say what a failure does not. */
  seenHeaders: HeaderSource | undefined;
  readonly #limiter: RateLimiter | undefined;
  readonly #reservation: Reservation | undefined;

  constructor(index: number, attempt: number, limiter: RateLimiter | undefined, reservation: Reservation | undefined) {
    super(index, attempt);
    this.#limiter = limiter;
    this.#reservation = reservation;
  }

  override get settle(): (tokens: number) => void {
    return (tokens) => this.#reservation?.settle(tokens);
  }

  override get headers(): (headers: HeaderSource) => void {
    return (headers) => {
      this.seenHeaders = headers;
      this.#limiter?.observe(headers);
    };
  }
}
