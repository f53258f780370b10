import { fullJitter } from './backoff.js';
import type { Failure } from './failure.js';

/** How failed calls are tried again, in milliseconds. */
export interface RetryRules {
  /** Calls of the function in all. */
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxRetryAfterMs: number;
  readonly maxElapsedMs: number;
  readonly when?: ((error: unknown, attempt: number) => boolean) | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Where a call stands that has just failed. */
export interface RetryState {
  readonly error: unknown;
  /** Attempts made so far, the failed one included: from 1 on. */
  readonly attempt: number;
  /** Since the first attempt began. */
  readonly elapsedMs: number;
}

/** Whether and when a failed call is tried again. */
export type RetryDecision =
  | {
      readonly retry: true;
      readonly delayMs: number;
      /** False for a pause that the service asked for: such a retry follows the service's own word, and is not taken out of the budget. */
      readonly countsToBudget: boolean;
    }
  | {
      readonly retry: false;
      readonly why: 'permanent' | 'attempts' | 'when' | 'retry-after' | 'elapsed';
      /** What `when` threw, if that is why. */
      readonly trouble?: unknown;
    };

/** What is added to a pause that the service asked for, so that not all come back in the same millisecond: up to a tenth of it, within these bounds. */
const LEAST_JITTER_MS = 10;
const MOST_JITTER_MS = 1_000;

/**
 * Decides about a failed call. `when` has the word on all but what `permanent()` marked and hotpath itself refused; without it all that is
 * permanent stands. The delay is the pause that the service asked for, else full jitter: a pause of 0 asks for nothing.
 */
export function decide(failure: Failure, state: RetryState, rules: RetryRules): RetryDecision {
  if (failure.isFinal || (failure.kind === 'permanent' && rules.when === undefined)) {
    return { retry: false, why: 'permanent' };
  }
  if (state.attempt >= rules.attempts) return { retry: false, why: 'attempts' };
  try {
    if (rules.when && !rules.when(state.error, state.attempt)) return { retry: false, why: 'when' };
  } catch (trouble) {
    return { retry: false, why: 'when', trouble };
  }
  const { retryAfterMs = 0 } = failure;
  if (retryAfterMs > rules.maxRetryAfterMs) return { retry: false, why: 'retry-after' };
  const delayMs =
    retryAfterMs > 0
      ? retryAfterMs + rules.random() * Math.min(MOST_JITTER_MS, Math.max(LEAST_JITTER_MS, retryAfterMs / 10))
      : fullJitter(state.attempt, rules.backoffMs, rules.maxBackoffMs, rules.random);
  if (state.elapsedMs + delayMs >= rules.maxElapsedMs) return { retry: false, why: 'elapsed' };
  return { retry: true, delayMs, countsToBudget: retryAfterMs === 0 };
}
