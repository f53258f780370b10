import type { ColumnName } from '../columns/columns.ts';
import type { Asking } from '../questions/question-set.ts';
import { frequentIntents } from '../questions/stream.ts';
import type { ModelTally, RunResult } from './run-columns.ts';
import type { ColumnRun } from './runner.ts';
import type { Trace } from './timeline.ts';

/** The figures of one column. Times stand for the unscaled world. */
export interface Figures {
  readonly column: ColumnName;
  readonly sortedMs: readonly number[];
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly perMinute: number;
  readonly model: ModelTally;
  /** Of the requests for frequent intents: the share that needed no model call of its own. */
  readonly hitRate: number;
  /** Of the requests for frequent intents: the share that needed no SQL run of its own. */
  readonly sqlHitRate: number;
  /** Requests that waited for the call of another request instead of making their own. */
  readonly joined: number;
  readonly sqlRuns: number;
  readonly sqlMs: number;
  readonly memory: number;
  readonly peakHeapBytes: number;
  readonly peakRssBytes: number;
  readonly cpu: number;
  readonly cpuMs: number;
}

export function figuresOf(result: RunResult, stream: readonly Asking[], users: number): Figures {
  const run = result.runs[0] as ColumnRun;
  const sortedMs = run.traces.map((trace) => trace.ms).sort((a, b) => a - b);
  const frequent = frequentIntents(stream);
  const askedAgain = repeatsOf(stream, frequent);
  const share = (isHit: (trace: Trace) => boolean): number => {
    const requests = stream.filter(({ intent }) => frequent.has(intent)).length;
    return requests === 0
      ? 0
      : run.traces.filter((trace, index) => askedAgain[index] && isHit(trace)).length / requests;
  };
  const { memory, peakHeapBytes, peakRssBytes, cpu, cpuMs } = result.load;
  return {
    column: run.column,
    sortedMs,
    p50Ms: percentile(sortedMs, 50),
    p95Ms: percentile(sortedMs, 95),
    p99Ms: percentile(sortedMs, 99),
    // Little's law for a closed loop: so many users, each waiting this long on average.
    perMinute: (users * 60_000) / mean(sortedMs),
    model: result.model,
    hitRate: share((trace) => trace.modelCalls === 0),
    sqlHitRate: share((trace) => trace.sqlRuns === 0),
    joined: run.traces.filter((trace) => trace.joined > 0).length,
    sqlRuns: run.sqlRuns,
    sqlMs: run.sqlMs,
    memory,
    peakHeapBytes,
    peakRssBytes,
    cpu,
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
  const own = (run: ColumnRun | undefined) =>
    percentile(run?.traces.map((trace) => trace.ownMs).sort((a, b) => a - b) ?? [], 50);
  const questions = plain?.traces.length ?? 0;
  return {
    questions,
    plainMs: total(plain) / questions,
    hotpathMs: total(hotpath) / questions,
    overhead: total(hotpath) / total(plain) - 1,
    plainOwnMs: own(plain),
    hotpathOwnMs: own(hotpath),
  };
}

/** The smallest value that at least `percent` of the sorted values do not exceed (nearest rank). */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** For each request: is its intent frequent, and was it asked before? The first asking of each counts as a miss. */
function repeatsOf(stream: readonly Asking[], frequent: ReadonlySet<string>): boolean[] {
  const seen = new Set<string>();
  return stream.map(({ intent }) => {
    const again = seen.has(intent);
    seen.add(intent);
    return again && frequent.has(intent);
  });
}
