import type { Unit } from '../unit.js';

/** A target beside what was measured. */
export interface TargetResult {
  /** `null` when there is nothing to judge by: `reason` says why. */
  readonly met: boolean | null;
  /** In `unit`; `null` without data. */
  readonly actual: number | null;
  /** What is asked for, in `unit`; `null` where a function of the host has not said it. */
  readonly target: number | null;
  readonly unit: Unit | 'perMinute';
  /** Whether the actual value must be at most or at least the target. */
  readonly bound: 'max' | 'min';
  /** Values, requests or samples behind the figure. */
  readonly samples: number;
  /** `low` where too few values, or too little time, carry it. */
  readonly confidence: 'low' | 'high';
  /** Why there is no verdict, or what limits it. */
  readonly reason?: string;
  /** The time that is judged, up to now: the monitor's window, or the target's own; `null` for functions, which have their own. */
  readonly windowMs: number | null;
}

/** A target beside what was measured, whatever the time that it is judged over. */
export type Judgement = Omit<TargetResult, 'windowMs'>;
