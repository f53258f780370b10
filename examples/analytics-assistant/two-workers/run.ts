import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../world/child.ts';
import type { RedisServer } from '../world/redis.ts';
import type { World } from '../world/world.ts';
import { monotonicMs } from './monotonic.ts';
import type { ToWorker, WorkerJob, WorkerResult } from './worker.ts';

/** How long each part of the run takes, in milliseconds. */
export interface Schedule {
  readonly beforeMs: number;
  readonly stoppedMs: number;
  readonly afterMs: number;
  /** Worker A changes the data this often, for the first time after half of it. */
  readonly changeEveryMs: number;
}

export interface TwoWorkersJob {
  readonly world: World;
  /** Absent: the same run, each worker with its memory alone. */
  readonly redis?: RedisServer;
  /** Tell B of A's changes by a message between processes, as a host without a shared tier would have to. */
  readonly told?: boolean;
  readonly questions: readonly string[];
  /** Of both workers together. */
  readonly users: number;
  readonly thinkMs: number;
  readonly scale: number;
  readonly schedule: Schedule;
}

export interface TwoWorkersRun {
  /** A, which makes the changes, and B, which has to hear of them. */
  readonly workers: readonly [WorkerResult, WorkerResult];
  readonly startedAt: number;
  readonly stoppedAt: number;
  readonly resumedAt: number;
  readonly endedAt: number;
}

/** The same stream of questions split over two processes; in the middle Redis is stopped for a while. */
export async function runTwoWorkers(job: TwoWorkersJob, onProgress: (ms: number) => void): Promise<TwoWorkersRun> {
  const { world, redis, told = false, questions, users, thinkMs, scale, schedule } = job;
  const children = ([0, 1] as const).map((which) => {
    const start: WorkerJob = {
      kind: 'start',
      questions: questions.filter((_, index) => index % 2 === which),
      users: users / 2,
      ...{ thinkMs, scale, ...world },
      ...(redis && { redisUrl: redis.url }),
    };
    const child = startChild(new URL('./worker.ts', import.meta.url));
    tell(child, start);
    return child;
  }) as [ChildProcess, ChildProcess];
  await Promise.all(children.map((child) => next(child, 'ready')));
  children[0].on('message', (message: { kind: string }) => {
    if (told && message.kind === 'changed') tell(children[1], { kind: 'changed' });
  });

  const startedAt = monotonicMs();
  for (const child of children) tell(child, { kind: 'go' });
  const ticking = setInterval(() => onProgress(monotonicMs() - startedAt), 250);
  const changing = (async () => {
    const { changeEveryMs } = schedule;
    const lastAt = schedule.beforeMs + schedule.stoppedMs + schedule.afterMs - changeEveryMs / 4;
    for (let at = changeEveryMs / 2; at < lastAt; at += changeEveryMs) {
      await sleep(startedAt + at - monotonicMs());
      tell(children[0], { kind: 'publish' });
    }
  })();
  await sleep(schedule.beforeMs);
  const stoppedAt = monotonicMs();
  redis?.pause();
  await sleep(schedule.stoppedMs);
  redis?.resume();
  const resumedAt = monotonicMs();
  await sleep(schedule.afterMs);
  await changing;
  const results = Promise.all(children.map((child) => next(child, 'result')));
  for (const child of children) tell(child, { kind: 'end' });
  const endedAt = monotonicMs();
  const workers = (await results) as [WorkerResult, WorkerResult];
  clearInterval(ticking);
  return { workers, startedAt, stoppedAt, resumedAt, endedAt };
}

function tell(child: ChildProcess, message: ToWorker): void {
  child.send(message);
}

/** The next message of this kind; rejects when the worker ends without one. */
function next(child: ChildProcess, kind: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`A worker ended with code ${code} and no ${kind}.`));
    const heard = (message: { kind: string }) => {
      if (message.kind !== kind) return;
      child.off('message', heard).off('exit', ended);
      resolve(message);
    };
    child.on('message', heard).once('exit', ended);
  });
}
