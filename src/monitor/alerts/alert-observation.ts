import { describe, HotpathError } from '../../core/errors.js';
import type { MetricStats } from '../metric-stats.js';
import type { MonitorReader } from '../monitor-reader.js';
import type { TargetResult } from '../targets/target-result.js';
import { isTooEarly } from '../too-early.js';
import type { AlertStat } from './alert-rule.js';
import type { AlertUnit } from './alert-status.js';
import type { AlertVerdict } from './alert-transition.js';
import type { AlertSubject, AlertTest } from './resolve-rule.js';

/** What a look at a rule's subject has found. Value and threshold are in `unit`; without data, `value` is `null`. */
export interface Observation {
  readonly verdict: AlertVerdict;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: AlertUnit | undefined;
  readonly samples: number;
  /** Which values are worse; `undefined` where a function decides. */
  readonly worse?: 'higher' | 'lower';
}

/** What is read at one tick: rules that look at the same figures read them once. */
export class TickReads {
  /** How long the monitor has been there. */
  readonly ageMs: number;
  readonly #reader: Pick<MonitorReader, 'stats' | 'targets'>;
  readonly #stats = new Map<string, MetricStats | null>();
  #targets: Readonly<Record<string, TargetResult>> | undefined;

  constructor(reader: Pick<MonitorReader, 'startedAt' | 'stats' | 'targets'>, at: number) {
    this.ageMs = at - reader.startedAt;
    this.#reader = reader;
  }

  stats({ metric, windowMs, labels }: Extract<AlertSubject, { kind: 'metric' }>): MetricStats | null {
    const key = JSON.stringify([metric, windowMs, labels]);
    let found = this.#stats.get(key);
    if (found === undefined) {
      found = this.#reader.stats(metric, { windowMs, exemplars: 0, ...(labels && { labels }) });
      this.#stats.set(key, found);
    }
    return found;
  }

  target(name: string): TargetResult | undefined {
    this.#targets ??= this.#reader.targets();
    return Object.hasOwn(this.#targets, name) ? this.#targets[name] : undefined;
  }
}

/** @throws what a function of the host throws; HotpathError where the condition can't be judged */
export function observe(subject: AlertSubject, reads: TickReads): Observation {
  return subject.kind === 'target'
    ? observeTarget(reads.target(subject.target), subject.minCount)
    : observeMetric(subject, reads);
}

function observeTarget(result: TargetResult | undefined, minCount: number): Observation {
  if (result === undefined) return { verdict: 'unknown', value: null, threshold: null, unit: undefined, samples: 0 };
  const { met, actual, target, unit, bound, samples } = result;
  const hasData = met !== null && samples >= minCount;
  const verdict = !hasData ? 'unknown' : met ? 'better' : 'breached';
  const worse = bound === 'max' ? 'higher' : 'lower';
  return { verdict, value: hasData ? actual : null, threshold: target, unit, samples, worse };
}

function observeMetric(subject: Extract<AlertSubject, { kind: 'metric' }>, reads: TickReads): Observation {
  const { stat, minCount, when, resolve, windowMs } = subject;
  const stats = reads.stats(subject);
  const samples = stats?.count ?? 0;
  const unit = unitOf(stat, stats);
  const fixed = { threshold: when.kind === 'function' ? null : when.value, unit, samples, ...worseOf(when) };
  const noData = { verdict: 'unknown', value: null, ...fixed } as const;
  const isEmpty = stats === null || samples < minCount;
  if (isEmpty && minCount > 0) return noData;
  const value = isEmpty ? 0 : stats[stat ?? (stats.unit === 'ms' ? 'p95' : 'mean')];
  const isShort = when.kind === 'below' && value < when.value;
  if (isTooEarly({ stat, windowMs, isShort }, reads.ageMs)) return noData;
  if (!isEmpty) checkUnit(subject, unit);
  return { verdict: verdictOn(value, stats, when, resolve), value, ...fixed };
}

/** @throws HotpathError where a time is compared with what is none */
function checkUnit({ metric, when, resolve }: Extract<AlertSubject, { kind: 'metric' }>, unit?: AlertUnit): void {
  for (const test of [when, resolve]) {
    if (test === undefined || test.kind === 'function' || !test.isTime || unit === 'ms') continue;
    throw new HotpathError(`its threshold is a time, but the metric "${metric}" is in ${unit}`, { code: 'ALERT_UNIT' });
  }
}

function worseOf({ kind }: AlertTest): Pick<Observation, 'worse'> {
  return kind === 'function' ? {} : { worse: kind === 'above' ? 'higher' : 'lower' };
}

function unitOf(stat: AlertStat | undefined, stats: MetricStats | null): AlertUnit | undefined {
  if (stat === 'count') return 'count';
  return stat === 'ratePerMinute' ? 'perMinute' : stats?.unit;
}

function verdictOn(
  value: number,
  stats: MetricStats | null,
  when: AlertTest,
  resolve: AlertTest | undefined,
): AlertVerdict {
  if (holds(when, value, stats)) return 'breached';
  return resolve === undefined || holds(resolve, value, stats) ? 'better' : 'between';
}

function holds(test: AlertTest, value: number, stats: MetricStats | null): boolean {
  if (test.kind !== 'function') return test.kind === 'above' ? value > test.value : value < test.value;
  // An empty window never comes here: rules with a function have a minCount of 1 or more.
  const answer = test.test(value, stats!);
  if (typeof answer === 'boolean') return answer;
  if (answer instanceof Promise) answer.catch(() => {});
  throw new HotpathError(`its function must answer true or false, at once, not ${describe(answer)}`, {
    code: 'ALERT_FUNCTION',
  });
}
