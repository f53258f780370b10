import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import type { Labels } from './exemplar.js';
import { checkLabels } from './labels.js';
import type { Unit } from './unit.js';

/** What `getMetricStats` is to look at. */
export interface StatsOptions {
  /** Default: the monitor's whole window. Whole slots are read. */
  readonly window?: Duration;
  /** Only series with these labels; `''` stands for a label that is absent. */
  readonly labels?: Labels;
}

/** What a series that is bound once is to be. */
export interface SeriesOptions {
  /** Default: the unit that the name has already, else the one in the monitor's `units`, else a plain number. */
  readonly unit?: Unit;
}

const STATS_NAMES: readonly string[] = ['window', 'labels'];
const SERIES_NAMES: readonly string[] = ['unit'];

/**
 * Options of `getMetricStats` as readers take them.
 *
 * @throws InvalidOptionError, for a window that is longer than the monitor's too
 */
export function resolveStatsOptions(options: StatsOptions, longestMs: number): { windowMs?: number; labels?: Labels } {
  checkOptions('options', options);
  checkNames('', options, STATS_NAMES);
  const { window, labels } = options;
  checkLabels(labels);
  return {
    ...(window !== undefined && { windowMs: windowOf(window, longestMs) }),
    ...(labels !== undefined && { labels }),
  };
}

/** The unit that a call of `series` has stated. @throws InvalidOptionError for an option that there is not */
export function statedUnit(options: SeriesOptions | undefined): Unit | undefined {
  if (options === undefined) return undefined;
  checkOptions('options', options);
  checkNames('', options, SERIES_NAMES);
  return options.unit;
}

function windowOf(window: Duration, longestMs: number): number {
  const ms = toMs('window', window, { zero: false });
  if (ms <= longestMs) return ms;
  throw new InvalidOptionError('window', `at most the monitor's own, ${longestMs} ms`, window);
}
