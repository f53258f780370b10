import { type Clock, systemClock } from '../core/clock.js';
import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { checkMode, type Mode } from '../core/mode.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import type { AlertSinkLike } from './alerts/alert-sinks.js';
import { checkMetricName } from './metric-name.js';
import type { ProcessReader } from './process-reader.js';
import type { ProfileOnBreach, ProfileOptions } from './profiling/profile-options.js';
import type { TargetOptions } from './targets/target-options.js';
import { isUnit, UNITS, type Unit } from './unit.js';

/** Options of a {@link PerformanceMonitor}. */
export interface PerformanceMonitorOptions {
  /** The timer that the response-time and throughput targets judge. Default `'request'`. */
  readonly operation?: string;
  /** What is to be held; `false` switches one off. Others can be added under names of your own. */
  readonly targets?: TargetOptions;
  /** The longest window that figures can be read over, 1 minute to 7 days. Default `'1h'`. It is divided into 60 slots. */
  readonly window?: Duration;
  /** Most series at a time, 1 to 10,000; what has no place is counted in overflow series. Default 200. */
  readonly maxSeries?: number;
  /** How often process, attached modules and alerts are looked at, 100 ms to 1 minute. Default `'1s'`. */
  readonly interval?: Duration;
  /** Units of metrics by name, where they are not times. A name that is not here is a plain number when it is first recorded. */
  readonly units?: Readonly<Record<string, Unit>>;
  /** `off` records nothing and looks at nothing; `observe` records, and raises no alerts and makes no profiles by itself. Default `'on'`. */
  readonly mode?: Mode;
  /** Told of alerts, each for itself, bounded and de-duplicated. */
  readonly sinks?: readonly AlertSinkLike[];
  /** Where profiles are kept, and how many. */
  readonly profiles?: ProfileOptions;
  /** Makes a profile when a target is missed. Off by default. */
  readonly profileOnBreach?: ProfileOnBreach;
  /** Memory that this process may take. Default: the container's limit, else what the machine has. */
  readonly memoryLimitBytes?: number;
  /** Begins every name in the Prometheus text. Default `'hotpath_'`. */
  readonly prefix?: string;
  /** Where time comes from. Default: the system's, which never steps back; tests bring their own. */
  readonly clock?: Clock;
  /** Takes warnings, at most one a minute of each kind, with the data first, as pino does. Default: none. */
  readonly logger?: Logger;
  /** Where figures of the process are read; for tests. */
  readonly processReader?: ProcessReader;
}

/** Defaults of {@link PerformanceMonitorOptions}. Those of targets, alerts and profiles stand beside them. */
export const MONITOR_DEFAULTS: Readonly<{
  operation: string;
  window: Duration;
  maxSeries: number;
  interval: Duration;
  mode: Mode;
  prefix: string;
}> = Object.freeze({
  operation: 'request',
  window: '1h',
  maxSeries: 200,
  interval: '1s',
  mode: 'on',
  prefix: 'hotpath_',
});

/** Options with defaults, checked. */
export interface ResolvedMonitorOptions {
  readonly operation: string;
  readonly windowMs: number;
  readonly maxSeries: number;
  readonly intervalMs: number;
  readonly units: Readonly<Record<string, Unit>>;
  readonly mode: Mode;
  readonly sinks: readonly AlertSinkLike[];
  readonly memoryLimitBytes: number | undefined;
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

const NAMES: readonly string[] = [
  ...Object.keys(MONITOR_DEFAULTS),
  ...[
    'targets',
    'units',
    'sinks',
    'profiles',
    'profileOnBreach',
    'memoryLimitBytes',
    'clock',
    'logger',
    'processReader',
  ],
];
const MINUTE = 60_000;
const MOST_SERIES = 10_000;
const PREFIX = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** @throws InvalidOptionError */
export function resolveMonitorOptions(options: PerformanceMonitorOptions): ResolvedMonitorOptions {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const { operation, window, maxSeries, interval, mode, prefix } = { ...MONITOR_DEFAULTS, ...given(options) };
  checkMetricName(operation);
  if (!Number.isInteger(maxSeries) || maxSeries < 1 || maxSeries > MOST_SERIES) {
    throw new InvalidOptionError('maxSeries', `a whole number from 1 to ${MOST_SERIES}`, maxSeries);
  }
  if (typeof prefix !== 'string' || (prefix !== '' && !PREFIX.test(prefix))) {
    throw new InvalidOptionError('prefix', 'letters, digits and _, as in hotpath_', prefix);
  }
  return {
    operation,
    windowMs: within('window', window, MINUTE, 7 * 24 * 60 * MINUTE),
    maxSeries,
    intervalMs: within('interval', interval, 100, MINUTE),
    units: checkUnits(options.units),
    mode: checkMode(mode),
    sinks: checkList(options.sinks),
    memoryLimitBytes: checkBytes(options.memoryLimitBytes),
    prefix,
    clock: options.clock ?? systemClock(),
    logger: options.logger,
  };
}

/** Without what is there and `undefined`. */
function given(options: PerformanceMonitorOptions): PerformanceMonitorOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function within(option: string, value: Duration, least: number, most: number): number {
  const ms = toMs(option, value);
  if (ms < least || ms > most) throw new InvalidOptionError(option, `a duration of ${least} to ${most} ms`, value);
  return ms;
}

function checkUnits(units: unknown): Readonly<Record<string, Unit>> {
  if (units === undefined) return {};
  if (typeof units !== 'object' || units === null)
    throw new InvalidOptionError('units', 'an object of units by name', units);
  for (const [name, unit] of Object.entries(units)) {
    if (!isUnit(unit)) throw new InvalidOptionError(`units.${name}`, `one of ${Object.keys(UNITS).join(', ')}`, unit);
  }
  return Object.assign(Object.create(null) as Record<string, Unit>, units);
}

function checkList(sinks: unknown): readonly AlertSinkLike[] {
  if (sinks === undefined) return [];
  if (!Array.isArray(sinks)) throw new InvalidOptionError('sinks', 'a list of alert sinks', sinks);
  return sinks as AlertSinkLike[];
}

function checkBytes(bytes: unknown): number | undefined {
  if (bytes === undefined) return undefined;
  if (typeof bytes !== 'number' || !(bytes > 0)) {
    throw new InvalidOptionError('memoryLimitBytes', 'a number of bytes above 0', bytes);
  }
  return bytes;
}
