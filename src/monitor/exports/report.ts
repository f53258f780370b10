import type { AlertEvent } from '../alerts/alert-event.js';
import type { AlertStatus } from '../alerts/alert-status.js';
import type { AttachmentReading } from '../attachments/attachment-reading.js';
import type { Exemplar } from '../exemplar.js';
import type { Mark } from '../mark.js';
import type { MonitorReader } from '../monitor-reader.js';
import type { ProfileEntry } from '../profiling/profile-entry.js';
import type { ResourceReading } from '../resource-reading.js';
import type { TargetResult } from '../targets/target-result.js';
import { type ErrorCount, errorsOf, type MetricReport, metricsOf } from './report-metrics.js';
import { type CachePopulations, cachePopulations, type StageReport, stagesOf } from './report-requests.js';

/** What a monitor knows, as plain JSON. Figures cover the window; running totals are since the start. */
export interface PerformanceReport {
  readonly version: 1;
  /** When it was made: ISO 8601. */
  readonly time: string;
  readonly at: number;
  readonly startedAt: number;
  readonly windowMs: number;
  /** The timer that the response-time and throughput targets judge. */
  readonly operation: string;
  readonly inFlight: number;
  readonly targets: Readonly<Record<string, TargetResult>>;
  readonly metrics: Readonly<Record<string, MetricReport>>;
  /** Most frequent first, at most 20. */
  readonly errors: readonly ErrorCount[];
  /** Requests answered from a cache and others, apart: by timer. */
  readonly cache: Readonly<Record<string, CachePopulations>>;
  /** Where the time of requests goes: by timer. */
  readonly stages: Readonly<Record<string, readonly StageReport[]>>;
  /** Of the operation: slowest first, at most 20. */
  readonly slowest: readonly Exemplar[];
  readonly alerts: readonly AlertStatus[];
  /** What alerts have fired, newest first, at most 20. Without `resolvedAt` it still fires. */
  readonly incidents: readonly AlertEvent[];
  readonly marks: readonly Mark[];
  readonly attachments: readonly AttachmentReading[];
  readonly resources: ResourceReading | null;
  readonly profiles: readonly ProfileEntry[];
  readonly troubles: ReturnType<MonitorReader['troubles']>;
}

const MOST_SLOWEST = 20;
const MOST_INCIDENTS = 20;

/** Reads a monitor out. Changes nothing. */
export function reportOf(reader: MonitorReader): PerformanceReport {
  const at = reader.now();
  const { operation, startedAt, windowMs } = reader;
  return {
    version: 1,
    time: new Date(at).toISOString(),
    at,
    startedAt,
    windowMs,
    operation,
    inFlight: reader.inFlight(operation),
    targets: reader.targets(),
    metrics: metricsOf(reader),
    errors: errorsOf(reader),
    cache: cachePopulations(reader),
    stages: stagesOf(reader),
    slowest: reader.slowest(operation, MOST_SLOWEST),
    alerts: reader.alerts(),
    incidents: reader.incidents().slice(-MOST_INCIDENTS).reverse(),
    marks: reader.marks(),
    attachments: reader.attachments(),
    resources: reader.resources(),
    profiles: reader.profiles(),
    troubles: reader.troubles(),
  };
}
