import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import type { Judgement } from './target-result.js';

const SHARE = 0.95;

/**
 * Whether 95 % of the operation's requests of the window took at most so long. The verdict is exact, since the monitor counts what
 * is above the target apart; the figure beside it is within 0.4 %, and lies on the side of the target where the exact one does.
 */
export function checkResponseTime(target: number, reader: Pick<MonitorReader, 'operation' | 'stats'>): Judgement {
  const stats = reader.stats(reader.operation, { exemplars: 0 });
  const fixed = { target, unit: 'ms', bound: 'max' } as const;
  if (stats === null) {
    const reason = `no ${JSON.stringify(reader.operation)} was timed`;
    return { met: null, actual: null, ...fixed, samples: 0, confidence: 'low', reason };
  }
  const { p95, count, overTarget } = stats;
  const met = overTarget === undefined ? p95 <= target : count - overTarget >= Math.ceil(SHARE * count);
  const actual = met ? Math.min(p95, target) : Math.max(p95, target);
  return { met, actual, ...fixed, samples: count, ...confidenceIn(count, 'request') };
}
