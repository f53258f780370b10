import type { Exemplar } from '../exemplar.js';
import type { AlertUnit } from './alert-status.js';

/** An alert that fires or has resolved. Times are milliseconds since the epoch; value, threshold and worst are in `unit`. */
export interface AlertEvent {
  /** Names one firing, in every message about it, across processes. */
  readonly incident: string;
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  /** What the rule looks at, for people: `ask p95 above 3000 ms over 5m`. */
  readonly condition: string;
  /** `null` where it resolves because there is no data any more. */
  readonly value: number | null;
  /** `null` where the condition is a function. */
  readonly threshold: number | null;
  /** The value furthest beyond the threshold so far; where a function decides, the last one for which it held. */
  readonly worst: number | null;
  readonly unit: AlertUnit;
  /** Over how long the metric was looked at; `null` for a target, which has its own. */
  readonly windowMs: number | null;
  /** Values behind the figure. */
  readonly samples: number;
  /** When the condition began to hold: `for` before it fired. */
  readonly startedAt: number;
  /** When it fired, or resolved. */
  readonly at: number;
  /** Since `startedAt`. */
  readonly durationMs: number;
  /** The slowest request, or largest value, of the window in which it fired. */
  readonly exemplar?: Exemplar;
  /** Path of a profile that was taken meanwhile. */
  readonly profile?: string;
  /** How often the message was repeated before (`repeatEvery`); absent on the first. */
  readonly repeated?: number;
  /** Absent while it fires. */
  readonly resolvedAt?: number;
}

/** One message to a sink. */
export type AlertMessage = AlertEvent & { readonly state: 'firing' | 'resolved' };
