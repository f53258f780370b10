import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import type { TargetResult } from './target-result.js';

/** Whether 95 % of the operation's requests of the window took at most so long, within 0.4 %. */
export function checkResponseTime(target: number, reader: Pick<MonitorReader, 'operation' | 'stats'>): TargetResult {
  const stats = reader.stats(reader.operation, { exemplars: 0 });
  const fixed = { target, unit: 'ms', bound: 'max' } as const;
  if (stats === null) {
    const reason = `no ${JSON.stringify(reader.operation)} was timed`;
    return { met: null, actual: null, ...fixed, samples: 0, confidence: 'low', reason };
  }
  const { p95, count } = stats;
  return { met: p95 <= target, actual: p95, ...fixed, samples: count, ...confidenceIn(count, 'request') };
}
