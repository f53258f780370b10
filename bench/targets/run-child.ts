import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a file of bench/service in a process of its own and reads the JSON object it prints. */
export async function runChild<Result>(
  file: string,
  nodeFlags: readonly string[],
  args: readonly string[],
): Promise<Result> {
  const path = fileURLToPath(new URL(`../service/${file}`, import.meta.url));
  const { stdout } = await run(process.execPath, [...nodeFlags, '--import', 'tsx', path, ...args]);
  return JSON.parse(stdout) as Result;
}
