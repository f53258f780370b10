import type { MonitorReader } from '../monitor-reader.js';
import type { TargetResult } from '../targets/target-result.js';
import { UNITS } from '../unit.js';
import type { PrometheusBook } from './prometheus-family.js';
import { labelText } from './prometheus-labels.js';

/** What the operation's series say. */
export interface OperationCounts {
  readonly requests: number;
  readonly failed: number;
  readonly overTarget: number;
}

/** The metrics whose names are the same in every service: rules and dashboards are written for them. All are made, so that no series takes their names. */
export function addFixed(book: PrometheusBook, reader: MonitorReader, counts: OperationCounts): void {
  addOperation(book, reader, counts);
  addProcess(book, reader);
  addTargets(book, reader.targets());
  addAlerts(book, reader);
  addTroubles(book, reader);
}

function addOperation(
  book: PrometheusBook,
  reader: MonitorReader,
  { requests, failed, overTarget }: OperationCounts,
): void {
  const labels = labelText([['operation', reader.operation]]);
  book.fixed('requests_total', 'counter', 'Requests of the operation that have ended.').add(labels, requests);
  book
    .fixed('requests_failed_total', 'counter', 'Requests of the operation that ended with an error.')
    .add(labels, failed);
  book
    .fixed(
      'requests_over_target_total',
      'counter',
      'Requests of the operation that took longer than the response-time target.',
    )
    .add(labels, overTarget);
  book
    .fixed('in_flight', 'gauge', 'Requests of the operation under way.')
    .add(labels, reader.inFlight(reader.operation));
}

function addProcess(book: PrometheusBook, reader: MonitorReader): void {
  const resources = reader.resources();
  const gauge = (name: string, help: string, value: number | undefined): void => {
    const family = book.fixed(name, 'gauge', help);
    if (value !== undefined) family.add('', value);
  };
  gauge(
    'memory_ratio',
    'The larger of heap by heap limit and resident memory by memory limit.',
    resources?.memoryShare,
  );
  gauge('cpu_ratio', 'The larger of CPU time by the cores allowed and event-loop utilization.', resources?.cpuShare);
  gauge('event_loop_utilization_ratio', 'Share of the time that the event loop was busy.', resources?.eventLoopShare);
  gauge('memory_limit_bytes', 'Memory that the process may take.', resources?.limitBytes);
  gauge('heap_used_bytes', 'Heap in use.', resources?.heapUsedBytes);
  gauge('rss_bytes', 'Resident memory of the process.', resources?.rssBytes);
}

function addTargets(book: PrometheusBook, targets: Readonly<Record<string, TargetResult>>): void {
  const unit = 'in seconds, bytes, as a share of 1, or per minute';
  const met = book.fixed(
    'target_met',
    'gauge',
    '1 when the target is met, 0 when it is missed; absent without a verdict.',
  );
  const actual = book.fixed('target_actual', 'gauge', `What was measured for the target, ${unit}.`);
  const limit = book.fixed('target_limit', 'gauge', `What the target asks for, ${unit}.`);
  for (const [name, result] of Object.entries(targets)) {
    const labels = labelText([['target', name]]);
    if (result.met !== null) met.add(labels, result.met ? 1 : 0);
    if (result.actual !== null) actual.add(labels, inBaseUnit(result.actual, result));
    if (result.target !== null) limit.add(labels, inBaseUnit(result.target, result));
  }
}

/** A figure of a target in the base unit, without the noise of the last digits. */
export function inBaseUnit(value: number, { unit }: Pick<TargetResult, 'unit'>): number {
  return unit === 'perMinute' ? value : Number((value * UNITS[unit].toBase).toPrecision(12));
}

function addAlerts(book: PrometheusBook, reader: MonitorReader): void {
  const firing = book.fixed(
    'alert_firing',
    'gauge',
    '1 from the moment an alert is raised until it is resolved, else 0.',
  );
  for (const { name, severity, state } of reader.alerts()) {
    const labels = labelText(Object.entries({ alert: name, severity }));
    firing.add(labels, state === 'firing' || state === 'resolving' ? 1 : 0);
  }
}

function addTroubles(book: PrometheusBook, reader: MonitorReader): void {
  const { rejected, clamped, overflowed, series } = reader.troubles();
  book
    .fixed('rejected_values_total', 'counter', 'Values that were not recorded: NaN, negative, infinite.')
    .add('', rejected);
  book
    .fixed('clamped_values_total', 'counter', 'Values recorded as the highest that can be told apart.')
    .add('', clamped);
  book
    .fixed('overflowed_values_total', 'counter', 'Values recorded in overflow series, for want of room.')
    .add('', overflowed);
  book.fixed('series', 'gauge', 'Series that the monitor keeps.').add('', series);
}
