import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { atLeast, integer } from '../../core/option-values.js';
import type { JudgeSettings } from './judge-leak.js';

/** What counts as a leak, and what is done about one. */
export interface LeakWatchOptions {
  /**
   * The time that is judged, 1 s to 7 days. Default `'10m'`. Four and sixteen windows are judged as well, where 0.4 of `growth` must be added
   * in each. What is slower is not seen: watch with a longer window too, as often as you like. What is not registered and takes longer than
   * the window to fill for the first time looks like a leak.
   */
  readonly window?: Duration;
  /** Major collections there must be in the window, 6 to 1000. Default 8. */
  readonly minPoints?: number;
  /**
   * Least growth over the window, as a share of what was alive at its beginning. Above 0; default 0.1. A fifth of it is enough where a limit
   * would be reached within 48 windows. Growth below 1 Mb never counts.
   */
  readonly growth?: number;
  /** How sure the trend must be, 0.9 to 0.9999. Default 0.99. */
  readonly confidence?: number;
  /** What is alive in this time from the beginning of the watch does not count. Default: a tenth of the window. */
  readonly warmUp?: Duration;
  /**
   * Length of the sampling heap profile that a suspicion starts; `false` for none. 10 ms to 10 minutes; default `'30s'`, and none where the manager's
   * `gc` is `off`: its end collects the whole heap and stops the thread, some 100 ms for 100 Mb.
   */
  readonly profile?: Duration | false;
  /** Shortest time from one report to the next about the same memory. Default: the window. */
  readonly cooldown?: Duration;
}

/** Defaults of {@link LeakWatchOptions}; `warmUp` and `cooldown` follow from the window. */
export const LEAK_DEFAULTS: Readonly<{
  window: Duration;
  minPoints: number;
  growth: number;
  confidence: number;
  profile: Duration;
}> = Object.freeze({ window: '10m', minPoints: 8, growth: 0.1, confidence: 0.99, profile: '30s' });

/** Options with every default in place. */
export interface LeakSettings extends JudgeSettings {
  readonly warmUpMs: number;
  /** `undefined` for no profile. */
  readonly profileMs: number | undefined;
  readonly cooldownMs: number;
}

const NAMES: readonly string[] = [...Object.keys(LEAK_DEFAULTS), 'warmUp', 'cooldown'];
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const WARM_UP_SHARE = 0.1;

/** @throws InvalidOptionError */
export function resolveLeakOptions(options: LeakWatchOptions = {}): LeakSettings {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const d = LEAK_DEFAULTS;
  const { profile = d.profile, warmUp, cooldown } = options;
  const windowMs = within('window', options.window ?? d.window, SECOND, 7 * DAY);
  const growth = options.growth ?? d.growth;
  if (!(typeof growth === 'number' && growth > 0 && Number.isFinite(growth))) {
    throw new InvalidOptionError('growth', 'a share above 0 (0.1 is 10 %)', growth);
  }
  return {
    windowMs,
    minPoints: integer('minPoints', options.minPoints ?? d.minPoints, 6, 1_000),
    growth,
    confidence: atLeast('confidence', options.confidence ?? d.confidence, 0.9, 0.9999),
    warmUpMs: warmUp === undefined ? windowMs * WARM_UP_SHARE : toMs('warmUp', warmUp, { infinite: false }),
    profileMs: profile === false ? undefined : within('profile', profile, 10, 10 * MINUTE),
    cooldownMs: cooldown === undefined ? windowMs : toMs('cooldown', cooldown),
  };
}

function within(option: string, value: Duration, least: number, most: number): number {
  const ms = toMs(option, value);
  if (ms >= least && ms <= most) return ms;
  throw new InvalidOptionError(option, `a duration of ${least} to ${most} ms`, value);
}
