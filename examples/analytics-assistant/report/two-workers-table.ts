import type { PhaseFigures } from '../two-workers/figures.ts';
import type { TwoWorkersRun } from '../two-workers/run.ts';
import { BOUND_MS, LONGEST_MS } from '../two-workers/tuning.ts';
import { count, percent, type Table, type TableRow } from './tables.ts';

export interface TwoWorkersFigures {
  readonly before: PhaseFigures;
  readonly stopped: PhaseFigures;
  readonly after: PhaseFigures;
  readonly all: PhaseFigures;
  /** The whole run without a shared tier. */
  readonly memoryOnly: PhaseFigures;
  /** The same, with B told of A's changes by the host. */
  readonly memoryTold?: PhaseFigures;
}

/** Two workers on one cache, before Redis stops, while it stands still, and after. `met` speaks of the whole run. */
export function twoWorkersTable(figures: TwoWorkersFigures, stoppedMs: number): Table {
  const { before, stopped, after, all, memoryOnly, memoryTold } = figures;
  const row = (label: string, cell: (f: PhaseFigures) => string, zero?: (f: PhaseFigures) => number): TableRow => ({
    label,
    target: zero ? '0' : '',
    cells: [before, stopped, after, all, memoryOnly, ...(memoryTold ? [memoryTold] : [])].map(cell),
    met: zero ? (zero(all) === 0 ? 'yes' : 'no') : '',
  });
  const zeroRow = (label: string, of: (f: PhaseFigures) => number) => row(label, (f) => count(of(f)), of);
  return {
    title: `Two workers, one cache; Redis stands still for ${stoppedMs / 1_000} s (met: by the whole run with Redis)`,
    columns: ['before', 'stopped', 'after', 'all', 'memory only', ...(memoryTold ? ['and told'] : [])],
    rows: [
      row('Requests answered', (f) => count(f.requests - f.errors)),
      zeroRow('Errors that reached a caller', (f) => f.errors),
      row('Response time P50', (f) => wait(f.p50Ms)),
      row('Response time P95', (f) => wait(f.p95Ms)),
      {
        ...row('Response time, longest', (f) => wait(f.maxMs)),
        target: `< ${LONGEST_MS / 1_000} s`,
        met: all.maxMs < LONGEST_MS ? 'yes' : 'no',
      },
      row('Hit rate', (f) => percent(f.hitRate)),
      row('Model calls', (f) => count(f.modelCalls)),
      row("  saved by the other worker's", (f) => count(f.savedModelCalls)),
      row('SQL statements run', (f) => count(f.sqlRuns)),
      row("  saved by the other worker's", (f) => count(f.savedSqlRuns)),
      row('Changes of the data, by worker A', (f) => count(f.changes)),
      zeroRow('Answers from before a change: A', (f) => f.oldInA),
      zeroRow(`  B, over ${BOUND_MS / 1_000} s after it`, (f) => f.oldInB),
      row('  B, longest after it', (f) => wait(f.lagMs)),
    ],
  };
}

/** What the workers did about Redis. */
export function outageTable(run: TwoWorkersRun): Table {
  const since = (moments: readonly number[], from: number) => {
    const first = moments.find((moment) => moment >= from);
    return first === undefined ? 'never' : wait(first - from);
  };
  const row = (label: string, cells: readonly string[]): TableRow => ({ label, target: '', cells, met: '' });
  const remote = run.workers.map(({ stats }) => stats.remote);
  const queued = run.workers.map(({ changes }) => changes.filter((change) => change.remote === 'queued'));
  const lastSent = queued.map((changes) => {
    if (changes.length === 0) return '-';
    const last = Math.max(...changes.map((change) => change.confirmedAt ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(last) ? wait(last - run.resumedAt) : 'never';
  });
  return {
    title: 'What each worker did about it',
    columns: ['A', 'B'],
    rows: [
      row(
        'Left Redis alone, after its stop',
        run.workers.map(({ downAt }) => since(downAt, run.stoppedAt)),
      ),
      row(
        'Took it back, after it went on',
        run.workers.map(({ upAt }) => since(upAt, run.resumedAt)),
      ),
      row(
        'Invalidations kept for Redis',
        queued.map((changes) => count(changes.length)),
      ),
      row('  all sent, after it went on', lastSent),
      row(
        'Redis operations that ran out of time',
        remote.map((stats) => count(stats?.timeouts ?? 0)),
      ),
      row(
        'Redis operations not even tried',
        remote.map((stats) => count(stats?.refused ?? 0)),
      ),
    ],
  };
}

/** As measured, so also below a millisecond and a second. */
function wait(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
