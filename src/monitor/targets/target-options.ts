import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames } from '../../core/option-names.js';
import { type CustomTarget, type ResolvedCustomTarget, resolveCustomTarget } from './custom-target.js';

/** Requests a minute that are to be answered, and when that is judged. */
export interface ThroughputTarget {
  /** Requests a minute, above 0. */
  readonly min: number;
  /**
   * `measured` judges while at least as much is asked for; `always` whenever anything is asked for. Default `'measured'`.
   */
  readonly demand?: 'measured' | 'always';
}

/** What is to be held. `false` switches one off; further names are targets of your own. */
export interface TargetOptions {
  /** 95 % of the operation's requests take at most this. Default `'3s'`. */
  readonly responseTimeP95?: Duration | false;
  /** Requests of the operation answered a minute, while as many are asked for. Default 100. */
  readonly throughputPerMinute?: number | false | ThroughputTarget;
  /** Memory in use by memory there is stays below this share, 0 to 1. Default 0.8. */
  readonly memoryUsage?: number | false;
  /** Process CPU by the cores it may use, and event-loop utilisation, stay below this share on average. Default 0.8. */
  readonly cpuUsage?: number | false;
  readonly [name: string]: Duration | false | ThroughputTarget | CustomTarget;
}

/** Defaults of {@link TargetOptions}. */
export const TARGET_DEFAULTS: Readonly<{
  responseTimeP95: Duration;
  throughputPerMinute: number;
  memoryUsage: number;
  cpuUsage: number;
}> = Object.freeze({ responseTimeP95: '3s', throughputPerMinute: 100, memoryUsage: 0.8, cpuUsage: 0.8 });

/** Targets with defaults, checked. What is switched off is `undefined`. */
export interface ResolvedTargets {
  readonly responseTimeMs: number | undefined;
  readonly throughput: Required<ThroughputTarget> | undefined;
  readonly memoryUsage: number | undefined;
  readonly cpuUsage: number | undefined;
  readonly custom: ReadonlyMap<string, ResolvedCustomTarget>;
}

/**
 * @param windowMs - the monitor's own window: what targets may look at
 * @throws InvalidOptionError that names the target: `targets.memoryUsage`
 */
export function resolveTargets(
  options: TargetOptions = {},
  windowMs: number = Number.POSITIVE_INFINITY,
): ResolvedTargets {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError('targets', 'an object of targets by name', options);
  }
  const { responseTimeP95, throughputPerMinute, memoryUsage, cpuUsage } = { ...TARGET_DEFAULTS, ...given(options) };
  const custom = Object.entries(options).filter(
    ([name, value]) => !Object.hasOwn(TARGET_DEFAULTS, name) && value !== undefined && value !== false,
  );
  return {
    responseTimeMs:
      responseTimeP95 === false
        ? undefined
        : toMs('targets.responseTimeP95', responseTimeP95, { zero: false, infinite: false }),
    throughput: throughputPerMinute === false ? undefined : resolveThroughput(throughputPerMinute),
    memoryUsage: memoryUsage === false ? undefined : checkShare('targets.memoryUsage', memoryUsage),
    cpuUsage: cpuUsage === false ? undefined : checkShare('targets.cpuUsage', cpuUsage),
    custom: new Map(custom.map(([name, value]) => [name, resolveCustomTarget(`targets.${name}`, value, windowMs)])),
  };
}

/** Names of the targets there are. */
export function targetNames({ custom, ...own }: ResolvedTargets): string[] {
  const names = { responseTimeP95: own.responseTimeMs, throughputPerMinute: own.throughput };
  const all = { ...names, memoryUsage: own.memoryUsage, cpuUsage: own.cpuUsage };
  return [...Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [name])), ...custom.keys()];
}

/** Without what is there and `undefined`. */
function given(options: TargetOptions): TargetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function resolveThroughput(value: number | ThroughputTarget): Required<ThroughputTarget> {
  const option = 'targets.throughputPerMinute';
  if (typeof value !== 'object' || value === null) return { min: checkRate(option, value), demand: 'measured' };
  checkNames(`${option}.`, value, ['min', 'demand'], { these: 'fields here are' });
  const { min, demand = 'measured' } = value;
  if (demand !== 'measured' && demand !== 'always') {
    throw new InvalidOptionError(`${option}.demand`, "'measured' or 'always'", demand);
  }
  return { min: checkRate(`${option}.min`, min), demand };
}

function checkRate(option: string, value: number): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidOptionError(option, 'a number of requests a minute above 0', value);
}

function checkShare(option: string, value: number): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  throw new InvalidOptionError(option, 'a share above 0 and at most 1, as in 0.8 for 80 %', value);
}
