import type { MonitorReader } from '../../src/monitor/monitor-reader.js';
import { checkTargets, type TargetReader } from '../../src/monitor/targets/check-targets.js';
import { resolveTargets, type TargetOptions } from '../../src/monitor/targets/target-options.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import type { Unit } from '../../src/monitor/unit.js';
import { monitorOf } from './simulated-requests.js';
import { statsOfValues, WINDOW_MS } from './stats-of-values.js';

export interface Metric {
  readonly unit: Unit;
  readonly values: readonly number[];
}

type Asked = Parameters<MonitorReader['stats']>[1] & { readonly name: string };

/** A monitor that has recorded these metrics, and what it was asked for. */
export function monitorWith(metrics: Readonly<Record<string, Metric>> = {}): { reader: TargetReader; asked: Asked[] } {
  const asked: Asked[] = [];
  const reader: TargetReader = {
    ...monitorOf([], WINDOW_MS),
    stats: (name, options) => {
      asked.push({ name, ...options });
      return Object.hasOwn(metrics, name) ? statsOfValues(metrics[name]!.unit, metrics[name]!.values) : null;
    },
    names: () => Object.entries(metrics).map(([name, { unit, values }]) => ({ name, unit, count: values.length })),
  };
  return { reader, asked };
}

export const OFF = { responseTimeP95: false, throughputPerMinute: false, memoryUsage: false, cpuUsage: false } as const;

export function check(
  options: TargetOptions,
  metrics: Readonly<Record<string, Metric>> = {},
): Record<string, TargetResult> {
  return checkTargets(resolveTargets({ ...OFF, ...options }), monitorWith(metrics).reader);
}

export function times(count: number, ms: number): number[] {
  return Array.from({ length: count }, () => ms);
}
