import { percentile } from '../measure/figures.ts';
import { Freshness } from './freshness.ts';
import type { TwoWorkersRun } from './run.ts';
import type { WorkerResult } from './worker.ts';

/** The figures of both workers over a stretch of a run. Times as measured. */
export interface PhaseFigures {
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** The share of requests that needed no model call of their own. */
  readonly hitRate: number;
  readonly modelCalls: number;
  readonly sqlRuns: number;
  /** Calls that a worker did not make because the other one had made them. */
  readonly savedModelCalls: number;
  readonly savedSqlRuns: number;
  readonly changes: number;
  readonly oldInA: number;
  readonly oldInB: number;
  /** How long after a change worker B still gave an answer from before it. */
  readonly lagMs: number;
}

/** A request belongs to the stretch it began in. */
export function figuresBetween(run: TwoWorkersRun, from: number, to: number): PhaseFigures {
  const within = (at: number) => at >= from && at < to;
  const began = ({ answered }: WorkerResult) => answered.filter(({ startedAt }) => within(startedAt));
  const [a, b] = [began(run.workers[0]), began(run.workers[1])];
  const answered = [...a, ...b];
  const sortedMs = answered.map(({ startedAt, endedAt }) => endedAt - startedAt).sort((x, y) => x - y);
  const saved = run.workers.flatMap((worker) => worker.saved).filter(({ at }) => within(at));
  const freshness = new Freshness(run);
  return {
    requests: answered.length,
    errors: answered.filter(({ failed }) => failed).length,
    p50Ms: percentile(sortedMs, 50),
    p95Ms: percentile(sortedMs, 95),
    maxMs: sortedMs.at(-1) ?? Number.NaN,
    hitRate: answered.filter(({ modelCalls, failed }) => modelCalls === 0 && !failed).length / answered.length,
    modelCalls: answered.reduce((sum, { modelCalls }) => sum + modelCalls, 0),
    sqlRuns: answered.reduce((sum, { sqlRuns }) => sum + sqlRuns, 0),
    savedModelCalls: saved.filter(({ step }) => step !== 'runSql').length,
    savedSqlRuns: saved.filter(({ step }) => step === 'runSql').length,
    changes: run.workers[0].changes.filter(({ calledAt }) => within(calledAt)).length,
    oldInA: a.filter((one) => freshness.isOldInA(one)).length,
    oldInB: b.filter((one) => freshness.isOldInB(one)).length,
    lagMs: Math.max(0, ...b.map((one) => freshness.lagMs(one))),
  };
}
