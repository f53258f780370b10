import { Distribution } from './distribution.js';
import type { TimelinePoint } from './monitor-reader.js';
import type { Series } from './series.js';
import { type SlotGrid, type SlotRange, slotsOf } from './slot-grid.js';

/** All values of these series over a window, `undefined` without series. They share a name, and so their unit. */
export function distributionOf(series: readonly Series[], range: SlotRange): Distribution | undefined {
  if (series.length === 0) return undefined;
  const all = new Distribution(series[0]!.unit);
  for (const each of series) each.addTo(all, range);
  return all;
}

/** One point for each slot of a window, oldest first, the slot under way last. Slots before the monitor's start are left out. */
export function timelineOf(series: readonly Series[], grid: SlotGrid, now: number, windowMs: number): TimelinePoint[] {
  const { kind, first, last } = slotsOf(grid, now, windowMs);
  const length = kind === 'fine' ? grid.slotMs : grid.coarseMs;
  const points: TimelinePoint[] = [];
  const values = new Distribution(series[0]?.unit ?? 'count');
  for (let slot = first; slot <= last; slot++) {
    const at = slot * length;
    if (at + length <= grid.startedAt) continue;
    values.clear();
    for (const each of series) each.addTo(values, { kind, first: slot, last: slot, coveredMs: length });
    points.push({
      at,
      ms: Math.min(now, at + length) - Math.max(at, grid.startedAt),
      count: values.count,
      p50: values.percentile(0.5),
      p95: values.percentile(0.95),
      p99: values.percentile(0.99),
      max: values.count === 0 ? null : values.max,
    });
  }
  return points;
}
