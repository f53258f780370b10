import { Distribution } from '../distribution.js';
import type { Labels } from '../exemplar.js';
import { type MetricStats, statsOf } from '../metric-stats.js';
import type { MonitorReader, SeriesReader } from '../monitor-reader.js';
import { cut } from './plain-facts.js';
import { rounded } from './rounded.js';
import type { SeriesFigures, SeriesStats, StageView } from './snapshot.js';

const MOST_ERRORS = 10;
const MOST_STAGES = 16;

/** Figures of a name over a window: of all values, and apart by cache hit, cache miss and failure. */
export function seriesStats(
  reader: MonitorReader,
  name: string,
  windowMs: number,
  series: readonly SeriesReader[],
): SeriesStats {
  const all = reader.stats(name, { windowMs, exemplars: 0 });
  const failures = failuresOf(reader, name, windowMs, series);
  const hasCache = labelValues(name, 'cache', series).length > 0;
  const population = (labels: Labels): SeriesFigures | null =>
    hasCache ? figures(reader.stats(name, { windowMs, labels, exemplars: 0 })) : null;
  return {
    all: figures(all),
    hit: population({ cache: 'hit' }),
    miss: population({ cache: 'miss' }),
    error: all && failures.values && figures(statsOf(failures.values, all.windowMs, [], windowMs)),
    errors: failures.counts,
  };
}

/** The stages of a name over a window, those with the most time in all first. */
export function stagesOf(
  reader: MonitorReader,
  name: string,
  windowMs: number,
  series: readonly SeriesReader[],
): readonly StageView[] {
  const stages = labelValues(`${name}_stage`, 'stage', series).flatMap((stage) => {
    const stats = reader.stats(`${name}_stage`, { windowMs, labels: { stage }, exemplars: 0 });
    return stats === null ? [] : [{ stage, stats }];
  });
  return stages
    .sort((a, b) => b.stats.sum - a.stats.sum)
    .slice(0, MOST_STAGES)
    .map(({ stage, stats: { count, mean, p50, p95 } }) => rounded({ name: cut(stage), count, mean, p50, p95 }));
}

/** Labels are matched by value: values with any `error` are added up. */
function failuresOf(
  reader: MonitorReader,
  name: string,
  windowMs: number,
  series: readonly SeriesReader[],
): { values: Distribution | null; counts: Record<string, number> } {
  let values: Distribution | null = null;
  const counts: [string, number][] = [];
  for (const error of labelValues(name, 'error', series)) {
    const some = reader.distribution(name, { windowMs, labels: { error } });
    if (some === null || some.count === 0) continue;
    values ??= new Distribution(some.unit);
    values.add(some);
    counts.push([cut(error), some.count]);
  }
  counts.sort((a, b) => b[1] - a[1]);
  return { values, counts: Object.fromEntries(counts.slice(0, MOST_ERRORS)) };
}

function labelValues(name: string, label: string, series: readonly SeriesReader[]): readonly string[] {
  const values = new Set<string>();
  for (const one of series) {
    const value = one.name === name ? one.labels[label] : undefined;
    if (value !== undefined && value !== '') values.add(value);
  }
  return [...values];
}

function figures(stats: MetricStats | null): SeriesFigures | null {
  if (stats === null) return null;
  const { count, ratePerMinute, mean, min, max, p50, p90, p95, p99, lowConfidence } = stats;
  return rounded({ count, ratePerMinute, mean, min, max, p50, p90, p95, p99, lowConfidence });
}
