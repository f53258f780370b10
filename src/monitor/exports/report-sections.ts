import { figure, moment, timeSpan } from './figure.js';
import type { PerformanceReport } from './report.js';
import { factsText } from './report-facts.js';
import {
  errorRows,
  METRIC_FIGURES,
  METRIC_HEADS,
  metricTables,
  populationRows,
  stageTables,
} from './report-metric-tables.js';
import { attachmentTables, processRows, profileRows } from './report-process-tables.js';
import type { Cell, Section, Table } from './report-section.js';

/** First lines of a report. */
export function introductionOf(report: PerformanceReport): string {
  const { at, startedAt, windowMs, operation, inFlight } = report;
  const covered = Math.min(windowMs, Math.max(0, at - startedAt));
  return `${moment(at)}. Figures cover the last ${timeSpan(covered)}; the monitor was started at ${moment(startedAt)}. Operation: ${operation}, ${inFlight} under way.`;
}

/** A report in parts, in the order in which it is read. Parts that have nothing to say are left out. */
export function sectionsOf(report: PerformanceReport): readonly Section[] {
  return [
    section('Targets', [], targetTable(report)),
    section('Alerts', [], alertTable(report)),
    section('Incidents', [], incidentTable(report)),
    section('Metrics', [], ...metricTables(report)),
    section('Cache hits and misses', [], {
      heads: ['timer', 'answered', 'share', ...METRIC_HEADS],
      figures: ['share', ...METRIC_FIGURES],
      rows: populationRows(report),
    }),
    section('Stages', [], ...stageTables(report)),
    section(`Slowest requests of ${report.operation}`, [], slowestTable(report)),
    section('Errors', [], {
      heads: ['timer', 'error', 'count', 'share'],
      figures: ['count', 'share'],
      rows: errorRows(report),
    }),
    section('Process', [], { heads: ['figure', 'value', 'of'], figures: ['value'], rows: processRows(report) }),
    section('Attached', [], ...attachmentTables(report)),
    section('Marks', [], {
      heads: ['time', 'mark', 'facts'],
      figures: [],
      rows: report.marks.map(({ at, name, metadata }) => [moment(at), name, factsText(metadata)]),
    }),
    section('Profiles', [], {
      heads: ['file', 'kind', 'time', 'reason', 'most in'],
      figures: [],
      rows: profileRows(report),
    }),
    section('Recording', troubleText(report)),
  ].filter(({ text, tables }) => text.length > 0 || tables.length > 0);
}

function section(title: string, text: readonly string[], ...tables: readonly Table[]): Section {
  return { title, text, tables: tables.filter(({ rows }) => rows.length > 0) };
}

function targetTable({ targets }: PerformanceReport): Table {
  const rows = Object.entries(targets).map(([name, result]): Cell[] => {
    const { met, actual, target, unit, bound, samples, confidence, reason, windowMs } = result;
    return [
      name,
      met === null ? 'no verdict' : met ? { text: 'met', tone: 'good' } : { text: 'missed', tone: 'bad' },
      figure(actual, unit),
      target === null ? 'not said' : `${bound === 'max' ? 'at most' : 'at least'} ${figure(target, unit)}`,
      windowMs === null ? '' : `last ${timeSpan(windowMs)}`,
      String(samples),
      reason ?? (confidence === 'low' && actual !== null ? 'few values' : ''),
    ];
  });
  return {
    heads: ['target', 'verdict', 'measured', 'asked for', 'over', 'samples', 'note'],
    figures: ['measured', 'asked for', 'samples'],
    rows,
  };
}

function alertTable({ alerts }: PerformanceReport): Table {
  const rows = alerts.map(({ name, severity, state, since, value, unit, condition }): Cell[] => [
    name,
    state === 'firing' || state === 'resolving'
      ? { text: state, tone: 'bad' }
      : state === 'pending'
        ? { text: state, tone: 'warn' }
        : state,
    severity,
    moment(since),
    figure(value, unit ?? 'count'),
    condition,
  ]);
  return {
    heads: ['alert', 'state', 'severity', 'since', 'value', 'condition'],
    figures: ['value'],
    rows,
  };
}

function incidentTable({ incidents, at }: PerformanceReport): Table {
  const rows = incidents.map(({ name, severity, startedAt, resolvedAt, worst, unit, condition }): Cell[] => [
    moment(startedAt),
    name,
    severity,
    resolvedAt === undefined
      ? { text: `${timeSpan(at - startedAt)}, and still firing`, tone: 'bad' }
      : timeSpan(resolvedAt - startedAt),
    figure(worst, unit),
    condition,
  ]);
  return {
    heads: ['began', 'alert', 'severity', 'lasted', 'worst value', 'condition'],
    figures: ['worst value'],
    rows,
  };
}

function slowestTable({ slowest, operation, metrics }: PerformanceReport): Table {
  const unit = metrics[operation]?.unit ?? 'ms';
  const rows = slowest.map(({ at, value, labels, stages, metadata, error }): Cell[] => [
    figure(value, unit),
    moment(at),
    stages.map((stage) => `${stage.name} ${timeSpan(stage.ms)}`).join(', '),
    factsText(labels),
    factsText(metadata),
    error === undefined ? '' : { text: error, tone: 'bad' },
  ]);
  return { heads: ['took', 'began', 'stages', 'labels', 'facts', 'error'], figures: ['took'], rows };
}

function troubleText({ troubles }: PerformanceReport): string[] {
  const { rejected, clamped, overflowed, series, maxSeries } = troubles;
  const text = [`${series} of at most ${maxSeries} series are in use.`];
  if (rejected > 0)
    text.push(`Values that were not recorded (NaN, negative or infinite): ${figure(rejected, 'count')}.`);
  if (clamped > 0) text.push(`Values recorded as the highest that can be told apart: ${figure(clamped, 'count')}.`);
  if (overflowed > 0) text.push(`Values in overflow series, for want of room: ${figure(overflowed, 'count')}.`);
  return text;
}
