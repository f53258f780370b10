import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('./lone-monitor-child.ts', import.meta.url));

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'hotpath-lone-'));
});
afterEach(() => rm(base, { recursive: true }));

function run(what: string): Promise<{ code: number | string; output: string }> {
  const args = ['--import', 'tsx', CHILD, what, join(base, 'profiles')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 'killed') : 0, output: stdout || stderr });
    });
  });
}

describe('a process in which nothing else is under way', () => {
  it('lives until close() has given up the messages to sinks that hang or fail, and counted them', async () => {
    expect(await run('close')).toEqual({ code: 0, output: 'dropped: 1,1\n' });
  }, 20_000);

  it('lives as long as a profile that is awaited', async () => {
    expect(await run('profile')).toEqual({ code: 0, output: 'cpu.cpuprofile\n' });
  }, 20_000);
});
