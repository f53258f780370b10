import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CpuProfile } from '../../src/monitor/profiling/cpu-profile.js';
import type { HeapProfile, HeapProfileNode } from '../../src/monitor/profiling/heap-profile.js';
import type { ProfileOptions } from '../../src/monitor/profiling/profile-options.js';
import type { ProfileResult } from '../../src/monitor/profiling/profiler.js';
import type { ChildOutcome } from './profile-child.js';
import { ProfilerUnderTest, profileFolder } from './profiler-setup.js';

/** Loaded by Node itself, so that lines are those of the file. */
const WORK = `
exports.burnCycles = function burnCycles(ms) {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
  return sum;
};
exports.fillShelves = function fillShelves(shelves) {
  for (let i = 0; i < 20_000; i++) shelves.push(new Array(50).fill(i));
};
`;

interface Work {
  burnCycles(ms: number): number;
  fillShelves(shelves: unknown[]): void;
}

let folder: Awaited<ReturnType<typeof profileFolder>>;
let file: string;
let work: Work;
beforeAll(async () => {
  folder = await profileFolder();
  await mkdir(join(folder.path, 'host'));
  file = join(folder.path, 'host', 'work.cjs');
  await writeFile(file, WORK);
  work = createRequire(import.meta.url)(file) as Work;
});
afterAll(() => folder.remove());

async function profileOf(kind: 'cpu' | 'heap', task: () => void, options: ProfileOptions = {}): Promise<ProfileResult> {
  const test = new ProfilerUnderTest(join(folder.path, 'profiles'), options);
  const { result } = await test.begin(100, { kind });
  task();
  test.clock.advance(100);
  return result;
}

describe('a CPU profile of this process', () => {
  it('names the function that kept it busy first, and is a file that viewers open', async () => {
    const { top, collapsed, path, bytes } = await profileOf('cpu', () => work.burnCycles(200));
    expect(top[0]).toMatchObject({ name: 'burnCycles', location: `${file}:2` });
    expect(top[0]!.self).toBeGreaterThan(100);
    expect(top[0]!.busyShare).toBeGreaterThan(0.5);
    expect(collapsed).toMatch(new RegExp(`^[^\n]*;burnCycles \\(${file}:2\\) \\d+\n`));

    const text = await readFile(path, 'utf8');
    expect(Buffer.byteLength(text)).toBe(bytes);
    const { nodes, samples = [], timeDeltas = [], startTime, endTime } = JSON.parse(text) as CpuProfile;
    const ids = new Set(nodes.map(({ id }) => id));
    expect(samples.length).toBeGreaterThan(20);
    expect(timeDeltas).toHaveLength(samples.length);
    expect(samples.filter((id) => !ids.has(id))).toEqual([]);
    expect(nodes[0]!.callFrame.functionName).toBe('(root)');

    // Table, stacks and file tell of the same time, but for what lines lose by rounding.
    const stacks = collapsed.trimEnd().split('\n');
    const inStacks = stacks.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    const times = timeDeltas.map((_, i) => timeDeltas.slice(0, i + 1).reduce((sum, delta) => sum + delta, startTime));
    const first = Math.min(...times);
    expect(Math.abs(inStacks - (endTime - first))).toBeLessThanOrEqual(nodes.length);
    const all = top[0]!.self / top[0]!.share;
    expect(Math.abs(all * 1_000 - (endTime - first))).toBeLessThanOrEqual(1);
  });

  it('takes as many samples as it was told', async () => {
    const count = async (options: ProfileOptions): Promise<number> => {
      const { path } = await profileOf('cpu', () => work.burnCycles(100), options);
      return (JSON.parse(await readFile(path, 'utf8')) as CpuProfile).samples!.length;
    };
    expect(await count({ samplingInterval: '1ms' })).toBeGreaterThan(2 * (await count({ samplingInterval: '20ms' })));
  });

  it('hides the working folder on request, in the table, in the stacks and in the file', async () => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(join(folder.path, 'host'));
    const { top, collapsed, path } = await profileOf('cpu', () => work.burnCycles(100), { redactPaths: true });
    cwd.mockRestore();
    const text = await readFile(path, 'utf8');
    expect(top[0]).toMatchObject({ name: 'burnCycles', location: 'work.cjs:2' });
    expect(collapsed).toContain('burnCycles (work.cjs:2)');
    expect(text).toContain('"url":"work.cjs"');
    expect(text + collapsed).not.toContain(folder.path);
  });
});

describe('a heap profile of this process', () => {
  it('names the function first that allocated what is still in use', async () => {
    const shelves: unknown[] = [];
    const { top, collapsed, path } = await profileOf('heap', () => work.fillShelves(shelves));
    expect(shelves).toHaveLength(20_000);
    expect(top[0]).toMatchObject({ name: 'fillShelves', location: `${file}:7` });
    // 8 MB of pointers, found by sampling.
    expect(top[0]!.self).toBeGreaterThan(4_000_000);
    expect(top[0]!.self).toBeLessThan(16_000_000);
    expect(collapsed).toMatch(new RegExp(`fillShelves \\(${file}:7\\) \\d+\n`));
    const { head } = JSON.parse(await readFile(path, 'utf8')) as HeapProfile;
    const bytes = (node: HeapProfileNode): number =>
      node.children.reduce((sum, child) => sum + bytes(child), node.selfSize);
    expect(top[0]!.share).toBeCloseTo(top[0]!.self / bytes(head), 9);
  });
});

describe('beside a debugger', () => {
  it('no profile is taken: calls are refused, breaches reported', async () => {
    const child = fork(new URL('./profile-child.ts', import.meta.url), [join(folder.path, 'child')], {
      execArgv: ['--import', 'tsx', '--inspect=127.0.0.1:0'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    try {
      const [outcome] = (await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(([code]) => Promise.reject(new Error(`the child ended with ${code}`))),
      ])) as [ChildOutcome];
      expect(outcome).toEqual({ asked: 'DEBUGGER_ATTACHED', troubles: ['DEBUGGER_ATTACHED'], files: 0 });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
