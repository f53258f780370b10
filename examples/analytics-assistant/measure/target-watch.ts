// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import { PerformanceMonitor, type TargetResult } from '../../../dist/index.js';
import type { Trace } from './timeline.ts';

/** What a process used, and how that and its requests stand to the targets: as its own PerformanceMonitor says. */
export interface Watched {
  readonly targets: Readonly<Record<string, TargetResult>>;
  readonly peakHeapBytes: number;
  readonly peakRssBytes: number;
  readonly cpuMs: number;
}

/** Of the stream: requests for frequent intents, and which of them were asked before. */
export interface FrequentRequests {
  readonly count: number;
  readonly again: readonly number[];
}

/** As often as a monitor looks at its process at most: peaks are short. */
const INTERVAL = '100ms';

/**
 * Watches this process from now on. Times stand for the unscaled world, so they are recorded once they are known, and requests
 * a minute follow from them: they are a target of the demo's own.
 */
export class TargetWatch {
  readonly #traces: Trace[] = [];
  readonly #cpuBefore = process.cpuUsage();
  readonly #monitor: PerformanceMonitor;
  #peakHeapBytes = 0;
  #peakRssBytes = 0;
  readonly #peaks: NodeJS.Timeout;

  constructor(users: number, frequent: FrequentRequests) {
    this.#monitor = new PerformanceMonitor({
      interval: INTERVAL,
      units: { request: 'ms' },
      targets: {
        throughputPerMinute: false,
        requestsPerMinute: () => ({ actual: this.#perMinute(users), target: 100, bound: 'min', unit: 'perMinute' }),
        hitRate: () => {
          const actual = this.#hitRate(frequent);
          return { actual, target: 0.9, bound: 'min', unit: 'ratio', met: actual === null ? null : actual > 0.9 };
        },
      },
    });
    this.#peaks = setInterval(() => this.#readPeaks(), 100).unref();
  }

  /** A request has been answered; `index` is its place in the stream. */
  record(index: number, trace: Trace): void {
    this.#traces[index] = trace;
    this.#monitor.recordMetric('request', trace.ms);
  }

  end(): Watched {
    clearInterval(this.#peaks);
    this.#readPeaks();
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const targets = this.#monitor.checkPerformanceTargets();
    void this.#monitor.close();
    return {
      targets,
      peakHeapBytes: this.#peakHeapBytes,
      peakRssBytes: this.#peakRssBytes,
      cpuMs: (user + system) / 1_000,
    };
  }

  #readPeaks(): void {
    const reading = this.#monitor.reader.resources();
    this.#peakHeapBytes = Math.max(this.#peakHeapBytes, reading?.heapUsedBytes ?? 0);
    this.#peakRssBytes = Math.max(this.#peakRssBytes, reading?.rssBytes ?? 0);
  }

  /** Little's law for a closed loop: so many users, each waiting this long on average. */
  #perMinute(users: number): number | null {
    const mean = this.#monitor.getMetricStats('request')?.mean;
    return mean === undefined ? null : (users * 60_000) / mean;
  }

  /** Requests for frequent intents that needed no model call of their own; the first asking of each is a miss. */
  #hitRate({ count, again }: FrequentRequests): number | null {
    if (count === 0) return null;
    return again.filter((index) => this.#traces[index]?.modelCalls === 0).length / count;
  }
}
