import type { TimedValue } from './rank-trend.js';

/** A rise from one height to another. */
export interface Rise {
  readonly from: number;
  readonly to: number;
  readonly tookMs: number;
}

/** Part of a rise that an earlier one has to have gone through, from its first quarter to its last. */
const QUARTER = 0.25;
/** An earlier rise that was faster or slower than by this factor was something else. */
const MOST_APART = 2.5;
/** Times the rise: for so long a height that it had when all began excuses one. */
const BEGINNING = 2;
const UNKNOWN: number = Number.NEGATIVE_INFINITY;

/**
 * Whether it rose like that before, from about there to about there in about the same time, and came down again: then this rise may as
 * well. What came down after a jump excuses no slow rise.
 *
 * @param points - all that is remembered, with the rise itself
 */
export function roseBefore(points: readonly TimedValue[], { from, to, tookMs }: Rise): boolean {
  const low = from + QUARTER * (to - from);
  const high = to - QUARTER * (to - from);
  const expected = tookMs * (1 - 2 * QUARTER);
  const [first] = points;
  const end = points.at(-1)?.atMs ?? 0;
  // When it left the low: unknown where all began above it, and then it may have been like this for some time.
  let leftLowAt = first && end - first.atMs <= BEGINNING * tookMs ? UNKNOWN : undefined;
  let isLike = false;
  let hasPassed = false;
  let previous: TimedValue | undefined;
  for (const point of points) {
    if (point.value <= low) {
      if (isLike) return true;
      leftLowAt = undefined;
      hasPassed = false;
    } else if (previous && previous.value <= low) leftLowAt = crossing(previous, point, low);
    if (point.value >= high && leftLowAt !== undefined && !hasPassed) {
      hasPassed = true;
      const took = previous ? crossing(previous, point, high) - leftLowAt : 0;
      isLike = leftLowAt === UNKNOWN || (took <= expected * MOST_APART && took >= expected / MOST_APART);
    }
    previous = point;
  }
  return false;
}

function crossing(from: TimedValue, to: TimedValue, height: number): number {
  if (to.value <= from.value) return to.atMs;
  return from.atMs + ((to.atMs - from.atMs) * (height - from.value)) / (to.value - from.value);
}
