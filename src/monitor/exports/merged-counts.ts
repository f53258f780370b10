import { lowestOf, widthOf } from '../bucket-layout.js';
import { Distribution } from '../distribution.js';
import { UNITS } from '../unit.js';
import type { CheckedSeries } from './checked-export.js';
import type { BucketCounts } from './histogram-coding.js';

/** What was counted of a series so far, in little room. */
export interface Counted extends BucketCounts {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** What is remembered of a series: its name and labels stand in its key. */
export function countsOf({ count, sum, min, max, buckets, counts }: Counted): Counted {
  return { count, sum, min, max, buckets, counts };
}

/** Whether anything that was counted is not any more: counts of a process only grow. */
export function hasFallen(known: ReadonlyMap<string, Counted>, series: readonly CheckedSeries[]): boolean {
  const now = new Map(series.map((one) => [one.key, one]));
  for (const [key, before] of known) {
    const present = now.get(key);
    if (present === undefined || growthOf(present, before) === undefined) return true;
  }
  return false;
}

/** What came to each bucket; `undefined` where one has less than before. */
function growthOf(now: BucketCounts, before: BucketCounts): BucketCounts | undefined {
  const buckets = new Uint16Array(now.buckets.length);
  const counts = new Float64Array(now.buckets.length);
  let used = 0;
  let known = 0;
  for (let i = 0; i < now.buckets.length; i++) {
    const bucket = now.buckets[i]!;
    const more = now.counts[i]! - (before.buckets[known] === bucket ? before.counts[known++]! : 0);
    if (more < 0) return undefined;
    if (more === 0) continue;
    buckets[used] = bucket;
    counts[used++] = more;
  }
  // The walk stops at one that is not there any more.
  if (known < before.buckets.length) return undefined;
  return { buckets: buckets.subarray(0, used), counts: counts.subarray(0, used) };
}

/**
 * What came since `last`; all of it without one. `undefined` where nothing did. A smallest or largest value that was not the series'
 * own before is exact; else it is that of its bucket, or the mean where that says more.
 */
export function grownBy(series: CheckedSeries, last: Counted | undefined): Counted | undefined {
  if (last === undefined) return series;
  const count = series.count - last.count;
  if (count <= 0) return undefined;
  const grown = growthOf(series, last);
  if (grown === undefined) return undefined;
  const { buckets } = grown;
  const { steps } = UNITS[series.unit];
  const values = new Distribution(series.unit);
  const lowest = buckets[0] ?? 0;
  const highest = buckets.at(-1) ?? lowest;
  const sum = within(
    series.sum - last.sum,
    (count * lowestOf(lowest)) / steps,
    (count * (lowestOf(highest) + widthOf(highest))) / steps,
  );
  const mean = sum / count;
  const least = count === 1 ? mean : Math.min(mean, values.valueOf(lowest));
  const most = count === 1 ? mean : Math.max(mean, values.valueOf(highest));
  const min = series.min < last.min ? series.min : within(least, series.min, series.max);
  const max = series.max > last.max ? series.max : within(most, min, series.max);
  return { count, sum, min, max, ...grown };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
