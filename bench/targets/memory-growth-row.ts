import { runChild } from './run-child.js';
import type { TargetRow } from './target-row.js';

/** Heap of a full cache under churn: the last quarter of the windows beside the first quarter after the cache was full. */
export function memoryGrowthRow(windows: number): TargetRow {
  return {
    name: 'Memory efficiency',
    target: '< 10 % growth over time',
    async measure() {
      const { heapMb, reads } = await runChild<{ heapMb: number[]; reads: number }>(
        'growth-child.ts',
        ['--expose-gc'],
        [String(windows)],
      );
      const settled = heapMb.slice(1);
      const quarter = Math.max(1, Math.floor(settled.length / 4));
      const first = mean(settled.slice(0, quarter));
      const last = mean(settled.slice(-quarter));
      const growth = last / first - 1;
      return {
        actual: `${(growth * 100).toFixed(1)} % (${first.toFixed(1)} MB to ${last.toFixed(1)} MB of heap)`,
        met: growth < 0.1,
        how: `${reads.toLocaleString('en-US')} reads over a million keys, 10,000 entries, tags and prefixes invalidated all along; heap after a full collection`,
      };
    },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
