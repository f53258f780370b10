import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom, seedOf } from '../../random.js';
import { FAILED, JOB_FORMS, type KillJob, mostUnderWay, POISON } from './kill-plan.js';

const DOCUMENTS = 100_000;
const KILLS = Number(process.env['HOTPATH_KILLS'] ?? 50);

let folder: string;
let program: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kill-'));
  program = join(folder, 'job.mjs');
  // Bundled once: reading TypeScript fifty times over would take longer than all jobs together.
  const entry = new URL('./kill-job.ts', import.meta.url).pathname;
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the job until it ends or dies. True when it came to its end. */
async function live(job: KillJob, killAfterMs: number): Promise<boolean> {
  const run = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = run;
  const exited = once(run, 'exit');
  let complaints = '';
  run.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  await Promise.race([once(run.stdout, 'data'), exited]);
  const timer = new AbortController();
  await Promise.race([exited, sleep(killAfterMs, undefined, { signal: timer.signal })]);
  timer.abort();
  run.kill('SIGKILL');
  const [code, signal] = await exited;
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the job failed: ${complaints}`);
  return code === 0;
}

interface Tally {
  readonly missing: number;
  readonly repeated: number;
  readonly failed: readonly number[];
}

async function tally(record: string): Promise<Tally> {
  const bytes = await readFile(record);
  const times = new Uint16Array(DOCUMENTS);
  const failed = new Set<number>();
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const value = bytes.readUInt32LE(at);
    const index = value % FAILED;
    times[index]!++;
    if (value >= FAILED) failed.add(index);
  }
  return {
    missing: times.filter((count) => count === 0).length,
    repeated: times.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    failed: [...failed],
  };
}

describe(`a job over ${DOCUMENTS} documents that is killed at ${KILLS} random points`, () => {
  const seed = seedOf('kill');

  it('misses none, and repeats at most what was under way at each', { timeout: 60_000 + KILLS * 500 }, async () => {
    const random = new SeededRandom(seed);
    const checkpoint = join(folder, 'checkpoint');
    const record = join(folder, 'record');
    let kills = 0;
    let allowed = 0;
    for (;;) {
      const isLast = kills === KILLS;
      // By itself between two steps of the program, or from outside wherever it is, also in the middle of a write.
      const bySelf = random.chance(0.5);
      const dieAfter = isLast ? Number.MAX_SAFE_INTEGER : random.below((1.2 * DOCUMENTS) / KILLS);
      // Another form each time: a checkpoint is of a source, however it is gone over.
      const form = random.chance(0.5) ? 'streamBatches' : random.pick(JOB_FORMS);
      const job: KillJob = {
        form,
        documents: DOCUMENTS,
        checkpoint,
        record,
        seed: random.below(2 ** 31),
        dieAfter,
      };
      const hasEnded = await live(job, isLast ? 60_000 : bySelf ? 10_000 : random.next() * 20);
      if (hasEnded) break;
      kills++;
      allowed += mostUnderWay(form);
    }
    const { missing, repeated, failed } = await tally(record);
    console.log(`${kills} kills: ${repeated} of at most ${allowed} repeated`);
    expect(missing).toBe(0);
    expect(repeated).toBeLessThanOrEqual(allowed);
    expect(failed).toEqual([POISON]);
    expect(kills).toBe(KILLS);
  });
});
