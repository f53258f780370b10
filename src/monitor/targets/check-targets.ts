import type { MonitorReader } from '../monitor-reader.js';
import { checkMeasured } from './measured-target.js';
import { checkMetric } from './metric-target.js';
import { checkCpuUsage, checkMemoryUsage } from './resource-targets.js';
import { checkResponseTime } from './response-time-target.js';
import type { ResolvedTargets } from './target-options.js';
import type { Judgement, TargetResult } from './target-result.js';
import type { TargetTroubles } from './target-troubles.js';
import { checkThroughput } from './throughput-target.js';

/** What the targets are judged by. */
export type TargetReader = Pick<
  MonitorReader,
  | 'operation'
  | 'startedAt'
  | 'windowMs'
  | 'coarseMs'
  | 'now'
  | 'stats'
  | 'names'
  | 'demand'
  | 'timeline'
  | 'attachments'
>;

/**
 * How each target stands, by its name: measured, and without a verdict where there is nothing to judge by. Never throws.
 *
 * @param troubles - is told of functions of the host that fail
 */
export function checkTargets(
  targets: ResolvedTargets,
  reader: TargetReader,
  troubles?: TargetTroubles,
): Record<string, TargetResult> {
  const { responseTimeMs, throughput, memoryUsage, cpuUsage, custom } = targets;
  const { windowMs } = reader;
  const results: [name: string, result: TargetResult][] = [];
  const put = (name: string, result: Judgement, ms: number | null = windowMs): void => {
    results.push([name, { ...result, windowMs: ms }]);
  };
  if (responseTimeMs !== undefined) put('responseTimeP95', checkResponseTime(responseTimeMs, reader));
  if (throughput !== undefined) put('throughputPerMinute', checkThroughput(throughput, reader));
  if (memoryUsage !== undefined) put('memoryUsage', checkMemoryUsage(memoryUsage, reader));
  if (cpuUsage !== undefined) put('cpuUsage', checkCpuUsage(cpuUsage, reader));
  for (const [name, target] of custom) {
    if (target.kind === 'measured') put(name, checkMeasured(name, target.measure, troubles), null);
    else put(name, checkMetric(target, reader), target.windowMs);
  }
  return Object.fromEntries(results);
}
