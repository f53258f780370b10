/**
 * How long to wait before the next attempt: uniform in [0, backoff x 2^(attempt - 1)), so that calls that failed together do not come back
 * together (full jitter; M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 *
 * @param attempt - attempts made so far, from 1 on
 * @param backoffMs - the bound of the first wait
 * @param maxBackoffMs - no bound is above it
 * @param random - uniform in [0, 1)
 */
export function fullJitter(attempt: number, backoffMs: number, maxBackoffMs: number, random: () => number): number {
  return random() * Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1));
}
