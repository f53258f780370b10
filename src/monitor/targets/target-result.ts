import type { Unit } from '../unit.js';

/** A target beside what was measured. */
export interface TargetResult {
  /** `null` when there is nothing to judge by: `reason` says why. */
  readonly met: boolean | null;
  /** In `unit`; `null` without data. */
  readonly actual: number | null;
  readonly target: number;
  readonly unit: Unit | 'perMinute';
  /** Whether the actual value must be at most or at least the target. */
  readonly bound: 'max' | 'min';
  /** Values, requests or samples behind the figure. */
  readonly samples: number;
  /** `low` where too few values carry it. */
  readonly confidence: 'low' | 'high';
  /** Why there is no verdict, or what limits it. */
  readonly reason?: string;
}
