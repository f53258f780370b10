import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';

/** A host that names its series badly: labels that never come back, and now and then a name that does not. */
export class Churn {
  /** Values recorded, each of them for a series of its own. */
  recorded = 0;
  names = 0;
  readonly #monitor: PerformanceMonitor;

  constructor(monitor: PerformanceMonitor) {
    this.#monitor = monitor;
  }

  labels(): void {
    this.#monitor.recordMetric('tokens', 300, { tenant: `tenant-${this.recorded++}` });
  }

  name(): void {
    this.recorded++;
    this.#monitor.recordMetric(`job-${this.names++}`, 1);
  }
}
