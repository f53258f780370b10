import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { flag, integer } from '../../core/option-values.js';

/** How profiles are taken, and what they may take up on disk. */
export interface ProfileOptions {
  /**
   * Where files go. Default: `hotpath-profiles-<user id>` in the system's folder for temporary files. Made on first use, for its owner only. A
   * symbolic link, a folder of another user, or one that others may write to, is refused.
   */
  readonly directory?: string;
  /** Profiles in the folder, those of other processes included; the oldest go first. Default 10. */
  readonly maxFiles?: number;
  /** Bytes of all profiles in the folder. Default 100 MB. */
  readonly maxBytes?: number;
  /** Pause after a profile on breach, until the next breach may start one. Default `'10m'`. */
  readonly cooldown?: Duration;
  /** Time between two samples of the stack, from 0.1 to 100 ms. Default `'1ms'`. */
  readonly samplingInterval?: Duration;
  /** Mean of the bytes allocated between two samples of the heap. Default 32768. */
  readonly heapSamplingBytes?: number;
  /** The longest profile that may be asked for. Default `'60s'`. */
  readonly maxDuration?: Duration;
  /** Whether the working folder and the home folder are cut off file names, in tables and in files. Default false. */
  readonly redactPaths?: boolean;
}

/** What starts a profile by itself. */
export interface ProfileOnBreach {
  /** Targets whose breach starts one: `'responseTimeP95'`, `['cpuUsage', 'memoryUsage']`. */
  readonly target?: string | readonly string[];
  /** Whether a critical alert that fires starts one. Default false. */
  readonly alert?: boolean;
  /** Default `'10s'`; at most `maxDuration` of the profile options. */
  readonly duration?: Duration;
  /** Default: `'heap'` where `memoryUsage` is breached, else `'cpu'`. */
  readonly kind?: 'cpu' | 'heap';
}

/** Defaults of {@link ProfileOptions} and {@link ProfileOnBreach}. */
export const PROFILE_DEFAULTS: Readonly<{
  maxFiles: number;
  maxBytes: number;
  cooldown: Duration;
  samplingInterval: Duration;
  heapSamplingBytes: number;
  maxDuration: Duration;
  redactPaths: boolean;
  breachDuration: Duration;
}> = Object.freeze({
  maxFiles: 10,
  maxBytes: 100 * 2 ** 20,
  cooldown: '10m',
  samplingInterval: '1ms',
  heapSamplingBytes: 32_768,
  maxDuration: '60s',
  redactPaths: false,
  breachDuration: '10s',
});

/** Options with every default in place. */
export interface ResolvedProfileOptions {
  /** `undefined`: the default, which only the file system can tell. */
  readonly directory: string | undefined;
  readonly maxFiles: number;
  readonly maxBytes: number;
  readonly cooldownMs: number;
  readonly samplingMicros: number;
  readonly heapSamplingBytes: number;
  readonly maxDurationMs: number;
  readonly redactPaths: boolean;
}

/** More samples than this make a file that no viewer opens, and a string that JavaScript may not hold. */
const MOST_SAMPLES = 1_000_000;

/** @throws InvalidOptionError naming the option as `profiles.<name>` */
export function resolveProfileOptions(options: ProfileOptions = {}): ResolvedProfileOptions {
  const d = PROFILE_DEFAULTS;
  checkOptions('profiles', options);
  checkNames('profiles.', options, ['directory', ...Object.keys(d).filter((name) => name !== 'breachDuration')]);
  const { directory, redactPaths = d.redactPaths } = options;
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw new InvalidOptionError('profiles.directory', 'the path of a folder', directory);
  }
  const samplingMs = toMs('profiles.samplingInterval', options.samplingInterval ?? d.samplingInterval);
  if (samplingMs < 0.1 || samplingMs > 100) {
    throw new InvalidOptionError('profiles.samplingInterval', "from 0.1 to 100 ms ('1ms')", options.samplingInterval);
  }
  const maxDuration = options.maxDuration ?? d.maxDuration;
  const maxDurationMs = toMs('profiles.maxDuration', maxDuration, { zero: false });
  if (maxDurationMs > MOST_SAMPLES * samplingMs) {
    const most = `at most ${MOST_SAMPLES} times profiles.samplingInterval (${samplingMs} ms)`;
    throw new InvalidOptionError('profiles.maxDuration', most, maxDuration);
  }
  return {
    directory,
    maxFiles: integer('profiles.maxFiles', options.maxFiles ?? d.maxFiles, 1, 1_000),
    maxBytes: integer('profiles.maxBytes', options.maxBytes ?? d.maxBytes, 1),
    cooldownMs: toMs('profiles.cooldown', options.cooldown ?? d.cooldown),
    samplingMicros: Math.round(samplingMs * 1_000),
    heapSamplingBytes: integer('profiles.heapSamplingBytes', options.heapSamplingBytes ?? d.heapSamplingBytes, 1_024),
    maxDurationMs,
    redactPaths: flag('profiles.redactPaths', redactPaths),
  };
}

/** {@link ProfileOnBreach} with every default in place. */
export interface ResolvedProfileOnBreach {
  readonly targets: ReadonlySet<string>;
  readonly alert: boolean;
  readonly durationMs: number;
  /** What to take when this target is breached; without one, when an alert fires. */
  kindFor(target?: string): 'cpu' | 'heap';
}

/**
 * @param known - the targets there are: a name that is none of them is an error
 * @throws InvalidOptionError naming the option as `profileOnBreach.<name>`
 */
export function resolveProfileOnBreach(
  given: ProfileOnBreach,
  known: readonly string[],
  profiles: ResolvedProfileOptions,
): ResolvedProfileOnBreach {
  checkOptions('profileOnBreach', given);
  checkNames('profileOnBreach.', given, ['target', 'alert', 'duration', 'kind']);
  const { target = [], kind } = given;
  const targets = new Set(typeof target === 'string' ? [target] : target);
  for (const name of targets) {
    if (known.includes(name)) continue;
    throw new InvalidOptionError('profileOnBreach.target', `a target (there are ${known.join(', ')})`, name);
  }
  const alert = flag('profileOnBreach.alert', given.alert ?? false);
  if (targets.size === 0 && !alert) {
    throw new InvalidOptionError('profileOnBreach', 'an object with a target, or with alert: true', given);
  }
  if (kind !== undefined) checkKind('profileOnBreach.kind', kind);
  const durationMs = toMs('profileOnBreach.duration', given.duration ?? PROFILE_DEFAULTS.breachDuration, {
    zero: false,
  });
  if (given.duration !== undefined && durationMs > profiles.maxDurationMs) {
    const most = `at most profiles.maxDuration (${profiles.maxDurationMs} ms)`;
    throw new InvalidOptionError('profileOnBreach.duration', most, given.duration);
  }
  return {
    targets,
    alert,
    durationMs: Math.min(durationMs, profiles.maxDurationMs),
    kindFor: (breached) => kind ?? (breached === 'memoryUsage' ? 'heap' : 'cpu'),
  };
}

/** @throws InvalidOptionError unless it is `'cpu'` or `'heap'` */
export function checkKind(option: string, value: unknown): asserts value is 'cpu' | 'heap' {
  if (value !== 'cpu' && value !== 'heap') throw new InvalidOptionError(option, "'cpu' or 'heap'", value);
}
