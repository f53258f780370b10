import { Distribution } from '../distribution.js';
import type { MonitorReader, SeriesReader } from '../monitor-reader.js';
import { UNITS } from '../unit.js';
import { addAttachments } from './prometheus-attachments.js';
import { PrometheusBook } from './prometheus-family.js';
import { addFixed, inBaseUnit, type OperationCounts } from './prometheus-fixed.js';
import { addHistogram, boundsOf } from './prometheus-histogram.js';
import { labelNames, labelText } from './prometheus-labels.js';
import { wordsOf } from './prometheus-name.js';
import { nameOfUnit } from './prometheus-unit.js';

/** Content type of {@link prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Tells the values of a series apart from a metric with a fixed name: `event_loop_utilization` is a gauge, too. */
const KIND = 'distribution';

/** Options of {@link prometheusText}. */
export interface PrometheusOptions {
  /** Begins every name. Default `'hotpath_'`. */
  readonly prefix?: string;
}

/** A series with its counts, read once. */
interface Counted {
  readonly series: SeriesReader;
  readonly values: Distribution;
}

/**
 * Everything that a monitor knows, for Prometheus to scrape: fixed metrics for requests, process, targets and alerts, figures of what is
 * attached, and one histogram for each name of series. Times are in seconds.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
 */
export function prometheusText(reader: MonitorReader, { prefix = 'hotpath_' }: PrometheusOptions = {}): string {
  const book = new PrometheusBook(prefix);
  const counted = reader.series().map((series) => ({ series, values: series.lifetime() }));
  addFixed(book, reader, operationCounts(reader.operation, counted));
  addAttachments(book, reader.attachments());
  for (const [name, all] of byName(counted)) addSeries(book, reader, name, all);
  return book.text();
}

function operationCounts(operation: string, counted: readonly Counted[]): OperationCounts {
  const own = counted.filter(({ series }) => series.name === operation);
  const failed = own.filter(({ series }) => (series.labels['error'] ?? '') !== '');
  return {
    requests: own.reduce((sum, { values }) => sum + values.count, 0),
    failed: failed.reduce((sum, { values }) => sum + values.count, 0),
    overTarget: own.reduce((sum, { series }) => sum + series.overTarget, 0),
  };
}

/** Series by name. Names that are fit as they are come first, and keep theirs, whichever series is used most. */
function byName(counted: readonly Counted[]): [string, Counted[]][] {
  const names = new Map<string, Counted[]>();
  for (const one of counted) {
    const known = names.get(one.series.name);
    if (known === undefined) names.set(one.series.name, [one]);
    else known.push(one);
  }
  const isFit = (name: string): boolean => wordsOf(name).join('_') === name;
  return [...names].sort(([a], [b]) => Number(isFit(b)) - Number(isFit(a)) || (a < b ? -1 : 1));
}

function addSeries(book: PrometheusBook, reader: MonitorReader, name: string, all: readonly Counted[]): void {
  const unit = all[0]!.series.unit;
  const { words, ending, base, scale } = nameOfUnit(wordsOf(name), unit, UNITS[unit].toBase);
  const measured = base === undefined ? '' : `, ${base === 'ratio' ? 'as a share of 1' : `in ${base}`}`;
  const family = book.family(
    { words, ending, kind: KIND, origin: `series ${name}` },
    'histogram',
    `Values of ${name}${measured}.`,
  );
  const edge = base === 'seconds' ? targetEdge(reader) : undefined;
  const bounds = boundsOf(base, edge);
  const isExact = edge !== undefined && name === reader.operation && unit === 'ms';
  for (const { labels, values, overTarget } of byLabels(all)) {
    const exact = isExact ? { bound: edge, above: overTarget } : undefined;
    addHistogram(family, labels, values, { bounds, scale, edge: exact });
  }
}

/** The response-time target, in seconds: a bound of its own, so that the share of slow requests is exact. */
function targetEdge(reader: MonitorReader): number | undefined {
  const target = reader.targets()['responseTimeP95'];
  if (target?.unit !== 'ms' || target.target === null) return undefined;
  return target.target > 0 && Number.isFinite(target.target) ? inBaseUnit(target.target, target) : undefined;
}

interface Labelled {
  readonly labels: string;
  readonly values: Distribution;
  readonly overTarget: number;
}

/** Series by their labels as they are written. Those that can't be told apart in the text are added up. */
function byLabels(all: readonly Counted[]): Iterable<Labelled> {
  const safe = labelNames(all.flatMap(({ series }) => Object.keys(series.labels)));
  const written = new Map<string, Labelled>();
  for (const { series, values } of all) {
    const { overTarget } = series;
    const labels = labelText(Object.entries(series.labels).map(([name, value]) => [safe.get(name)!, value] as const));
    const known = written.get(labels);
    written.set(
      labels,
      known === undefined ? { labels, values, overTarget } : sumOf(known, { labels, values, overTarget }),
    );
  }
  return [...written.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1));
}

function sumOf(a: Labelled, b: Labelled): Labelled {
  const values = new Distribution(a.values.unit);
  values.add(a.values);
  values.add(b.values);
  return { labels: a.labels, values, overTarget: a.overTarget + b.overTarget };
}
