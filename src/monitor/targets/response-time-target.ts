import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import { withFailedShare } from './failed-share.js';
import type { Judgement } from './target-result.js';

const SHARE = 0.95;

/**
 * Whether 95 % of the operation's requests of the window that were answered took at most so long. Those that failed have no response
 * time: `reason` tells their share, from 1 % on. Where all have failed the target is missed, since none was answered in time, and
 * `actual` is `null`.
 *
 * The verdict is exact, since the monitor counts what is above the target apart; the figure beside it is within 0.4 %, and lies on
 * the side of the target where the exact one does.
 */
export function checkResponseTime(target: number, reader: Pick<MonitorReader, 'operation' | 'stats'>): Judgement {
  const fixed = { target, unit: 'ms', bound: 'max' } as const;
  const ended = reader.stats(reader.operation, { exemplars: 0 });
  if (ended === null) {
    const reason = `no ${JSON.stringify(reader.operation)} was timed`;
    return { met: null, actual: null, ...fixed, samples: 0, confidence: 'low', reason };
  }
  const answered = reader.stats(reader.operation, { exemplars: 0, labels: { error: '' } });
  const samples = answered?.count ?? ended.count;
  const failed = ended.count - (answered?.count ?? 0);
  const shared = { samples, ...withFailedShare(confidenceIn(samples, 'request'), failed, ended.count) };
  if (answered === null) return { met: false, actual: null, ...fixed, ...shared };
  const { p95, count, overTarget } = answered;
  const met = overTarget === undefined ? p95 <= target : count - overTarget >= Math.ceil(SHARE * count);
  const actual = met ? Math.min(p95, target) : Math.max(p95, target);
  return { met, actual, ...fixed, ...shared };
}
