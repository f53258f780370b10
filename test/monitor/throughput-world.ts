import type { ThroughputTarget } from '../../src/monitor/targets/target-options.js';
import type { Judgement } from '../../src/monitor/targets/target-result.js';
import { checkThroughput } from '../../src/monitor/targets/throughput-target.js';
import { monitorOf, type SimulatedOptions, type SimulatedRequest } from './simulated-requests.js';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR: number = 60 * MINUTE;

/** The verdict on these requests, `nowMs` after the monitor was made. */
export function judge(
  target: Required<ThroughputTarget>,
  requests: readonly SimulatedRequest[],
  nowMs: number,
  options: SimulatedOptions = {},
): Judgement {
  return checkThroughput(target, monitorOf(requests, nowMs, options));
}

/** The verdict by the target as it is by default: 100 a minute, while as much is asked for. */
export function check(requests: readonly SimulatedRequest[], nowMs: number, options: SimulatedOptions = {}): Judgement {
  return judge({ min: 100, demand: 'measured' }, requests, nowMs, options);
}
