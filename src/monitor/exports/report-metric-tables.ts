import type { MetricStats, Percentile } from '../metric-stats.js';
import type { Unit } from '../unit.js';
import { figure } from './figure.js';
import type { PerformanceReport } from './report.js';
import { factsText } from './report-facts.js';
import type { Cell, Table } from './report-section.js';

/** Heads of the figures of a metric. */
export const METRIC_HEADS: readonly string[] = ['count', 'per minute', 'mean', 'p50', 'p95', 'p99', 'max'];
/** Which of them hold figures: all. */
export const METRIC_FIGURES: readonly string[] = METRIC_HEADS;

/** One table of all metrics, then one for each that has labels. */
export function metricTables({ metrics }: PerformanceReport): Table[] {
  const entries = Object.entries(metrics);
  const all: Table = {
    heads: ['metric', ...METRIC_HEADS],
    figures: METRIC_FIGURES,
    rows: entries.map(([name, { unit, stats }]) => [name, ...statsCells(stats, unit)]),
  };
  const labelled = entries
    .filter(([, { byLabels }]) => byLabels.length > 0)
    .map(([name, { unit, byLabels, moreLabels }]) => ({
      title: `${name} by labels${moreLabels > 0 ? ` (${moreLabels} more not shown)` : ''}`,
      heads: ['labels', ...METRIC_HEADS],
      figures: METRIC_FIGURES,
      rows: byLabels.map(({ labels, stats }) => [factsText(labels) || 'none', ...statsCells(stats, unit)]),
    }));
  return [all, ...labelled];
}

/** Hits and misses of each timer. */
export function populationRows({ cache }: PerformanceReport): Cell[][] {
  return Object.entries(cache).flatMap(([name, { hit, miss, hitShare }]) => [
    [name, 'from the cache', figure(hitShare, 'ratio'), ...statsCells(hit, hit?.unit ?? 'ms')],
    [
      name,
      'not from the cache',
      figure(hitShare === null ? null : 1 - hitShare, 'ratio'),
      ...statsCells(miss, miss?.unit ?? 'ms'),
    ],
  ]);
}

/** One table for each timer with stages. */
export function stageTables({ stages }: PerformanceReport): Table[] {
  return Object.entries(stages).map(([name, reports]) => ({
    title: `Stages of ${name}`,
    heads: ['stage', 'share of time', ...METRIC_HEADS],
    figures: ['share of time', ...METRIC_FIGURES],
    rows: reports.map(({ stage, share, stats }) => [
      stage,
      figure(share, 'ratio'),
      ...statsCells(stats, stats?.unit ?? 'ms'),
    ]),
  }));
}

export function errorRows({ errors }: PerformanceReport): Cell[][] {
  return errors.map(({ name, error, count, share }) => [name, error, figure(count, 'count'), figure(share, 'ratio')]);
}

function statsCells(stats: MetricStats | null, unit: Unit): Cell[] {
  if (stats === null) return ['0', ...METRIC_HEADS.slice(1).map(() => 'no data')];
  const percentile = (name: Percentile): Cell => {
    const text = figure(stats[name], unit);
    return stats.lowConfidence.includes(name) ? { text: `${text} (few values)`, tone: 'warn' } : text;
  };
  const rate = (): Cell => {
    const text = figure(stats.ratePerMinute, 'count');
    return stats.lowConfidence.includes('ratePerMinute')
      ? { text: `${text} (less than a minute)`, tone: 'warn' }
      : text;
  };
  return [
    figure(stats.count, 'count'),
    rate(),
    figure(stats.mean, unit),
    percentile('p50'),
    percentile('p95'),
    percentile('p99'),
    figure(stats.max, unit),
  ];
}
