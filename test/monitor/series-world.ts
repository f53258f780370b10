import { type SeriesBook as Book, SeriesBook } from '../../src/monitor/series-book.js';
import { type SlotGrid, slotGrid } from '../../src/monitor/slot-grid.js';
import type { Unit } from '../../src/monitor/unit.js';
import { ManualClock } from '../manual-clock.js';

/** A book of series on a manual clock that stands at the start of a minute. */
export interface SeriesWorld {
  readonly clock: ManualClock;
  readonly grid: SlotGrid;
  readonly gate: { open: boolean };
  readonly book: Book;
  readonly overflowed: string[];
  readonly misused: string[];
}

export const HOUR = 3_600_000;

export function seriesWorld(
  options: { maxSeries?: number; windowMs?: number; units?: Record<string, Unit>; target?: number } = {},
): SeriesWorld {
  const { maxSeries = 200, windowMs = HOUR, units = {}, target = 3_000 } = options;
  const clock = new ManualClock(28_333_333 * 60_000);
  const grid = slotGrid(windowMs, clock.now());
  const gate = { open: true };
  const overflowed: string[] = [];
  const misused: string[] = [];
  const onOverflow = (name: string): number => overflowed.push(name);
  const book = new SeriesBook({
    ...{ clock, grid, gate, maxSeries, units, operation: 'request', operationTarget: target, reserved: ['request'] },
    onOverflow,
    onMisuse: (name, what) => misused.push(`${name}: ${what}`),
  });
  return { clock, grid, gate, book, overflowed, misused };
}
