import type { AlertUnit } from './alert-status.js';
import type { AlertSubject, AlertTest } from './resolve-rule.js';

type MetricSubject = Extract<AlertSubject, { kind: 'metric' }>;

const UNIT_TEXTS: Readonly<Record<AlertUnit, string>> = {
  ms: ' ms',
  bytes: ' bytes',
  perMinute: ' per minute',
  ratio: '',
  count: '',
};

/** The name of a rule that was given none: it must not change once values tell the unit. */
export function ruleName(subject: AlertSubject): string {
  if (subject.kind === 'target') return `target ${subject.target}`;
  const stat = subject.stat === undefined ? '' : ` ${subject.stat}`;
  return `${metricText(subject)}${stat} ${testText(subject.when, subject.when.kind !== 'function' && subject.when.isTime ? 'ms' : undefined)}`;
}

/** What a rule looks at, for people: `ask p95 above 3000 ms over 5m`. `unit`: as far as values have told it. */
export function conditionText(subject: AlertSubject, unit: AlertUnit | undefined): string {
  if (subject.kind === 'target') return `target ${subject.target} not met`;
  const known = knownUnit(subject, unit);
  const stat = subject.stat ?? (known === undefined ? undefined : known === 'ms' ? 'p95' : 'mean');
  const test = testText(subject.when, known);
  return `${metricText(subject)}${stat === undefined ? '' : ` ${stat}`} ${test} over ${durationText(subject.windowMs)}`;
}

/** The unit of a rule's figures: what values have told, else what the rule itself tells. */
export function knownUnit(subject: AlertSubject, told: AlertUnit | undefined): AlertUnit | undefined {
  if (told !== undefined || subject.kind === 'target') return told;
  const { stat, when } = subject;
  if (stat === 'count') return 'count';
  if (stat === 'ratePerMinute') return 'perMinute';
  return when.kind !== 'function' && when.isTime ? 'ms' : undefined;
}

/** A value with its unit, to four digits. */
export function amountText(value: number, unit: AlertUnit | undefined): string {
  return `${Number(value.toPrecision(4))}${unit === undefined ? '' : UNIT_TEXTS[unit]}`;
}

/** A length of time in the largest unit that it is a whole number of: `90s`, `5m`. */
export function durationText(ms: number): string {
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${Math.round(ms)}ms`;
}

function metricText({ metric, labels }: MetricSubject): string {
  if (labels === undefined) return metric;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}

function testText(test: AlertTest, unit: AlertUnit | undefined): string {
  if (test.kind !== 'function') return `${test.kind} ${amountText(test.value, unit)}`;
  // A function written in place bears the option's own name.
  const name = test.test.name === 'when' ? '' : test.test.name;
  return `by ${name || 'a function'}`;
}
