import { lowestOf, widthOf } from '../bucket-layout.js';
import { Distribution } from '../distribution.js';
import { UNITS } from '../unit.js';
import type { CheckedSeries } from './checked-export.js';

/** What was counted of a series so far, in little room. */
export interface Counted {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: Uint16Array;
  readonly counts: Float64Array;
}

/** What a series has counted since. */
export interface Growth {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: ReadonlyMap<number, number>;
}

export function packed({ count, sum, min, max, buckets }: CheckedSeries): Counted {
  return {
    count,
    sum,
    min,
    max,
    buckets: Uint16Array.from(buckets.keys()),
    counts: Float64Array.from(buckets.values()),
  };
}

/** Whether anything that was counted is not any more: counts of a process only grow. */
export function hasFallen(known: ReadonlyMap<string, Counted>, series: readonly CheckedSeries[]): boolean {
  const now = new Map(series.map((one) => [one.key, one.buckets]));
  for (const [key, { buckets, counts }] of known) {
    const present = now.get(key);
    if (present === undefined) return true;
    for (let i = 0; i < buckets.length; i++) {
      if ((present.get(buckets[i]!) ?? 0) < counts[i]!) return true;
    }
  }
  return false;
}

/**
 * What came since `last`; all of it without one. `undefined` where nothing did. A smallest or largest value that was not the series'
 * own before is exact; else it is that of its bucket, or the mean where that says more.
 */
export function grownBy(series: CheckedSeries, last: Counted | undefined): Growth | undefined {
  if (last === undefined) return series;
  const count = series.count - last.count;
  if (count <= 0) return undefined;
  const buckets = new Map(series.buckets);
  for (let i = 0; i < last.buckets.length; i++) {
    const bucket = last.buckets[i]!;
    const more = (buckets.get(bucket) ?? 0) - last.counts[i]!;
    if (more > 0) buckets.set(bucket, more);
    else buckets.delete(bucket);
  }
  const { steps } = UNITS[series.unit];
  const values = new Distribution(series.unit);
  const [lowest = 0] = buckets.keys();
  const highest = [...buckets.keys()].at(-1) ?? lowest;
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
  return { count, sum, min, max, buckets };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
