import type { LiveSlot } from './live-slots.js';

/** So many jumps in a row are no coincidence. */
const JUMPS = 4;
/** Each wait for the next jump may be longer than the one before by this factor: a table that doubles takes twice as long each time. */
const MOST_LONGER = 2.5;
/** Of the last jump: smaller ones are none. A table that doubles made a jump of an eighth three jumps before. */
const LEAST_JUMP = 0.1;
/** Of the window: a jump takes no longer. */
const MOST_JUMP_TIME = 0.25;

/** Which points count as jumps. */
export interface JumpSettings {
  readonly windowMs: number;
  /** Bytes of the last jump, at least. */
  readonly leastBytes: number;
}

/**
 * Jumps that follow each other at about one pace and are all kept: a leak in bursts, or a table that is doubled each time it is full.
 * Returns the points from the one before the first of the last four jumps; `undefined` where there are no such jumps, the last was not in the
 * window, or the pace is not kept any more.
 *
 * @param points - all that is remembered, the last one the latest
 */
export function repeatedJumps(
  points: readonly LiveSlot[],
  { windowMs, leastBytes }: JumpSettings,
): readonly LiveSlot[] | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const times: number[] = [last.atMs];
  let least = leastBytes;
  let laterAt = Number.POSITIVE_INFINITY;
  let lowestAfter = Number.POSITIVE_INFINITY;
  for (let i = points.length - 2; i >= 0; i--) {
    const from = points[i]!;
    const to = points[i + 1]!;
    lowestAfter = Math.min(lowestAfter, to.value);
    const kept = Math.min(to.value, lowestAfter) - from.value;
    if (kept < least || to.atMs - from.atMs > MOST_JUMP_TIME * windowMs) continue;
    // What rises from stretch to stretch is one jump, however far it goes.
    const isSame = laterAt - to.atMs < (MOST_JUMP_TIME / 2) * windowMs;
    laterAt = to.atMs;
    if (isSame) continue;
    if (times.length === 1) least = Math.max(kept * LEAST_JUMP, leastBytes / JUMPS);
    times.push(to.atMs);
    if (times.length === 2 && last.atMs - to.atMs > windowMs) return undefined;
    if (times.length > JUMPS) return isSteady(times) ? points.slice(i) : undefined;
  }
  return undefined;
}

/** @param times - from the present back to the first jump */
function isSteady(times: readonly number[]): boolean {
  const waits = times.slice(1).map((at, i) => times[i]! - at);
  return waits.every((wait, i) => i === waits.length - 1 || wait <= waits[i + 1]! * MOST_LONGER);
}
