import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames } from '../../core/option-names.js';
import { integer, oneOf, text } from '../../core/option-values.js';
import type { Labels } from '../exemplar.js';
import { checkLabels } from '../labels.js';
import type { MetricStats } from '../metric-stats.js';
import { ruleName } from './alert-condition.js';
import {
  ALERT_DEFAULTS,
  type AlertRule,
  type AlertStat,
  type AlertThreshold,
  type TargetAlertRule,
} from './alert-rule.js';
import type { AlertHolds } from './alert-transition.js';

/** A bound, or the host's own test. `isTime`: given as a text such as `'3s'`, so the metric must be one of times. */
export type AlertTest =
  | { readonly kind: 'above' | 'below'; readonly value: number; readonly isTime: boolean }
  | { readonly kind: 'function'; readonly test: (value: number, stats: MetricStats) => unknown };

/** What a rule looks at. */
export type AlertSubject =
  | {
      readonly kind: 'metric';
      readonly metric: string;
      /** `undefined`: by the unit of the metric. */
      readonly stat: AlertStat | undefined;
      readonly labels: Labels | undefined;
      readonly windowMs: number;
      readonly minCount: number;
      readonly when: AlertTest;
      /** `undefined`: not `when`. */
      readonly resolve: AlertTest | undefined;
    }
  | { readonly kind: 'target'; readonly target: string; readonly minCount: number };

/** A rule with defaults filled in and durations in milliseconds. */
export interface ResolvedRule extends AlertHolds {
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  /** Infinity: never. */
  readonly repeatEveryMs: number;
  readonly subject: AlertSubject;
}

const SHARED = ['name', 'for', 'keepFiring', 'onNoData', 'severity', 'repeatEvery'];
const OF_METRIC = [...SHARED, 'metric', 'stat', 'labels', 'window', 'when', 'resolve', 'minCount'];
const OF_TARGET = [...SHARED, 'target', 'minCount'];
const STATS: readonly AlertStat[] = ['p50', 'p90', 'p95', 'p99', 'mean', 'max', 'min', 'count', 'ratePerMinute'];

/**
 * @param known - the monitor's window, and what names its targets
 * @throws InvalidOptionError naming the option, what is expected and what was given
 */
export function resolveRule(
  rule: AlertRule,
  known: { windowMs: number; targets: () => readonly string[] },
): ResolvedRule {
  if (typeof rule !== 'object' || rule === null) {
    throw new InvalidOptionError('rule', 'an object with metric and when, or with target', rule);
  }
  const isTarget = 'target' in rule && rule.target !== undefined;
  checkNames('', rule, isTarget ? OF_TARGET : OF_METRIC, {
    these: `a rule by ${isTarget ? 'target' : 'metric'} has`,
  });
  const d = ALERT_DEFAULTS;
  const finite = { infinite: false };
  const subject = isTarget ? targetOf(rule, known.targets()) : metricOf(rule as Partial<MetricFields>, known.windowMs);
  return {
    name: rule.name === undefined ? ruleName(subject) : text('name', rule.name),
    severity: oneOf('severity', rule.severity ?? d.severity, ['warning', 'critical']),
    forMs: toMs('for', rule.for ?? d.for, finite),
    keepFiringMs: toMs('keepFiring', rule.keepFiring ?? d.keepFiring, finite),
    onNoData: oneOf('onNoData', rule.onNoData ?? d.onNoData, ['keep', 'resolve']),
    repeatEveryMs: toMs('repeatEvery', rule.repeatEvery ?? Number.POSITIVE_INFINITY, { zero: false }),
    subject,
  };
}

type MetricFields = Record<'metric' | 'stat' | 'labels' | 'window' | 'when' | 'resolve' | 'minCount', never>;

function targetOf(rule: TargetAlertRule, known: readonly string[]): AlertSubject {
  const target = oneOf('target', text('target', rule.target), known);
  const minCount = integer('minCount', rule.minCount ?? ALERT_DEFAULTS.minCount, 0);
  if (minCount === 0) throw new InvalidOptionError('minCount', '1 or more: a target without samples has no verdict', 0);
  return { kind: 'target', target, minCount };
}

