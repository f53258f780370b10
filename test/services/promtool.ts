import { spawn } from 'node:child_process';
import { findPrometheusProgram } from './prometheus-package.js';
import type { Found } from './service.js';

/** The checker that comes with Prometheus. */
export interface Promtool {
  readonly path: string;
  /** Runs it to its end, whatever it answers. `input` is what it reads from its standard input, `cwd` where paths begin. */
  run(args: readonly string[], options?: { input?: string; cwd?: string }): Promise<PromtoolResult>;
}

/** What a run has printed, and its exit code: 0 when all is well. */
export interface PromtoolResult {
  readonly code: number;
  /** Standard output and errors, in the order in which they came. */
  readonly output: string;
}

/** Looks for promtool: `PROMTOOL`, else on the PATH, else, on Debian, in the distribution's package. */
export async function findPromtool(): Promise<Found<Promtool>> {
  const found = await findPrometheusProgram('promtool');
  if ('missing' in found) return found;
  const { from, path } = found;
  const promtool: Promtool = { path, run: (args, options) => run(path, args, options) };
  return { from, start: async () => promtool };
}

function run(
  path: string,
  args: readonly string[],
  { input = '', cwd }: { input?: string; cwd?: string } = {},
): Promise<PromtoolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
    // It may end without having read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
