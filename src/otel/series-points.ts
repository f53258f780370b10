import type { MonitorReader, SeriesReader } from '../monitor/monitor-reader.js';
import { UNITS } from '../monitor/unit.js';
import { labelAttributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { HOTPATH } from './hotpath-attributes.js';
import type { PointSink, PointSource } from './point-sink.js';
import { InstrumentBook, type SeriesInstruments } from './series-instruments.js';

/** What quantiles are read over. */
const RECENT_MS = 60_000;
const QUANTILES = [0.5, 0.95, 0.99];

/**
 * All series: count and sum since the start, quantiles of the last minute with the number of values that they rest on, and what is
 * in flight. Times in seconds. Each series is read by itself, so the time taken grows with their number and no faster; of one that
 * is idle only the totals are.
 */
export function seriesPoints(reader: MonitorReader, troubles: BridgeTroubles): PointSource {
  const instruments = new InstrumentBook(troubles);
  const everInFlight = new Set<string>([reader.operation]);
  return (sink) => {
    for (const series of reader.series()) {
      const specs = instruments.of(series.name);
      if (specs !== undefined) addSeries(sink, specs, series);
    }
    for (const { name } of reader.names()) {
      if (reader.inFlight(name) > 0) everInFlight.add(name);
    }
    for (const name of everInFlight) {
      const specs = instruments.of(name);
      if (specs !== undefined) sink.add(specs.inFlight, reader.inFlight(name));
    }
  };
}

function addSeries(sink: PointSink, specs: SeriesInstruments, series: SeriesReader): void {
  const attributes = labelAttributes(series.labels);
  const { toBase } = UNITS[series.unit];
  const { sum, quantile } = specs.of(series.unit);
  sink.add(specs.count, series.count, attributes);
  sink.add(sum, series.sum * toBase, attributes);
  const recent = series.window(RECENT_MS);
  sink.add(specs.recent, recent.count, attributes);
  if (recent.count === 0) return;
  for (const share of QUANTILES) {
    sink.add(quantile, recent.percentile(share)! * toBase, { ...attributes, [HOTPATH.quantile]: share });
  }
}
