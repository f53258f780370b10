import { bucketOf } from '../../src/monitor/bucket-layout.js';
import { Distribution } from '../../src/monitor/distribution.js';
import { type MetricStats, statsOf } from '../../src/monitor/metric-stats.js';
import { UNITS, type Unit } from '../../src/monitor/unit.js';

/** The window that the figures cover. */
export const WINDOW_MS = 3_600_000;

/** What a monitor says of these values. */
export function statsOfValues(unit: Unit, values: readonly number[]): MetricStats | null {
  const all = new Distribution(unit);
  for (const value of values) {
    all.addBucket(bucketOf(Math.round(value * UNITS[unit].steps)), 1);
    all.addTotals(1, value, value, value);
  }
  return statsOf(all, WINDOW_MS, []);
}
