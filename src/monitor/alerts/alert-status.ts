import type { Unit } from '../unit.js';

/**
 * Where a rule stands. `pending`: the condition holds, not yet for long enough; `firing`; `resolving`: it fired, and has been
 * better than the resolve threshold, not yet for long enough.
 */
export type AlertState = 'inactive' | 'pending' | 'firing' | 'resolving';

/** What an alert's figures are in. */
export type AlertUnit = Unit | 'perMinute';

/** A rule and where it stands. Value and threshold are in `unit`. */
export interface AlertStatus {
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  readonly state: AlertState;
  /** When it came into this state, milliseconds since the epoch. */
  readonly since: number;
  /** The last value; `null` without data. */
  readonly value: number | null;
  /** `null` before the first look, and where the condition is a function. */
  readonly threshold: number | null;
  /** `null` as long as nothing has told it: the metric was never recorded. */
  readonly unit: AlertUnit | null;
  /** Names one firing from `alert` to `resolved`. */
  readonly incident?: string;
  /** What it looks at, for people: `ask p95 above 3000 ms over 5m`. */
  readonly condition: string;
}
