import type { PerformanceMonitorOptions } from '../../src/monitor/monitor-options.js';
import { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { ManualClock } from '../manual-clock.js';

/** A monitor on a manual clock that stands at the start of a minute. */
export function monitorWorld(options: PerformanceMonitorOptions = {}): {
  clock: ManualClock;
  monitor: PerformanceMonitor;
  errors: { error: unknown; during: string }[];
} {
  const clock = new ManualClock(28_333_333 * 60_000);
  const monitor = new PerformanceMonitor({ clock, ...options });
  const errors: { error: unknown; during: string }[] = [];
  monitor.on('error', (event) => errors.push(event));
  return { clock, monitor, errors };
}
