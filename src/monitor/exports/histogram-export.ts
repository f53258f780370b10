import type { MonitorReader } from '../monitor-reader.js';
import type { Unit } from '../unit.js';
import { encodeHistogram } from './histogram-coding.js';

/** One series of an export: its counts since the start of the source. */
export interface ExportedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  readonly count: number;
  /** Exact, in the unit. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** HdrHistogram V2, compressed, base64; in steps of the unit: microseconds, millionths, thousandths, bytes. */
  readonly histogram: string;
}

/** Everything that one monitor has counted, to be added up elsewhere. Plain JSON. */
export interface MonitorExport {
  readonly version: 1;
  /** Which monitor of which process: what an earlier export of the same one is told by. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly series: readonly ExportedSeries[];
}

/**
 * What a monitor has counted since its start, series that have counted nothing left out. What it has merged of others is in it: an
 * export is to go one way, from the leaves to the root.
 *
 * @param source - names monitor and process, never used again by another one
 */
export function exportSeries(reader: MonitorReader, source: string): MonitorExport {
  const series: ExportedSeries[] = [];
  for (const one of reader.series()) {
    const values = one.lifetime();
    if (values.count === 0) continue;
    const { name, labels, unit } = one;
    const { count, sum, min, max } = values;
    series.push({ name, labels: { ...labels }, unit, count, sum, min, max, histogram: encodeHistogram(values) });
  }
  return { version: 1, source, at: reader.now(), series };
}
