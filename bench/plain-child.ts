import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const MOST_OUTPUT = 2 ** 24;

/** A program for processes that hold nothing but Node and what is measured: loading TypeScript as they run would cost them 60 MB. */
export interface PlainChild {
  /** Runs it once, in a process of its own, and reads the JSON that it prints. */
  run(...args: readonly string[]): Promise<unknown>;
  /** Takes the bundle away. */
  remove(): void;
}

/** Bundles a TypeScript file of this folder. It is told by its arguments where things are, since it runs from elsewhere. */
export async function plainChild(file: string): Promise<PlainChild> {
  const folder = mkdtempSync(join(tmpdir(), 'hotpath-bench-'));
  const outfile = join(folder, 'child.mjs');
  const entry = fileURLToPath(new URL(file, import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  return {
    async run(...args) {
      const { stdout } = await run(process.execPath, ['--expose-gc', outfile, ...args], { maxBuffer: MOST_OUTPUT });
      return JSON.parse(stdout);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
