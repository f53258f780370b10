// The built library by its path: this folder has a package.json of its own, so `from 'hotpath'` does not reach the root.
import type { TargetResult } from '../../../dist/index.js';
import type { ColumnName } from '../columns/columns.ts';
import type { Asking } from '../questions/question-set.ts';
import { frequentIntents } from '../questions/stream.ts';
import type { ModelTally, RunResult } from './run-columns.ts';
import type { ColumnRun } from './runner.ts';
import type { FrequentRequests } from './target-watch.ts';
import type { Trace } from './timeline.ts';

/** The figures of one column. Times stand for the unscaled world. */
export interface Figures {
  readonly column: ColumnName;
  readonly sortedMs: readonly number[];
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Median time outside model and database, per request. */
  readonly ownMs: number;
  readonly model: ModelTally;
  /** Of the requests for frequent intents: the share that needed no SQL run of its own. */
  readonly sqlHitRate: number;
  /** Requests that waited for the call of another request instead of making their own. */
  readonly joined: number;
  readonly sqlRuns: number;
  readonly sqlMs: number;
  /** What the monitor of the run's own process said of them. */
  readonly targets: Readonly<Record<string, TargetResult>>;
  readonly peakHeapBytes: number;
  readonly peakRssBytes: number;
  readonly cpuMs: number;
}

export function figuresOf(result: RunResult, stream: readonly Asking[]): Figures {
  const run = result.runs[0] as ColumnRun;
  const sortedMs = run.traces.map((trace) => trace.ms).sort((a, b) => a - b);
  const { count, again } = frequentRequests(stream);
  const sqlHits = again.filter((index) => run.traces[index]?.sqlRuns === 0).length;
  const { targets, peakHeapBytes, peakRssBytes, cpuMs } = result.watched;
  return {
    column: run.column,
    sortedMs,
    p50Ms: percentile(sortedMs, 50),
    p95Ms: percentile(sortedMs, 95),
    p99Ms: percentile(sortedMs, 99),
    ownMs: ownMsOf(run.traces),
    model: result.model,
    sqlHitRate: count === 0 ? 0 : sqlHits / count,
    joined: run.traces.filter((trace) => trace.joined > 0).length,
    sqlRuns: run.sqlRuns,
    sqlMs: run.sqlMs,
    targets,
    peakHeapBytes,
    peakRssBytes,
    cpuMs,
  };
}

/** What a column costs when nothing repeats, against plain on the same questions. */
export interface ZeroRepetition {
  readonly questions: number;
  readonly plainMs: number;
  readonly hotpathMs: number;
  /** Response time of hotpath over that of plain, less one. */
  readonly overhead: number;
  /** Median time outside model and database, per request. */
  readonly plainOwnMs: number;
  readonly hotpathOwnMs: number;
}

export function zeroRepetitionOf([plain, hotpath]: readonly ColumnRun[]): ZeroRepetition {
  const total = (run: ColumnRun | undefined) => run?.traces.reduce((sum, trace) => sum + trace.ms, 0) ?? 0;
  const questions = plain?.traces.length ?? 0;
  return {
    questions,
    plainMs: total(plain) / questions,
    hotpathMs: total(hotpath) / questions,
    overhead: total(hotpath) / total(plain) - 1,
    plainOwnMs: ownMsOf(plain?.traces ?? []),
    hotpathOwnMs: ownMsOf(hotpath?.traces ?? []),
  };
}

/** The smallest value that at least `percent` of the sorted values do not exceed (nearest rank). */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function ownMsOf(traces: readonly Trace[]): number {
  return percentile(
    traces.map((trace) => trace.ownMs).sort((a, b) => a - b),
    50,
  );
}

/** Requests of a stream for frequent intents, and those of them that are not the first asking of theirs. */
export function frequentRequests(stream: readonly Asking[]): FrequentRequests {
  const frequent = frequentIntents(stream);
  const seen = new Set<string>();
  const again: number[] = [];
  for (const [index, { intent }] of stream.entries()) {
    if (seen.has(intent) && frequent.has(intent)) again.push(index);
    seen.add(intent);
  }
  return { count: stream.filter(({ intent }) => frequent.has(intent)).length, again };
}

/** A module switched on alone, over the beginning of the stream. */
export interface AloneFigures {
  readonly column: ColumnName;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly perMinute: number;
  readonly modelCalls: number;
  readonly sqlRuns: number;
  readonly ownMs: number;
}

/** From the first `requests` of a run, which may go on: so one run of plain serves for all modules. */
export function aloneFiguresOf(run: ColumnRun, requests: number, users: number): AloneFigures {
  const traces = run.traces.slice(0, requests);
  const sorted = traces.map((trace) => trace.ms).sort((a, b) => a - b);
  const sum = (of: (trace: Trace) => number): number => traces.reduce((all, trace) => all + of(trace), 0);
  return {
    column: run.column,
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    // Little's law for a closed loop: so many users, each waiting this long on average.
    perMinute: (users * 60_000 * traces.length) / sum((trace) => trace.ms),
    modelCalls: sum((trace) => trace.modelCalls),
    sqlRuns: sum((trace) => trace.sqlRuns),
    ownMs: ownMsOf(traces),
  };
}
