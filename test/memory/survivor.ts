import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { CollectPolicy } from '../../src/memory/index.js';
import type { Workload } from './survival-workload.js';

const CHILD = fileURLToPath(new URL('./survival-child.ts', import.meta.url));
const DEADLINE_MS = 60_000;

/** What a child does. */
export interface SurvivalTask {
  readonly workload: Workload;
  /** No cache at all, a cache alone, or one under a MemoryManager. */
  readonly caching: 'none' | 'alone' | 'managed';
  readonly gc?: CollectPolicy;
  /** Bytes that its reader calls the limit. Default: what the system says. */
  readonly pretendedLimit?: number;
}

/** What a child that has finished says. */
export interface SurvivalReport {
  readonly digest: string;
  readonly hits: number;
  readonly trims: number;
  /** Whether a trim has asked for everything. */
  readonly isEmptied: boolean;
  /** The levels it came to, each with what drove it. */
  readonly levels: readonly string[];
  readonly troubles: readonly string[];
  readonly maxRssMb: number;
  readonly limitMb: number;
  readonly limitSource: string;
}

/** How a child has ended. */
export interface SurvivalEnd {
  /** `finished`, `SIGABRT` or `SIGKILL`; else what happened, for the reader of a failed test. */
  readonly end: string;
  readonly report?: SurvivalReport;
  readonly errors: string;
}

/** Child processes for tests of survival. */
export class Survivors {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundled first: a compiler in the child would take its memory. */
  static async prepare(): Promise<Survivors> {
    const folder = await mkdtemp(join(tmpdir(), 'hotpath-survival-'));
    await build({
      entryPoints: [CHILD],
      outfile: join(folder, 'child.mjs'),
      ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
    });
    return new Survivors(folder);
  }

  /**
   * @param heapMb - the largest heap that V8 may make
   * @param within - turns the command into one that runs it elsewhere, such as in a control group
   */
  run(
    task: SurvivalTask,
    heapMb: number,
    within: (command: readonly string[]) => readonly string[] = (command) => command,
  ): Promise<SurvivalEnd> {
    const node = [process.execPath, `--max-old-space-size=${heapMb}`, join(this.#folder, 'child.mjs')];
    const [command, ...args] = within([...node, JSON.stringify(task)]);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(command!, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    const timer = setTimeout(kill, DEADLINE_MS);
    process.once('exit', kill);
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4_000);
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        process.off('exit', kill);
        const end = endOf(code, signal);
        resolve(end === 'finished' ? { end, errors, report: JSON.parse(output) as SurvivalReport } : { end, errors });
      });
    });
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A shell between tells signals by codes from 128 on. */
function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === 0) return 'finished';
  if (code === 134 || signal === 'SIGABRT') return 'SIGABRT';
  if (code === 137 || signal === 'SIGKILL') return 'SIGKILL';
  return `code ${code}, signal ${signal}`;
}
