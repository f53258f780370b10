import type { HeaderSource } from './rate/header-source.js';

/** What a function is given for one attempt of one call. */
export interface CallContext {
  /** Aborted when the attempt times out, the caller gives up, or the batch ends early. Made on first use. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** What the call really used of the limit of tokens. Without it the reservation stands. */
  settle(tokens: number): void;
  /** The headers of the response: they feed the rate limit (`x-ratelimit-*`), and of a failed call `retry-after` is obeyed. */
  headers(headers: HeaderSource): void;
}

/** What a function of a batch or a stream is given beside its item. */
export interface ItemContext extends CallContext {
  /** The item's place in the input, from 0. */
  readonly index: number;
}
