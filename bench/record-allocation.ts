import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes of heap a value, one figure a round, by contestant. `own`: ours alone, without the peers of bench/node_modules. */
export async function bytesPerValue(contestants: 'all' | 'own', rounds: number): Promise<Record<string, number[]>> {
  const child = fileURLToPath(new URL('./record-allocation-child.ts', import.meta.url));
  // A young generation so large that it is never collected while the values are recorded.
  const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', '--import', 'tsx'];
  const { stdout } = await run(process.execPath, [...flags, child, contestants, String(rounds)]);
  return JSON.parse(stdout) as Record<string, number[]>;
}
