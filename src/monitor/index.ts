export type { Clock } from '../core/clock.js';
export type { Duration } from '../core/duration.js';
export { HotpathError, InvalidOptionError } from '../core/errors.js';
export type { Logger } from '../core/logger.js';
export type { Mode } from '../core/mode.js';
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
export type { AlertState, AlertStatus } from './alerts/alert-status.js';
export type { AttachmentKind, AttachmentReading } from './attachments/attachment-reading.js';
export type { ChannelOptions } from './attachments/channel-counts.js';
export type { DashboardOptions, ServeDashboardOptions, ServedDashboard } from './dashboard-source.js';
export type { Distribution } from './distribution.js';
export type { Exemplar, Labels, Metadata, StageTime } from './exemplar.js';
export type { Mark } from './mark.js';
export type { MetricStats, Percentile } from './metric-stats.js';
export type { MonitorEvents } from './monitor-events.js';
export { MONITOR_DEFAULTS, type PerformanceMonitorOptions } from './monitor-options.js';
export { type AnyWrapper, type CallLabels, type MonitorSource, monitorPerformance } from './monitor-performance.js';
export type { DemandSlot, MonitorReader, SeriesReader, TimelinePoint } from './monitor-reader.js';
export { PerformanceMonitor, type StatsOptions } from './performance-monitor.js';
export type { ProfileRequest } from './profiler-source.js';
export type { ProfileEntry } from './profiling/profile-entry.js';
export { PROFILE_DEFAULTS, type ProfileOnBreach, type ProfileOptions } from './profiling/profile-options.js';
export type { ResourceReading } from './resource-reading.js';
export type { SeriesHandle } from './series.js';
export type { TargetResult } from './targets/target-result.js';
export type { Timer, TimerEnd } from './timer.js';
export type { Unit } from './unit.js';
