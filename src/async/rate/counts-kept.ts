const LEAST_MS = 3_600_000;
const WINDOWS = 10;

/**
 * How long a store keeps the counts of a limit that nobody asks for. A process that finds other counts within that time knows that the
 * old ones were lost; after it they have gone by themselves.
 */
export function countsKeptMs(windowMs: number): number {
  return Math.max(LEAST_MS, WINDOWS * Math.ceil(windowMs));
}
