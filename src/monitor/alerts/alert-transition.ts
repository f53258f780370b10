/**
 * Where an alert stands, since when (milliseconds since the epoch), and from the first firing on: when the condition began to
 * hold. What the states mean: {@link AlertState}.
 */
export type AlertPhase =
  | { readonly kind: 'inactive' | 'pending'; readonly since: number }
  | { readonly kind: 'firing' | 'resolving'; readonly since: number; readonly startedAt: number };

/**
 * What a look has found. `between`: the condition does not hold, but it is not better than the resolve threshold either;
 * `unknown`: there is no data.
 */
export type AlertVerdict = 'breached' | 'between' | 'better' | 'unknown';

/** How long what must last. */
export interface AlertHolds {
  readonly forMs: number;
  readonly keepFiringMs: number;
  readonly onNoData: 'keep' | 'resolve';
}

/**
 * The phase after a look at `at`. The same object when nothing changes. Holds of 0 pass `pending` and `resolving` by: an alert
 * fires, or resolves, at the look that finds it.
 *
 * What resolves does so only if it was better at every look: anything else makes it firing again, the same incident.
 */
export function nextPhase(phase: AlertPhase, verdict: AlertVerdict, at: number, holds: AlertHolds): AlertPhase {
  if (verdict === 'unknown' && holds.onNoData === 'keep') return phase;
  const isBreached = verdict === 'breached';
  const isBetter = verdict === 'better' || verdict === 'unknown';
  switch (phase.kind) {
    case 'inactive':
      if (!isBreached) return phase;
      return holds.forMs > 0 ? { kind: 'pending', since: at } : { kind: 'firing', since: at, startedAt: at };
    case 'pending':
      if (!isBreached) return { kind: 'inactive', since: at };
      return at - phase.since >= holds.forMs ? { kind: 'firing', since: at, startedAt: phase.since } : phase;
    case 'firing':
      if (!isBetter) return phase;
      return holds.keepFiringMs > 0
        ? { kind: 'resolving', since: at, startedAt: phase.startedAt }
        : { kind: 'inactive', since: at };
    case 'resolving':
      if (!isBetter) return { kind: 'firing', since: at, startedAt: phase.startedAt };
      return at - phase.since >= holds.keepFiringMs ? { kind: 'inactive', since: at } : phase;
  }
}