function metricOf(rule: Partial<MetricFields>, longestMs: number): AlertSubject {
  const metric = text('metric', rule.metric);
  const stat = rule.stat === undefined ? undefined : oneOf<AlertStat>('stat', rule.stat, STATS);
  checkLabels(rule.labels);
  const windowMs = windowOf(rule.window, longestMs);
  const when = testOf('when', rule.when, stat);
  const resolve = rule.resolve === undefined ? undefined : testOf('resolve', rule.resolve, stat);
  if (resolve) checkSides(when, resolve, rule.resolve);
  const minCount = minCountOf(rule.minCount ?? ALERT_DEFAULTS.minCount, stat, when);
  // Copied: what the host does with its object later is nothing to the rule.
  const labels = rule.labels === undefined ? undefined : { ...(rule.labels as Labels) };
  return { kind: 'metric', metric, stat, labels, windowMs, minCount, when, resolve };
}

function windowOf(given: Duration | undefined, longestMs: number): number {
  if (given === undefined) return Math.min(toMs('window', ALERT_DEFAULTS.window), longestMs);
  const windowMs = toMs('window', given, { zero: false });
  if (windowMs <= longestMs) return windowMs;
  throw new InvalidOptionError('window', `at most the monitor's own window, ${longestMs} ms`, given);
}

function testOf(option: 'when' | 'resolve', given: unknown, stat: AlertStat | undefined): AlertTest {
  if (typeof given === 'function') return { kind: 'function', test: given as (value: number) => unknown };
  const bounds = Object.entries((given ?? {}) as AlertThreshold).filter(([, value]) => value !== undefined);
  const [kind, value] = bounds[0] ?? [];
  if (bounds.length !== 1 || (kind !== 'above' && kind !== 'below')) {
    throw new InvalidOptionError(option, 'either { above: ... } or { below: ... }, or a function', given);
  }
  return { kind, ...boundOf(`${option}.${kind}`, value, kind, stat) };
}

/** No value is ever negative: a bound below 0, and `below: 0`, would say nothing. */
function boundOf(
  option: string,
  value: unknown,
  kind: 'above' | 'below',
  stat: AlertStat | undefined,
): { value: number; isTime: boolean } {
  const isTime = typeof value === 'string';
  if (isTime && (stat === 'count' || stat === 'ratePerMinute')) {
    throw new InvalidOptionError(option, `a number, since ${stat} is no time`, value);
  }
  const bound = isTime ? toMs(option, value as Duration) : value;
  const isValid = typeof bound === 'number' && Number.isFinite(bound) && (kind === 'above' ? bound >= 0 : bound > 0);
  if (isValid) return { value: bound, isTime };
  const least = kind === 'above' ? 'of 0 or more' : 'above 0';
  throw new InvalidOptionError(option, `a number ${least}, or of a time also '250ms', '30s', '5m'`, value);
}

/** A firing alert must not count as better and as breached by one value. */
function checkSides(when: AlertTest, resolve: AlertTest, given: unknown): void {
  if (when.kind === 'function' || resolve.kind === 'function') return;
  const isBetter = when.kind === 'above' ? resolve.value <= when.value : resolve.value >= when.value;
  if (resolve.kind !== when.kind && isBetter) return;
  const expected = when.kind === 'above' ? `{ below: ${when.value} or less }` : `{ above: ${when.value} or more }`;
  throw new InvalidOptionError('resolve', `on the better side of when: ${expected}`, given);
}

function minCountOf(given: unknown, stat: AlertStat | undefined, when: AlertTest): number {
  const minCount = integer('minCount', given, 0);
  if (minCount === 0 && ((stat !== 'count' && stat !== 'ratePerMinute') || when.kind === 'function')) {
    throw new InvalidOptionError('minCount', "1 or more, except for a bound of stat 'count' or 'ratePerMinute'", given);
  }
  if (stat === 'count' && when.kind === 'below' && when.value <= minCount) {
    throw new InvalidOptionError('minCount', `below ${when.value}: with fewer values there would be no data`, given);
  }
  return minCount;
}
