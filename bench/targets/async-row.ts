import { runChild } from './run-child.js';
import type { TargetRow } from './target-row.js';

interface BatchRun {
  readonly calls: number;
  readonly serviceMs: number;
  readonly slots: number;
  readonly loopMs: number;
  readonly processMs: number;
}

/** A batch of calls over HTTP: in a loop, and by `process` with its defaults. */
export function asyncRow(calls: number): TargetRow {
  return {
    name: 'Async processing',
    target: '3x+ in batch operations',
    async measure() {
      const { serviceMs, slots, loopMs, processMs } = await runChild<BatchRun>('batch-child.ts', [], [String(calls)]);
      const times = loopMs / processMs;
      return {
        actual: `${times.toFixed(1)} x (${(loopMs / 1_000).toFixed(2)} s to ${(processMs / 1_000).toFixed(2)} s)`,
        met: times >= 3,
        how: `${calls} calls over HTTP to a service that answers after ${serviceMs} ms, one after the other, and by \`process\` with ${slots} at once (its default), retry and timeout; answers equal. Of computing: \`npm run bench -- async-goal\``,
      };
    },
  };
}
