import { isTooShortForRate } from './metric-stats.js';

/** A look at a figure of a window. */
export interface EarlyLook {
  readonly stat: string | undefined;
  readonly windowMs: number;
  /** Whether it falls short of what is asked for: too few. */
  readonly isShort: boolean;
}

/**
 * Whether a figure says nothing yet, because the monitor is younger than its window: a rate a minute until a minute of it has passed,
 * a count that is too small until all of it has. What is counted only grows: one that is large enough, or too large, stays so.
 */
export function isTooEarly({ stat, windowMs, isShort }: EarlyLook, ageMs: number): boolean {
  if (stat === 'ratePerMinute') return isTooShortForRate(ageMs, windowMs);
  return stat === 'count' && isShort && ageMs < windowMs;
}
