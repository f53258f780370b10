import type { MetricStats } from '../metric-stats.js';
import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import type { ResolvedCustomTarget, TargetStat } from './custom-target.js';
import type { TargetResult } from './target-result.js';

type MetricTarget = Extract<ResolvedCustomTarget, { kind: 'metric' }>;

/** How a figure of a metric stands to its bound. */
export function checkMetric(target: MetricTarget, reader: Pick<MonitorReader, 'stats' | 'names'>): TargetResult {
  const { metric, stat, bound, limit, labels, windowMs, minSamples, isTime } = target;
  const stats = reader.stats(metric, {
    exemplars: 0,
    ...(labels && { labels }),
    ...(windowMs !== undefined && { windowMs }),
  });
  const unit = unitOf(target, stats, reader);
  const samples = stats?.count ?? 0;
  const actual = stats?.[stat] ?? (minSamples === 0 ? 0 : null);
  const fixed = { actual, target: limit, unit, bound, samples };
  const noVerdict = (reason: string): TargetResult => ({ met: null, ...fixed, confidence: 'low', reason });

  if (isTime && unit !== 'ms') return noVerdict(`its bound is a time, but the metric is in ${unit}`);
  if (actual === null) return noVerdict(`no ${JSON.stringify(metric)} was recorded`);
  if (samples < minSamples) return noVerdict(`${samples} of the ${minSamples} values that it takes`);
  return { met: bound === 'max' ? actual <= limit : actual >= limit, ...fixed, ...confidenceInStat(stat, stats) };
}

/** Of a metric that was never recorded, its bound tells. */
function unitOf(
  target: MetricTarget,
  stats: MetricStats | null,
  reader: Pick<MonitorReader, 'names'>,
): TargetResult['unit'] {
  if (target.stat === 'ratePerMinute') return 'perMinute';
  if (target.stat === 'count') return 'count';
  if (stats) return stats.unit;
  return reader.names().find(({ name }) => name === target.metric)?.unit ?? (target.isTime ? 'ms' : 'count');
}

function confidenceInStat(stat: TargetStat, stats: MetricStats | null): Pick<TargetResult, 'confidence' | 'reason'> {
  // What is counted is exact, however little it is.
  if (stats === null || stat === 'count' || stat === 'ratePerMinute') return { confidence: 'high' };
  const isThin = (stats.lowConfidence as readonly string[]).includes(stat);
  return isThin
    ? { confidence: 'low', reason: `${stats.count} values are few for a ${stat}` }
    : confidenceIn(stats.count, 'value');
}
