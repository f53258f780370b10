import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findMemoryCgroup } from '../services/memory-cgroup.js';
import type { SnapshotReport, SnapshotTask } from './snapshot-child.js';

const MB = 2 ** 20;
const LIMIT_MB = 300;
/** Some 25 Mb of heap: a snapshot takes 350 Mb on top of it. */
const TOO_MANY = 150_000;
const PARTIAL = /^heap-.*\.heapsnapshot\.tmp$/;

interface Answer extends Partial<SnapshotReport> {
  readonly code?: string;
  readonly message?: string;
}

/** What a child has said, or what has killed it. */
interface End extends Answer {
  readonly signal?: string;
}

const foundCgroup = await findMemoryCgroup(LIMIT_MB * MB);
let base: string;
let directory: string;
let outfile: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'hotpath-snapshot-'));
  outfile = join(base, 'child.mjs');
  const entryPoints = [fileURLToPath(new URL('./snapshot-child.ts', import.meta.url))];
  // As one plain file: a compiler in the process would make its heap ten times as large.
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
});
beforeEach(async () => {
  directory = join(await mkdtemp(join(base, 'run-')), 'snapshots');
});
afterAll(() => rm(base, { recursive: true, force: true }));

type Within = (command: readonly string[]) => readonly string[];

function run(task: SnapshotTask, within: Within = (command) => command): Promise<End> {
  // Far above the limit: V8 must not end it before the kernel does.
  const node = [process.execPath, '--max-old-space-size=2048', outfile, JSON.stringify(task)];
  const [command, ...args] = within(node);
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(command!, args, { env, timeout: 20_000, killSignal: 'SIGTERM' }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as Answer);
      else if (error.signal) resolve({ signal: error.signal });
      else reject(error);
    });
  });
}

async function expectWhole({ path, bytes, message }: End): Promise<void> {
  expect(path, message).toBeDefined();
  const content = await readFile(path!);
  expect(content.length).toBe(bytes);
  expect((await stat(path!)).mode & 0o777).toBe(0o600);
  const { nodes, strings } = JSON.parse(content.toString()) as { nodes: number[]; strings: string[] };
  expect(nodes.length).toBeGreaterThan(10_000);
  expect(strings).toContain('PlantedInTheHeap');
}

it.each([
  ['rows', { rows: 25_000 }],
  ['one long list', { slots: 60_000 }],
])(
  'a manager writes a heap of %s to a file that can be read, with no more memory than it reckons with',
  async (_, filling) => {
    const end = await run({ ...filling, options: { directory, skipMemoryCheck: true } });
    await expectWhole(end);
    expect(end.takenBytes).toBeGreaterThan(20 * MB);
    expect(end.takenBytes).toBeLessThan(end.reservedBytes!);
  },
);

describe(`a process in a real control group of ${LIMIT_MB} Mb`, () => {
  const inGroup = async (task: SnapshotTask): Promise<End> => {
    if ('missing' in foundCgroup) throw new Error(foundCgroup.missing);
    const group = await foundCgroup.start();
    try {
      return await run(task, group.within);
    } finally {
      await group.close();
    }
  };

  it('takes a snapshot where it has room', async (context) => {
    if ('missing' in foundCgroup) return context.skip(foundCgroup.missing);
    await expectWhole(await inGroup({ options: { directory } }));
  });

  it('refuses one that would have it killed, and is killed when told to; the next one deletes what that left', async (context) => {
    if ('missing' in foundCgroup) return context.skip(foundCgroup.missing);
    const [refused, killed] = await Promise.all([
      inGroup({ rows: TOO_MANY, options: { directory } }),
      inGroup({ rows: TOO_MANY, options: { directory, skipMemoryCheck: true } }),
    ]);
    expect(refused.code).toBe('NO_ROOM');
    expect(refused.message).toMatch(/, [1-3] Mb of it in large objects, .* left of the limit of 300 Mb/);
    expect(killed).toEqual({ signal: 'SIGKILL' });
    expect(await readdir(directory)).toEqual([expect.stringMatching(PARTIAL)]);
    await expectWhole(await inGroup({ options: { directory } }));
    expect(await readdir(directory)).toEqual([expect.not.stringMatching(PARTIAL)]);
  });
});
