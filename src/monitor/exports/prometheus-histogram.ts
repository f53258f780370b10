import { bucketOf } from '../bucket-layout.js';
import type { Distribution } from '../distribution.js';
import { UNITS } from '../unit.js';
import type { PrometheusFamily } from './prometheus-family.js';
import { withLabel } from './prometheus-labels.js';
import type { BaseUnit } from './prometheus-unit.js';

const BOUNDS: Readonly<Record<BaseUnit | 'none', readonly number[]>> = {
  seconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
  ratio: [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
  bytes: [256, 1_024, 4_096, 16_384, 65_536, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 26, 2 ** 28, 2 ** 30],
  none: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000],
};

/** An edge between two buckets, and how many values are above it where that is known exactly. */
export interface ExactEdge {
  /** In the base unit. */
  readonly bound: number;
  readonly above: number | undefined;
}

/** Upper bounds of the buckets of a histogram, in the base unit, smallest first. */
export function boundsOf(base: BaseUnit | undefined, edge: number | undefined): readonly number[] {
  const bounds = BOUNDS[base ?? 'none'];
  if (edge === undefined || bounds.includes(edge)) return bounds;
  return [...bounds, edge].sort((a, b) => a - b);
}

/**
 * How many values are at most each bound, as `Distribution.atMost` says, in one pass: exact but for the bucket that a bound lies in, which
 * counts as at most it. Never falls, and never exceeds the count. At the exact edge it is what that says.
 *
 * @param scale - what one of the distribution's values is in the unit of the bounds
 */
export function cumulativeCounts(
  values: Distribution,
  bounds: readonly number[],
  scale: number,
  edge?: ExactEdge,
): number[] {
  // 0.07 / 0.001 is a little more than 70.
  const limits = bounds.map((bound) => Number((bound / scale).toPrecision(12)));
  const { steps } = UNITS[values.unit];
  const last = limits.map((limit) => bucketOf(limit * steps + 0.5));
  const own = new Array<number>(bounds.length).fill(0);
  let bound = 0;
  values.forEachBucket((bucket, count) => {
    // Buckets come in rising order, as the bounds do.
    while (bound < last.length && bucket > last[bound]!) bound++;
    if (bound < last.length) own[bound]! += count;
  });
  let seen = 0;
  const counts = limits.map((limit, i) => {
    seen += own[i]!;
    return limit < values.min ? 0 : seen;
  });
  if (edge?.above === undefined) return counts;
  const at = bounds.indexOf(edge.bound);
  const exact = Math.min(values.count, Math.max(0, values.count - edge.above));
  return counts.map((count, i) => {
    if (i === at) return exact;
    return i < at ? Math.min(count, exact) : Math.max(count, exact);
  });
}

/** Writes the samples of one histogram. */
export function addHistogram(
  family: PrometheusFamily,
  labels: string,
  values: Distribution,
  { bounds, scale, edge }: { bounds: readonly number[]; scale: number; edge?: ExactEdge | undefined },
): void {
  for (const [i, count] of cumulativeCounts(values, bounds, scale, edge).entries()) {
    family.add(withLabel(labels, 'le', String(bounds[i]!)), count, '_bucket');
  }
  family.add(withLabel(labels, 'le', '+Inf'), values.count, '_bucket');
  family.add(labels, values.sum * scale, '_sum');
  family.add(labels, values.count, '_count');
}
