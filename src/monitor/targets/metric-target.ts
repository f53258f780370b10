import type { MetricStats } from '../metric-stats.js';
import type { MonitorReader } from '../monitor-reader.js';
import { isTooEarly } from '../too-early.js';
import { confidenceIn } from './confidence.js';
import type { ResolvedCustomTarget, TargetStat } from './custom-target.js';
import type { Judgement } from './target-result.js';

type MetricTarget = Extract<ResolvedCustomTarget, { kind: 'metric' }>;
type Reader = Pick<MonitorReader, 'stats' | 'names' | 'windowMs' | 'startedAt' | 'now'>;

/** How a figure of a metric stands to its bound. */
export function checkMetric(target: MetricTarget, reader: Reader): Judgement {
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
  const noVerdict = (reason: string): Judgement => ({ met: null, ...fixed, confidence: 'low', reason });

  if (isTime && unit !== 'ms') return noVerdict(`its bound is a time, but the metric is in ${unit}`);
  if (actual === null) return noVerdict(`no ${JSON.stringify(metric)} was recorded`);
  if (samples < minSamples) return noVerdict(`${samples} of the ${minSamples} values that it takes`);
  const met = bound === 'max' ? actual <= limit : actual >= limit;
  const ageMs = reader.now() - reader.startedAt;
  if (isTooEarly({ stat, windowMs: windowMs ?? reader.windowMs, isShort: bound === 'min' && !met }, ageMs)) {
    return noVerdict(`the monitor has run for ${Math.floor(ageMs / 1_000)} s only`);
  }
  return { met, ...fixed, ...confidenceInStat(stat, stats) };
}

/** Of a metric that was never recorded, its bound tells. */
function unitOf(
  target: MetricTarget,
  stats: MetricStats | null,
  reader: Pick<MonitorReader, 'names'>,
): Judgement['unit'] {
  if (target.stat === 'ratePerMinute') return 'perMinute';
  if (target.stat === 'count') return 'count';
  if (stats) return stats.unit;
  return reader.names().find(({ name }) => name === target.metric)?.unit ?? (target.isTime ? 'ms' : 'count');
}

function confidenceInStat(stat: TargetStat, stats: MetricStats | null): Pick<Judgement, 'confidence' | 'reason'> {
  // What is counted is exact, however little it is; of rates, those over too little time have no verdict.
  if (stats === null || stat === 'count' || stat === 'ratePerMinute') return { confidence: 'high' };
  const isThin = (stats.lowConfidence as readonly string[]).includes(stat);
  return isThin
    ? { confidence: 'low', reason: `${stats.count} values are few for a ${stat}` }
    : confidenceIn(stats.count, 'value');
}
