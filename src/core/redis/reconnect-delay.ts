const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * How long to wait before the next attempt to connect, in ms: doubling from 50 ms to 2 s, the second half of it random, so
 * that the processes of a fleet do not return all at once.
 *
 * @param attempts - how many have failed in a row, 0 for none
 */
export function reconnectDelayMs(attempts: number, random: () => number = Math.random): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(attempts, 16), LONGEST_MS);
  return Math.round((longest * (1 + random())) / 2);
}
