import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames } from '../../core/option-names.js';
import type { Labels } from '../exemplar.js';
import type { Unit } from '../unit.js';

const STATS = ['p50', 'p90', 'p95', 'p99', 'mean', 'max', 'min', 'ratePerMinute', 'count'] as const;

/** A figure of a metric that a target can be set for. */
export type TargetStat = (typeof STATS)[number];

/** A bound for a figure of a metric. */
export interface MetricTarget {
  /** A timer, or any other series: `ask`, `ask_first_chunk`, `process_memory`. */
  readonly metric: string;
  /**
   * Which of its figures is held to the bound, over the window. There is no verdict on a `ratePerMinute` while the monitor is younger
   * than a minute, nor on a `count` below its `min` while it is younger than the window.
   */
  readonly stat: TargetStat;
  /** The figure is to be at most this: in the metric's unit, or a duration for times. Either this or `min`. */
  readonly max?: number | Duration;
  /** The figure is to be at least this. */
  readonly min?: number | Duration;
  /** Only series with these labels; `''` stands for a label that is absent. */
  readonly labels?: Labels;
  /** What is looked at, in whole slots; no longer than the monitor's own window. Default: that. */
  readonly window?: Duration;
  /** With fewer values there is no verdict. Default 1. With 0, `count` and `ratePerMinute` of nothing are 0. */
  readonly minSamples?: number;
}

/** What a function of the host has measured. */
export interface Measurement {
  /** `null` without data. */
  readonly actual: number | null;
  readonly target: number;
  /** Whether `actual` must be at most or at least `target`. Default `'max'`. */
  readonly bound?: 'max' | 'min';
  /** Default `'count'`: a plain number. */
  readonly unit?: Unit | 'perMinute';
  /** Values behind `actual`. Default 1. */
  readonly samples?: number;
  readonly reason?: string;
  /** A verdict other than by `bound`. */
  readonly met?: boolean | null;
}

/** A target of the host: a bound for a metric, or a function that says how what the monitor can't know stands to its target. */
export type CustomTarget = MetricTarget | (() => Measurement);

/** A target of the host, checked. */
export type ResolvedCustomTarget =
  | { readonly kind: 'measured'; readonly measure: () => Measurement }
  | {
      readonly kind: 'metric';
      readonly metric: string;
      readonly stat: TargetStat;
      readonly bound: 'max' | 'min';
      readonly limit: number;
      /** Whether the limit was given as a duration: it means nothing to metrics that are no times. */
      readonly isTime: boolean;
      readonly labels: Labels | undefined;
      readonly windowMs: number | undefined;
      readonly minSamples: number;
    };

const FIELDS = ['metric', 'stat', 'max', 'min', 'labels', 'window', 'minSamples'];

/**
 * @param longestMs - the monitor's own window
 * @throws InvalidOptionError that names `option`, or the field of it that is wrong
 */
export function resolveCustomTarget(option: string, value: unknown, longestMs: number): ResolvedCustomTarget {
  if (typeof value === 'function') return { kind: 'measured', measure: value as () => Measurement };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const others = 'responseTimeP95, throughputPerMinute, memoryUsage and cpuUsage take values of their own';
    throw new InvalidOptionError(option, `false, { metric, stat, max or min }, or a function (${others})`, value);
  }
  checkNames(`${option}.`, value, FIELDS, { these: 'fields here are' });
  const { metric, stat, max, min, labels, window, minSamples } = value as Partial<MetricTarget>;
  if (typeof metric !== 'string' || metric === '') {
    throw new InvalidOptionError(`${option}.metric`, 'the name of a metric', metric);
  }
  if (stat === undefined || !STATS.includes(stat)) {
    throw new InvalidOptionError(`${option}.stat`, `one of ${STATS.join(', ')}`, stat);
  }
  if ((max === undefined) === (min === undefined))
    throw new InvalidOptionError(option, 'bound by either max or min', value);
  const bound = max === undefined ? 'min' : 'max';
  return {
    ...{ kind: 'metric', metric, stat, bound },
    ...resolveLimit(`${option}.${bound}`, stat, (max ?? min)!),
    labels: checkLabels(`${option}.labels`, labels),
    windowMs: window === undefined ? undefined : resolveWindow(`${option}.window`, window, longestMs),
    minSamples: checkMinSamples(`${option}.minSamples`, minSamples, stat),
  };
}

/** What is older than the monitor's window is gone: a longer one would be judged by less than it says. */
function resolveWindow(option: string, window: Duration, longestMs: number): number {
  const windowMs = toMs(option, window, { zero: false });
  if (windowMs <= longestMs) return windowMs;
  throw new InvalidOptionError(option, `at most the monitor's own window, ${longestMs} ms`, window);
}

function resolveLimit(option: string, stat: TargetStat, value: number | Duration): { limit: number; isTime: boolean } {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return { limit: value, isTime: false };
  if (stat === 'count' || stat === 'ratePerMinute' || typeof value === 'number') {
    throw new InvalidOptionError(option, 'a number, not negative', value);
  }
  return { limit: toMs(option, value), isTime: true };
}

function checkLabels(option: string, labels: unknown): Labels | undefined {
  if (labels === undefined) return undefined;
  const isPlain =
    typeof labels === 'object' &&
    labels !== null &&
    !Array.isArray(labels) &&
    Object.values(labels).every((value) => ['string', 'number', 'boolean'].includes(typeof value));
  if (!isPlain) throw new InvalidOptionError(option, 'an object of strings, numbers or booleans', labels);
  return { ...(labels as Labels) };
}

function checkMinSamples(option: string, value: number | undefined, stat: TargetStat): number {
  if (value === undefined) return 1;
  const least = stat === 'count' || stat === 'ratePerMinute' ? 0 : 1;
  if (Number.isInteger(value) && value >= least) return value;
  throw new InvalidOptionError(option, `a whole number from ${least} on`, value);
}
