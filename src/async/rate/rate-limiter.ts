import type { HeaderSource } from './header-source.js';

/** Leave to start one call, already counted against the limits. */
export interface Reservation {
  readonly tokens: number;
  /** Its function is called now: from here on it counts, however long ago it was let in. */
  started(): void;
  /** The call is over. What it used may still be settled, as of an answer that is read later. */
  ended(): void;
  /** What the call really used: what was reserved beyond it is given back, what it used beyond the reservation is charged. Only the first of `settle` and `cancel` counts. */
  settle(tokens: number): void;
  /** The call was never sent: all of it is given back. */
  cancel(): void;
}

/** Decides when calls may start, so that no sliding window ever holds more than its limits. */
export interface RateLimiter {
  /**
   * Reserves for one call, or answers with the milliseconds (above 0) after which it is worth asking again. It answers at once
   * where the limit is this process's own, and with a promise, which never rejects, where it is shared.
   *
   * The caller has checked `tokens` against {@link RateLimiter.mostTokens}.
   */
  reserve(tokens: number): Reservation | number | Promise<Reservation | number>;
  /** The most tokens that one call may ever have: more would wait for ever. Infinity without a limit of tokens. */
  readonly mostTokens: number;
  /** What a response says of its limits (`x-ratelimit-*` and relatives). What it does not say changes nothing. */
  observe(headers: HeaderSource): void;
  /** The service asked for a pause of this many milliseconds: whoever shares the limit keeps it. This process's own pause is kept by the caller. */
  coolDown(ms: number): void;
  close(): Promise<void>;
}
