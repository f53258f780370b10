import type { MetricStats } from '../metric-stats.js';
import type { MonitorReader, SeriesReader } from '../monitor-reader.js';
import type { Unit } from '../unit.js';

/** Figures of one metric. */
export interface MetricReport {
  readonly unit: Unit;
  /** Values since the start. */
  readonly total: number;
  /** `null` when nothing was recorded in the window. */
  readonly stats: MetricStats | null;
  /** By labels, most-used first, at most 20; none for a metric without labels. */
  readonly byLabels: readonly LabelReport[];
  /** Label sets beyond those. */
  readonly moreLabels: number;
}

/** Figures of one series of a metric. */
export interface LabelReport {
  readonly labels: Readonly<Record<string, string>>;
  readonly stats: MetricStats | null;
}

/** How often requests ended with an error. */
export interface ErrorCount {
  /** Of the timer. */
  readonly name: string;
  /** Code or name of the error. */
  readonly error: string;
  readonly count: number;
  /** Of all requests of the timer in the window, 0 to 1. */
  readonly share: number;
}

const MOST_LABELS = 20;
const MOST_ERRORS = 20;

/** Series by name. Made once, since readers build their list anew at each call. */
export function seriesByName(reader: MonitorReader): ReadonlyMap<string, readonly SeriesReader[]> {
  const names = new Map<string, SeriesReader[]>();
  for (const series of reader.series()) {
    const known = names.get(series.name);
    if (known === undefined) names.set(series.name, [series]);
    else known.push(series);
  }
  return names;
}

export function metricsOf(reader: MonitorReader): Readonly<Record<string, MetricReport>> {
  const series = seriesByName(reader);
  return Object.fromEntries(
    reader.names().map(({ name, unit, count }) => {
      const stats = reader.stats(name, { exemplars: 0 });
      return [name, { unit, total: count, stats, ...labelReports(reader, name, series.get(name) ?? []) }];
    }),
  );
}

function labelReports(
  reader: MonitorReader,
  name: string,
  series: readonly SeriesReader[],
): Pick<MetricReport, 'byLabels' | 'moreLabels'> {
  if (series.every(({ labels }) => Object.keys(labels).length === 0)) return { byLabels: [], moreLabels: 0 };
  // Labels that a series does not have are asked for as absent, or it would be read together with those that have them.
  const absent = Object.fromEntries(series.flatMap(({ labels }) => Object.keys(labels).map((label) => [label, ''])));
  const byLabels = series.slice(0, MOST_LABELS).map(({ labels }) => ({
    labels,
    stats: reader.stats(name, { labels: { ...absent, ...labels }, exemplars: 0 }),
  }));
  return { byLabels, moreLabels: series.length - byLabels.length };
}

export function errorsOf(reader: MonitorReader): readonly ErrorCount[] {
  const counts: ErrorCount[] = [];
  for (const [name, series] of seriesByName(reader)) {
    const errors = new Set(series.map(({ labels }) => labels['error'] ?? '').filter((error) => error !== ''));
    if (errors.size === 0) continue;
    const all = reader.distribution(name)?.count ?? 0;
    for (const error of errors) {
      const count = reader.distribution(name, { labels: { error } })?.count ?? 0;
      if (count > 0) counts.push({ name, error, count, share: count / all });
    }
  }
  return counts.sort((a, b) => b.count - a.count).slice(0, MOST_ERRORS);
}
