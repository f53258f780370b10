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
  for (let slot = first; slot <= last; slot++) {
    const at = slot * length;
    if (at + length <= grid.startedAt) continue;
    const values = distributionOf(series, { kind, first: slot, last: slot, coveredMs: length });
    const max = values === undefined || values.count === 0 ? null : values.max;
    points.push({
      at,
      ms: Math.min(now, at + length) - Math.max(at, grid.startedAt),
      count: values?.count ?? 0,
      p50: values?.percentile(0.5) ?? null,
      p95: values?.percentile(0.95) ?? null,
      p99: values?.percentile(0.99) ?? null,
      max,
    });
  }
  return points;
}
