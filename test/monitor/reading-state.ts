import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';

/** What a monitor knows of the readings of timer `read`. */
export function readingState(monitor: PerformanceMonitor): {
  inFlight: number;
  count: number;
  ms: number | undefined;
  chunks: number;
  gaps: number;
} {
  return {
    inFlight: monitor.reader.inFlight('read'),
    count: monitor.getMetricStats('read')?.count ?? 0,
    ms: monitor.getMetricStats('read')?.max,
    chunks: monitor.getMetricStats('read_first_chunk')?.count ?? 0,
    gaps: monitor.getMetricStats('read_between_chunks')?.count ?? 0,
  };
}
