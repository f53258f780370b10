import type { MonitorReader } from '../monitor-reader.js';
import type { ResolvedCustomTarget } from './custom-target.js';
import { checkMeasured } from './measured-target.js';
import { checkMetric } from './metric-target.js';
import { checkCpuUsage, checkMemoryUsage } from './resource-targets.js';
import { checkResponseTime } from './response-time-target.js';
import type { ResolvedTargets } from './target-options.js';
import type { TargetResult } from './target-result.js';
import { checkThroughput } from './throughput-target.js';

/** What the targets are judged by. */
export type TargetReader = Pick<
  MonitorReader,
  'operation' | 'coarseMs' | 'stats' | 'names' | 'demand' | 'timeline' | 'attachments'
>;

/** How each target stands, by its name: measured, and without a verdict where there is nothing to judge by. Never throws. */
export function checkTargets(targets: ResolvedTargets, reader: TargetReader): Record<string, TargetResult> {
  const { responseTimeMs, throughput, memoryUsage, cpuUsage, custom } = targets;
  const results: [name: string, result: TargetResult][] = [];
  if (responseTimeMs !== undefined) results.push(['responseTimeP95', checkResponseTime(responseTimeMs, reader)]);
  if (throughput !== undefined) results.push(['throughputPerMinute', checkThroughput(throughput, reader)]);
  if (memoryUsage !== undefined) results.push(['memoryUsage', checkMemoryUsage(memoryUsage, reader)]);
  if (cpuUsage !== undefined) results.push(['cpuUsage', checkCpuUsage(cpuUsage, reader)]);
  for (const [name, target] of custom) results.push([name, checkCustom(target, reader)]);
  return Object.fromEntries(results);
}

function checkCustom(target: ResolvedCustomTarget, reader: TargetReader): TargetResult {
  return target.kind === 'measured' ? checkMeasured(target.measure) : checkMetric(target, reader);
}
