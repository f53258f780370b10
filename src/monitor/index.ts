export type { AnyWrapper } from '../core/any-wrapper.js';
export type { CancelTimer, Clock } from '../core/clock.js';
export type { FileReader } from '../core/control-group.js';
export type { Duration } from '../core/duration.js';
export type { Unsubscribe } from '../core/emitter.js';
export { HotpathError, type HotpathErrorOptions, InvalidOptionError } from '../core/errors.js';
export type { Closeable } from '../core/lifecycle.js';
export type { Logger } from '../core/logger.js';
export type { Mode } from '../core/mode.js';
export type { ProfileRow } from '../core/profiling/stack-tree.js';
export type { LimitReader } from '../core/resource-limits.js';
export type { SinkStats } from './alerts/alert-delivery.js';
export type { AlertEvent, AlertMessage } from './alerts/alert-event.js';
export {
  ALERT_DEFAULTS,
  type AlertRule,
  type AlertRuleOptions,
  type AlertStat,
  type AlertThreshold,
  type MetricAlertRule,
  type TargetAlertRule,
} from './alerts/alert-rule.js';
export { type AlertSink, type AlertSinkLike, logSink } from './alerts/alert-sinks.js';
export type { AlertState, AlertStatus, AlertUnit } from './alerts/alert-status.js';
export { type WebhookFetch, type WebhookOptions, webhookSink } from './alerts/webhook-sink.js';
export type {
  Attachable,
  CacheFigures,
  CacheLike,
  LLMCacheFigures,
  LLMCacheLike,
  MemoryFigures,
  MemoryLike,
  MemoryTotals,
  OptimizerLike,
  ProcessorFigures,
  ProcessorLike,
} from './attachments/attached-shapes.js';
export type { AttachmentKind, AttachmentReading } from './attachments/attachment-reading.js';
export type { ChannelOptions } from './attachments/channel-counts.js';
export type { ChannelModule } from './attachments/channel-events.js';
export type { SeriesOptions, StatsOptions } from './call-options.js';
export type { ClosedSlot } from './closed-slot.js';
export type { DashboardOptions, ServeDashboardOptions, ServedDashboard } from './dashboard-source.js';
export type { Distribution } from './distribution.js';
export type { Exemplar, Labels, Metadata, StageTime } from './exemplar.js';
export type { ExportedSeries, MonitorExport } from './exports/histogram-export.js';
export type { MergeResult } from './exports/merge-book.js';
export { PROMETHEUS_CONTENT_TYPE } from './exports/prometheus-text.js';
export type { PerformanceReport } from './exports/report.js';
export type { ErrorCount, LabelReport, MetricReport } from './exports/report-metrics.js';
export type { CachePopulations, StageReport } from './exports/report-requests.js';
export type { Mark } from './mark.js';
export type { MetricStats, Percentile, ThinFigure } from './metric-stats.js';
export type { MonitorEvents } from './monitor-events.js';
export { MONITOR_DEFAULTS, type PerformanceMonitorOptions } from './monitor-options.js';
export {
  type CallLabels,
  type LabelsOf,
  type MonitorSource,
  monitorPerformance,
} from './monitor-performance.js';
export type { DemandSlot, MonitorReader, SeriesReader, TimelinePoint } from './monitor-reader.js';
export { PerformanceMonitor } from './performance-monitor.js';
export type { ProcessReader } from './process-reader.js';
export type { ProfileRequest } from './profiler-source.js';
export type { ProfileEntry } from './profiling/profile-entry.js';
export { PROFILE_DEFAULTS, type ProfileOnBreach, type ProfileOptions } from './profiling/profile-options.js';
export type { ProfileResult } from './profiling/profiler.js';
export type { ResourceReading } from './resource-reading.js';
export type { SeriesHandle } from './series.js';
export { type ServerTimingOptions, serverTiming } from './server-timing.js';
export type { CustomTarget, Measurement, MetricTarget, TargetStat } from './targets/custom-target.js';
export { TARGET_DEFAULTS, type TargetOptions, type ThroughputTarget } from './targets/target-options.js';
export type { TargetResult } from './targets/target-result.js';
export type { Timer, TimerEnd } from './timer.js';
export type { TimerEndEvent, TimerStartEvent } from './timer-events.js';
export type { Unit } from './unit.js';
