import type { LevelThresholds, MemoryLevel } from './memory-level.js';

/** Of one level: whether it is on, and since when the share has been low enough to end it. */
interface Switch {
  readonly isOn: boolean;
  readonly lowSince?: number;
}

/** The three levels above normal, each a switch of its own. */
export type LevelSwitches = Readonly<Record<keyof LevelThresholds, Switch>>;

/** When levels begin and end. */
export interface LevelRules {
  readonly levels: LevelThresholds;
  readonly hysteresis: number;
  readonly dwellMs: number;
}

export const ALL_OFF: LevelSwitches = Object.freeze({
  elevated: Object.freeze({ isOn: false }),
  high: Object.freeze({ isOn: false }),
  critical: Object.freeze({ isOn: false }),
});

/**
 * Takes in a look at memory. A level begins at once at its threshold. It ends when the share has been below threshold less hysteresis
 * at every look for the dwell time: memory that hovers at a threshold does not flap. Each level for itself, so that after a
 * fall through several all of them end together.
 */
export function switched(switches: LevelSwitches, fraction: number, now: number, rules: LevelRules): LevelSwitches {
  const after = (name: keyof LevelThresholds): Switch => next(switches[name], fraction, rules.levels[name], now, rules);
  return { elevated: after('elevated'), high: after('high'), critical: after('critical') };
}

/** The worst level that is on. */
export function levelOn({ elevated, high, critical }: LevelSwitches): MemoryLevel {
  if (critical.isOn) return 'critical';
  if (high.isOn) return 'high';
  return elevated.isOn ? 'elevated' : 'normal';
}

function next({ isOn, lowSince }: Switch, fraction: number, threshold: number, now: number, rules: LevelRules): Switch {
  if (fraction >= threshold) return { isOn: true };
  if (!isOn) return { isOn: false };
  if (fraction >= threshold - rules.hysteresis) return { isOn: true };
  // A host's clock may be set back: then nothing is known of how long.
  const since = lowSince === undefined || lowSince > now ? now : lowSince;
  return now - since >= rules.dwellMs ? { isOn: false } : { isOn: true, lowSince: since };
}
