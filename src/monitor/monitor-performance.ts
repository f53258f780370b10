import type { AnyWrapper } from '../core/any-wrapper.js';
import { decorate } from '../core/decorate.js';
import { describe, InvalidOptionError } from '../core/errors.js';
import type { Labels } from './exemplar.js';
import { checkLabels } from './labels.js';
import { checkMetricName } from './metric-name.js';
import type { PerformanceMonitor } from './performance-monitor.js';

/** A monitor, or how to find it from the receiver of a method: decorators run before anything is injected. */
export type MonitorSource<Self = unknown> = PerformanceMonitor | ((self: Self) => PerformanceMonitor);

/** Labels of a call: fixed, or made of its arguments and its result. `result` is `undefined` for calls that failed, and for streams. */
export type CallLabels<Args extends readonly unknown[], Result> =
  | Labels
  | ((args: Args, result: Result | undefined) => Labels);

/** Checks labels by their fields, so that objects typed by an `interface` (which has no index signature) are labels as well. */
export type LabelsOf<L> = Readonly<Partial<Record<keyof L, Labels[string]>>>;

const LABEL = 'monitorPerformance';

/**
 * Times every call of a function, to its real end: as a wrapper around a function, a standard decorator or a legacy one.
 *
 * What a function answers tells its kind: values, promises and thenables, streams and async iterators (time to first chunk and
 * between chunks too), sync generators. Of a plain promise the caller gets one that settles alike, of all else the very object.
 * Errors are counted under their type and go through untouched. A labels callback that throws is reported, and its call counted
 * without labels.
 *
 * Calls whose answer can't be watched (it is frozen, or was answered before) have the label `ended: 'unwatched'`; those whose answer
 * nobody has read by the time it is collected are counted in `<name>_abandoned`.
 *
 * ```ts
 * const ask = monitorPerformance(monitor, 'ask', ([question]: [string]) => ({ long: question.length > 200 }))(askModel);
 * class Reports { @monitorPerformance((self: Reports) => self.monitor, 'report') async load(year: number) { ... } }
 * ```
 *
 * @param name - of the timer. Never made of ids: each name is a series
 * @throws InvalidOptionError where it is applied
 */
export function monitorPerformance<
  Args extends readonly unknown[] = never[],
  Result = unknown,
  Self = unknown,
  L extends LabelsOf<L> = Labels,
>(
  source: MonitorSource<Self>,
  name: string,
  labels?: L | ((args: Args, result: Result | undefined) => L),
): AnyWrapper<Args, Result, Self> {
  checkSource(source);
  checkMetricName(name);
  if (typeof labels !== 'function') checkLabels(labels);
  return decorate(LABEL, (original) => {
    return function (this: unknown, ...args: unknown[]) {
      const monitor = typeof source === 'function' ? monitorOf(source, this as Self) : source;
      if (monitor === undefined) return original.apply(this, args);
      return monitor.timeCall(name, labels as CallLabels<readonly unknown[], unknown>, args, () =>
        original.apply(this, args),
      );
    };
  });
}

function checkSource(source: unknown): void {
  if (typeof source !== 'function' && !isMonitor(source)) {
    throw new InvalidOptionError(
      `the first argument of ${LABEL}`,
      'a PerformanceMonitor or (self) => PerformanceMonitor',
      source,
    );
  }
}

/** The monitor of this receiver; without one the call goes on untimed, and the process is warned once. */
function monitorOf<Self>(source: (self: Self) => PerformanceMonitor, self: Self): PerformanceMonitor | undefined {
  let found: unknown;
  try {
    found = source(self);
    if (isMonitor(found)) return found;
  } catch (error) {
    found = error;
  }
  if (!warned.has(source)) {
    warned.add(source);
    process.emitWarning(`${LABEL}: no PerformanceMonitor was found, calls go untimed (${describe(found)})`);
  }
  return undefined;
}

const warned = new WeakSet<object>();

/** By shape, so that one of the package's other format (ESM, CommonJS) is known too. */
function isMonitor(value: unknown): value is PerformanceMonitor {
  return (
    typeof value === 'object' && value !== null && typeof (value as { timeCall?: unknown }).timeCall === 'function'
  );
}
