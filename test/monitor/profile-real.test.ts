import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CpuProfile } from '../../src/core/profiling/cpu-profile.js';
import type { HeapProfile, HeapProfileNode } from '../../src/core/profiling/heap-profile.js';
import type { ProfileOptions } from '../../src/monitor/profiling/profile-options.js';
import type { ProfileResult } from '../../src/monitor/profiling/profiler.js';
import type { ChildOutcome } from './profile-child.js';
import { ProfilerUnderTest, profileFolder } from './profiler-setup.js';

/**
 * Loaded by Node itself, so that lines are those of the file. Recursive, because V8 may count the time of a loop that it optimised
 * while it ran to the caller.
 */
const WORK = `
exports.fibonacci = function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
};
exports.fillShelves = function fillShelves(shelves) {
  for (let i = 0; i < 20_000; i++) shelves.push(new Array(50).fill(i));
};
`;

interface Work {
  fibonacci(n: number): number;
  fillShelves(shelves: unknown[]): void;
}

let folder: Awaited<ReturnType<typeof profileFolder>>;
let file: string;
let work: Work;
beforeEach(async () => {
  folder = await profileFolder();
  await mkdir(join(folder.path, 'host'));
  file = join(folder.path, 'host', 'work.cjs');
  await writeFile(file, WORK);
  work = createRequire(import.meta.url)(file) as Work;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

async function profileOf(kind: 'cpu' | 'heap', task: () => void, options: ProfileOptions = {}): Promise<ProfileResult> {
  const test = new ProfilerUnderTest(join(folder.path, 'profiles'), options);
  const { result } = await test.begin(100, { kind });
  task();
  test.clock.advance(100);
  return result;
}

describe('a CPU profile of this process', () => {
  it('names the function that kept it busy first, and is a file that viewers open', async () => {
    const { top, collapsed, path, bytes } = await profileOf('cpu', () => work.fibonacci(36));
    expect(top[0]).toMatchObject({ name: 'fibonacci', location: `${file}:2` });
    expect(collapsed).toMatch(new RegExp(`;fibonacci \\(${file}:2\\) \\d+\n`));

    const text = await readFile(path, 'utf8');
    expect(Buffer.byteLength(text)).toBe(bytes);
    const { nodes, samples = [], timeDeltas = [], startTime, endTime } = JSON.parse(text) as CpuProfile;
    const ids = new Set(nodes.map(({ id }) => id));
    expect(samples).not.toEqual([]);
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

  it('hides the working folder on request, in the table, in the stacks and in the file', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(join(folder.path, 'host'));
    const { top, collapsed, path } = await profileOf('cpu', () => work.fibonacci(36), { redactPaths: true });
    const text = await readFile(path, 'utf8');
    expect(top[0]).toMatchObject({ name: 'fibonacci', location: 'work.cjs:2' });
    expect(collapsed).toContain('fibonacci (work.cjs:2)');
    expect(text).toContain('"url":"work.cjs"');
    expect(text + collapsed).not.toContain(folder.path);
  });
});

describe('a heap profile of this process', () => {
  it('names the function first that allocated what is still in use', async () => {
    const shelves: unknown[] = [];
    const { top, collapsed, path } = await profileOf('heap', () => work.fillShelves(shelves));
    expect(shelves).toHaveLength(20_000);
    expect(top[0]).toMatchObject({ name: 'fillShelves', location: `${file}:5` });
    // 8 MB of pointers, found by sampling.
    expect(top[0]!.self).toBeGreaterThan(4_000_000);
    expect(top[0]!.self).toBeLessThan(16_000_000);
    expect(collapsed).toMatch(new RegExp(`fillShelves \\(${file}:5\\) \\d+\n`));
    const { head } = JSON.parse(await readFile(path, 'utf8')) as HeapProfile;
    const bytes = (node: HeapProfileNode): number =>
      node.children.reduce((sum, child) => sum + bytes(child), node.selfSize);
    expect(top[0]!.share).toBeCloseTo(top[0]!.self / bytes(head), 9);
  });
});

it('samples as often as it was told', async () => {
  const post = vi.spyOn(Session.prototype, 'post');
  await profileOf('cpu', () => {}, { samplingInterval: 2.5 });
  await profileOf('heap', () => {}, { heapSamplingBytes: 4_096 });
  await profileOf('cpu', () => {});
  await profileOf('heap', () => {});
  expect(post.mock.calls.filter(([, parameters]) => parameters !== undefined)).toEqual([
    ['Profiler.setSamplingInterval', { interval: 2_500 }],
    ['HeapProfiler.startSampling', { samplingInterval: 4_096 }],
    ['Profiler.setSamplingInterval', { interval: 1_000 }],
    ['HeapProfiler.startSampling', { samplingInterval: 32_768 }],
  ]);
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
