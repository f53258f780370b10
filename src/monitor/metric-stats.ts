import type { Distribution } from './distribution.js';
import type { Exemplar } from './exemplar.js';
import type { Unit } from './unit.js';

/** A percentile that the stats carry. */
export type Percentile = 'p50' | 'p90' | 'p95' | 'p99';

/** A figure that may rest on too little to be relied on. */
export type ThinFigure = Percentile | 'ratePerMinute';

/** Figures of one metric over a window. Values are in its unit. */
export interface MetricStats {
  readonly unit: Unit;
  readonly count: number;
  readonly sum: number;
  /** Exact. */
  readonly min: number;
  /** Exact. */
  readonly max: number;
  /** Exact. */
  readonly mean: number;
  /** Percentiles within 0.4 %, by nearest rank. */
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  /**
   * Figures that rest on too little. Percentiles: fewer than one value is to be expected above them; p99 needs 100 values, p95 20,
   * p90 10, p50 2. `ratePerMinute`: less than a minute is covered, or less than was asked for where that is shorter.
   */
  readonly lowConfidence: readonly ThinFigure[];
  /** Values by the time covered. What is covered of the first second counts as one: a rate can't be told from less. */
  readonly ratePerMinute: number;
  /** Values above the response-time target, exactly; of the monitor's operation only. */
  readonly overTarget?: number;
  /** The time that these figures cover: whole slots, so up to one slot more than was asked for, and no more than there was. */
  readonly windowMs: number;
  /** The slowest of the window, slowest first. Timers have them, and values recorded with metadata. */
  readonly exemplars: readonly Exemplar[];
}

const SECOND = 1_000;
const MINUTE = 60_000;
const SHARES: Readonly<Record<Percentile, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/**
 * `null` when nothing was recorded.
 *
 * @param coveredMs - what the values were counted in
 * @param askedMs - what was to be covered: more, as long as the monitor is younger than that
 */
export function statsOf(
  values: Distribution,
  coveredMs: number,
  exemplars: readonly Exemplar[],
  askedMs: number = coveredMs,
): MetricStats | null {
  const { count, sum, min, max, unit } = values;
  if (count === 0) return null;
  const at = (percentile: Percentile): number => values.percentile(SHARES[percentile])!;
  const thin: ThinFigure[] = (Object.keys(SHARES) as Percentile[]).filter((name) =>
    isLowConfidence(count, SHARES[name]),
  );
  if (isTooShortForRate(coveredMs, askedMs)) thin.push('ratePerMinute');
  return {
    unit,
    count,
    sum,
    min,
    max,
    mean: sum / count,
    p50: at('p50'),
    p90: at('p90'),
    p95: at('p95'),
    p99: at('p99'),
    lowConfidence: thin,
    ratePerMinute: (count * MINUTE) / Math.max(coveredMs, Math.min(askedMs, SECOND), 1),
    windowMs: coveredMs,
    exemplars,
  };
}

/** Whether a rate a minute over so little says nothing: less than a minute, unless less was asked for. */
export function isTooShortForRate(coveredMs: number, askedMs: number): boolean {
  return coveredMs < Math.min(askedMs, MINUTE);
}

/** Whether fewer than one value is to be expected above a percentile. */
export function isLowConfidence(count: number, share: number): boolean {
  // In thousandths: 1 - 0.9 is a little less than 0.1.
  return count * (1_000 - Math.round(share * 1_000)) < 1_000;
}
