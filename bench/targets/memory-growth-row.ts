import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runChild } from './run-child.js';
import type { TargetRow } from './target-row.js';

const run = promisify(execFile);
const DEMO = fileURLToPath(new URL('../../examples/analytics-assistant/start.mjs', import.meta.url));

/** Of the ADR. */
const MOST_GROWTH = 0.1;

interface Growth {
  readonly firstMb: number;
  readonly lastMb: number;
  readonly growth: number;
}

/**
 * Growth of what is alive, of two things: the assistant of the demo with all modules on, by the collections that come about by themselves
 * (`npm run soak`, its run without a leak), and a cache alone under churn and invalidations, by collections on purpose. Both must keep to the target.
 */
export function memoryGrowthRow(soakSeconds: number, windows: number): TargetRow {
  return {
    name: 'Memory efficiency',
    target: '< 10 % growth over time',
    async measure() {
      const [soak, churn] = [await soaked(soakSeconds), await churned(windows)];
      return {
        actual: `${described(soak)}; a cache alone: ${described(churn)}`,
        met: soak.growth < MOST_GROWTH && churn.growth < MOST_GROWTH,
        how:
          `the demo's traffic with all modules on and the cache at its bound for ${soakSeconds} s after the warm-up, ${soak.requests.toLocaleString('en-US')} requests, ` +
          `alive after the ${soak.points.length} major collections that came by themselves, first quarter to last. Alone: ${churn.reads.toLocaleString('en-US')} reads over a million keys, ` +
          '10,000 entries, tags and prefixes invalidated all along, heap after a full collection',
      };
    },
  };
}

interface Soaked extends Growth {
  readonly requests: number;
  readonly points: readonly unknown[];
}

/** @throws when it does not come to a result */
async function soaked(seconds: number): Promise<Soaked> {
  const flags = ['--soak', '--short', '--only', 'flat', '--seconds', String(seconds), '--json'];
  // What the soak finds fault with is no failure of the measurement: the figures are judged here.
  const { stdout } = await run(process.execPath, [DEMO, ...flags], { maxBuffer: 2 ** 26 }).catch(
    (error: { stdout?: string }) => {
      if (error.stdout?.startsWith('{')) return { stdout: error.stdout };
      throw error;
    },
  );
  const { runs, failures } = JSON.parse(stdout) as { runs: { result: Soaked }[]; failures: string[] };
  if (runs[0] === undefined) throw new Error(`The soak has no result: ${failures.join('; ')}`);
  return runs[0].result;
}

async function churned(windows: number): Promise<Growth & { readonly reads: number }> {
  const { heapMb, reads } = await runChild<{ heapMb: number[]; reads: number }>(
    'growth-child.ts',
    ['--expose-gc'],
    [String(windows)],
  );
  // The cache is full after the first.
  const settled = heapMb.slice(1);
  const quarter = Math.max(1, Math.floor(settled.length / 4));
  const firstMb = mean(settled.slice(0, quarter));
  const lastMb = mean(settled.slice(-quarter));
  return { firstMb, lastMb, growth: lastMb / firstMb - 1, reads };
}

function described({ firstMb, lastMb, growth }: Growth): string {
  return `${(growth * 100).toFixed(1)} % (${firstMb.toFixed(1)} MB to ${lastMb.toFixed(1)} MB)`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
