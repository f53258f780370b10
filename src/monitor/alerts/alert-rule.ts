import type { Duration } from '../../core/duration.js';
import type { Labels } from '../exemplar.js';
import type { MetricStats, Percentile } from '../metric-stats.js';

/** What of a metric a rule looks at. */
export type AlertStat = Percentile | 'mean' | 'max' | 'min' | 'count' | 'ratePerMinute';

/** A bound that a value is strictly above or below: a number in the unit of what is looked at; of a time, also `'3s'`. */
export type AlertThreshold =
  | { readonly above: Duration; readonly below?: never }
  | { readonly below: Duration; readonly above?: never };

/** What rules of both kinds may say. */
export interface AlertRuleOptions {
  /** Names the alert, once per monitor. Default: what it looks at, `ask p95 above 3s`. */
  readonly name?: string;
  /** How long the condition must hold before the alert fires. Default 0: at once. */
  readonly for?: Duration;
  /** How long it must have been better before the alert resolves. Default 0: at once. */
  readonly keepFiring?: Duration;
  /**
   * What a look without data does. `'resolve'` (the default) takes it for better: a pending alert is dropped, a firing one
   * resolves once that has lasted for `keepFiring`. `'keep'` lets it change nothing, while time goes on counting.
   */
  readonly onNoData?: 'keep' | 'resolve';
  /** Default `'warning'`. */
  readonly severity?: 'warning' | 'critical';
  /** How often sinks are told again while the alert fires. Default: never, one message per incident and state. */
  readonly repeatEvery?: Duration;
}

/** Fires by the figures of a metric. */
export interface MetricAlertRule extends AlertRuleOptions {
  /** A timer, or any other series: `ask`, `ask_stage`, `process_memory`, `event_loop_utilization`. */
  readonly metric: string;
  /**
   * Default `'p95'` of times, else `'mean'`. `ratePerMinute` is no data while the monitor is younger than a minute, and a `count` below
   * its bound while it is younger than the window.
   */
  readonly stat?: AlertStat;
  /** Only series with these labels; `''` stands for a label that is absent. */
  readonly labels?: Labels;
  /** Over how long the metric is looked at. No longer than the monitor's own window. Default `'5m'`, or that. */
  readonly window?: Duration;
  /** The condition. A function that throws, or answers anything but a boolean, leaves the alert as it is, and is reported. */
  readonly when: AlertThreshold | ((value: number, stats: MetricStats) => boolean);
  /** When a firing alert counts as better: a bound on the better side of `when`, or a function. Default: not `when`. */
  readonly resolve?: AlertThreshold | ((value: number) => boolean);
  /**
   * With fewer values in the window there is no data. Default 1. A p95 rests on 20 values and more. 0 takes an empty window of
   * `count` and `ratePerMinute` for 0: `{ metric: 'heartbeat', stat: 'count', when: { below: 1 }, minCount: 0 }`.
   */
  readonly minCount?: number;
}

/** Fires while a target of the monitor is not met; `met: null` is no data. */
export interface TargetAlertRule extends AlertRuleOptions {
  /** Name of the target, as in `checkPerformanceTargets()`. */
  readonly target: string;
  /** With fewer samples behind the target's figure there is no data. Default 1. */
  readonly minCount?: number;
}

/** When to raise an alert. */
export type AlertRule = MetricAlertRule | TargetAlertRule;

/** Defaults of {@link AlertRule}, and the bounds of what a monitor keeps of alerts. */
export const ALERT_DEFAULTS: Readonly<{
  window: Duration;
  for: Duration;
  keepFiring: Duration;
  minCount: number;
  onNoData: 'keep' | 'resolve';
  severity: 'warning' | 'critical';
  /** Rules at a time. */
  maxRules: number;
  /** Incidents in the history. */
  maxHistory: number;
}> = Object.freeze({
  window: '5m',
  for: 0,
  keepFiring: 0,
  minCount: 1,
  onNoData: 'resolve',
  severity: 'warning',
  maxRules: 100,
  maxHistory: 100,
});
