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

/** What a run of the job gave away, in order. */
interface Life {
  readonly job: KillJob;
  readonly outcomes: Uint32Array;
}

interface Tally {
  readonly missing: number;
  /** Of each run: how many of its outcomes a later one gave away again, as they were not recorded when it was killed. */
  readonly repeated: readonly number[];
  readonly failed: readonly number[];
}

function tally(lives: readonly Life[]): Tally {
  const repeated = lives.map(() => 0);
  const lastLife = new Map<number, number>();
  const failed = new Set<number>();
  for (const [life, { outcomes }] of lives.entries()) {
    for (const outcome of outcomes) {
      const index = outcome % FAILED;
      const earlier = lastLife.get(index);
      if (earlier !== undefined) repeated[earlier]!++;
      lastLife.set(index, life);
      if (outcome >= FAILED) failed.add(index);
    }
  }
  return { missing: DOCUMENTS - lastLife.size, repeated, failed: [...failed] };
}

/** What was recorded behind so many outcomes. */
async function outcomesAfter(record: string, count: number): Promise<Uint32Array> {
  const bytes = await readFile(record).catch(() => Buffer.alloc(0));
  return new Uint32Array(new Uint8Array(bytes.subarray(count * 4)).buffer);
}

describe(`a job over ${DOCUMENTS} documents that is killed at ${KILLS} random points`, () => {
  const seed = seedOf('kill');

  it('misses none, and repeats at most what was under way at each', { timeout: 60_000 + KILLS * 500 }, async () => {
    const random = new SeededRandom(seed);
    const checkpoint = join(folder, 'checkpoint');
    const record = join(folder, 'record');
    const lives: Life[] = [];
    let given = 0;
    for (;;) {
      const isLast = lives.length === KILLS;
      // By itself between two steps of the program, or from outside wherever it is, also in the middle of a write.
      const bySelf = random.chance(0.5);
      const dieAfter = isLast ? Number.MAX_SAFE_INTEGER : random.below((1.2 * DOCUMENTS) / KILLS);
      const job: KillJob = {
        // Others each time: a checkpoint is of a source, however it is gone over. What is left at last goes in the quickest one.
        form: isLast ? 'batches' : random.pick(JOB_FORMS),
        concurrency: random.pick([1, 3, 8, 24]),
        batch: random.pick([2, 7, 20]),
        documents: DOCUMENTS,
        checkpoint,
        record,
        seed: random.below(2 ** 31),
        dieAfter,
      };
      const hasEnded = await live(job, isLast ? 60_000 : bySelf ? 10_000 : random.next() * 20);
      const outcomes = await outcomesAfter(record, given);
      given += outcomes.length;
      lives.push({ job, outcomes });
      if (hasEnded) break;
    }
    const { missing, repeated, failed } = tally(lives);
    console.log(`repeated after each kill: ${repeated.map((count, i) => `${count}/${mostUnderWay(lives[i]!.job)}`)}`);
    expect(missing).toBe(0);
    for (const [life, { job }] of lives.entries()) {
      const { form, concurrency, batch } = job;
      const name = `run ${life}: ${form}, ${concurrency} at once, batches of ${batch}`;
      expect(repeated[life], name).toBeLessThanOrEqual(mostUnderWay(job));
    }
    // The last one ended by itself, after all that was done.
    expect(repeated.at(-1)).toBe(0);
    expect(failed).toEqual([POISON]);
    expect(lives.length).toBe(KILLS + 1);
  });
});
