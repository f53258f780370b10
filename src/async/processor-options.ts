import type { Clock } from '../core/clock.js';
import type { Duration } from '../core/duration.js';
import type { Logger } from '../core/logger.js';
import type { Mode } from '../core/mode.js';
import type { RateLimitStore } from './rate/rate-limit-store.js';

/** Options of an `AsyncProcessor`. */
export interface AsyncProcessorOptions {
  /** How many calls run at once: a number, or bounds between which it finds out what the service bears. Default 8. */
  readonly concurrency?: number | AdaptiveConcurrency;
  /** How often a call is tried in all, or how it is tried again. Default: once. */
  readonly retry?: number | RetryOptions;
  /** How long one attempt may take. Default: as long as it takes. */
  readonly timeout?: Duration;
  /** How many calls may start, and tokens be used, in any minute. Default: no limit. */
  readonly rateLimit?: RateLimitOptions;
  /** Stops calling what keeps failing. Default: no breaker. */
  readonly breaker?: boolean | ProcessorBreakerOptions;
  /** How many calls of `run()` may wait. */
  readonly queue?: QueueOptions;
  /** How long a function that was told to stop keeps its slot at most, when it does not stop. Default 1 s. */
  readonly grace?: Duration;
  /** How long `close()` waits for what is under way before it aborts it. Default 10 s. */
  readonly closeTimeout?: Duration;
  readonly mode?: Mode;
  /** Names it in events, logs and on the diagnostics channels. Default `'default'`. */
  readonly name?: string;
  readonly logger?: Logger;
  /** For tests. Default: the process's clock. */
  readonly clock?: Clock;
  /** Uniform in [0, 1), for tests. Default `Math.random`. */
  readonly random?: () => number;
}

/** Concurrency that follows what the service bears: up while calls succeed, down on 429, 503 and timeouts. */
export interface AdaptiveConcurrency {
  readonly adaptive: true;
  /** It never goes below. Default 1. */
  readonly min?: number;
  /** It never goes above. */
  readonly max: number;
  /** Where it begins. Default: 4, within the bounds. */
  readonly initial?: number;
  /** By what it is multiplied when the service is overloaded, above 0 and below 1. Default 0.8. */
  readonly backoff?: number;
}

/** How failed calls are tried again. Errors marked `permanent()` never are. */
export interface RetryOptions {
  /** Calls of the function in all, the first one included. Default 3. */
  readonly attempts?: number;
  /** The longest wait before the second attempt; it doubles with each one, and the real wait is uniform between 0 and it (full jitter). Default 500 ms. */
  readonly backoff?: Duration;
  /** The longest wait of its own accord. Default 30 s. */
  readonly maxBackoff?: Duration;
  /** A service that asks for a longer pause than this is not waited for: the call fails at once. Default 60 s. */
  readonly maxRetryAfter?: Duration;
  /** No attempt begins this long after the first. Default 5 min. */
  readonly maxElapsed?: Duration;
  /** Retries by calls over the last 10 s, from 0 on; beyond it a failed call is not tried again. At least 10 in 10 s are always allowed. A pause that the service asked for is not counted. Infinity for no budget. Default 0.2. */
  readonly budget?: number;
  /** Whether an error is worth another attempt, beside those that never are. Default: all that are not plainly the caller's own (`failureOf`). */
  readonly when?: (error: unknown, attempt: number) => boolean;
}

/** Limits of calls in a sliding window. */
export interface RateLimitOptions {
  /** Calls that may start in any window. Each attempt is one. Default: no limit of our own; response headers may set one. */
  readonly requestsPerMinute?: number;
  /** Tokens that may be used in any window: `tokens` of each call, corrected by `settle`. Default: as above. */
  readonly tokensPerMinute?: number;
  /** The length of the window, where a service counts by another than a minute: `requestsPerMinute` then are requests per window. Default 1 min. */
  readonly window?: Duration;
  /** Start calls evenly spread over the window, not as fast as the limit allows. Default false. */
  readonly spread?: boolean;
  /** Shares the limit with other processes: `redisRateLimitStore(redis)`. Default: this process's own. */
  readonly store?: RateLimitStore;
  /** What the limit is of (provider, model, tenant): all that share a store and a key share the limit. Default: the processor's name. */
  readonly key?: string;
}

/** When calls are refused because too many before them failed. */
export interface ProcessorBreakerOptions {
  /** Over how long calls are counted. Default 10 s. */
  readonly window?: Duration;
  /** With fewer calls in the window their failure rate says nothing. Default 10. */
  readonly minCalls?: number;
  /** The share of failed calls that opens it. Default 0.5. */
  readonly failureRate?: number;
  /** Failures in a row that open it too. Default 5. */
  readonly consecutive?: number;
  /** How long it stays open before one call may try, jittered down to half; doubles each time. Default 1 s. */
  readonly cooldown?: Duration;
  readonly maxCooldown?: Duration;
}

/** How many calls of `run()` may wait, and who leaves when one more comes. Batches and streams bound themselves and are not counted. */
export interface QueueOptions {
  /** Default 10,000. Infinity for no bound. */
  readonly max?: number;
  /** `'reject'` the new one; `'drop-oldest'`; `'drop-lowest'`: the newest of the lowest priority, which may be the new one. Who leaves gets a `QueueFullError`. Default `'reject'`. */
  readonly policy?: QueuePolicy;
  /** A call that has waited this long counts as one of the next higher priority, after twice as long of the one above, and so on. Default 10 s. */
  readonly ageing?: Duration;
}

export type QueuePolicy = 'reject' | 'drop-oldest' | 'drop-lowest';
