import { createHash } from 'node:crypto';
import { ask } from '../assistant/ask.ts';
import { databaseStep } from '../assistant/database-step.ts';
import { modelSteps } from '../assistant/model-steps.ts';
import { type ColumnName, columnNamed } from '../columns/columns.ts';
import { type FrequentRequests, TargetWatch, type Watched } from './target-watch.ts';
import { Timeline, type Trace } from './timeline.ts';

/** What a runner process is asked to do. With several columns, every question goes to each of them in turn. */
export interface Job {
  readonly columns: readonly ColumnName[];
  readonly questions: readonly string[];
  readonly users: number;
  readonly modelUrl: string;
  readonly databaseUrl: string;
  readonly scale: number;
  readonly frequent: FrequentRequests;
}

export interface ColumnRun {
  readonly column: ColumnName;
  /** By the position of the request in the stream. */
  readonly traces: readonly Trace[];
  readonly answers: readonly string[];
  readonly sqlRuns: number;
  readonly sqlMs: number;
}

export type RunnerMessage =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly runs: readonly ColumnRun[]; readonly watched: Watched };

// A process of its own for each run: nothing of another column in its heap, its JIT or its CPU time.
process.once('message', async (job: Job) => {
  const watch = new TargetWatch(job.users, job.frequent);
  let done = 0;
  const reporting = setInterval(() => send({ kind: 'progress', done }), 100);
  const runs = await runJob(job, watch, () => {
    done += 1;
  });
  clearInterval(reporting);
  send({ kind: 'result', runs, watched: watch.end() }, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));

async function runJob(job: Job, watch: TargetWatch, onDone: () => void): Promise<ColumnRun[]> {
  const lanes = job.columns.map((column) => {
    const timeline = new Timeline(job.scale);
    const steps = columnNamed(column)({
      ...modelSteps(job.modelUrl, timeline),
      ...databaseStep(job.databaseUrl, timeline),
    });
    return { column, timeline, steps, traces: [] as Trace[], answers: [] as string[] };
  });

  // A closed loop: each user asks the next question of the stream as soon as the last one is answered.
  let next = 0;
  const user = async (): Promise<void> => {
    for (let index = next++; index < job.questions.length; index = next++) {
      const question = job.questions[index] as string;
      for (let turn = 0; turn < lanes.length; turn++) {
        const lane = lanes[(index + turn) % lanes.length] as (typeof lanes)[number];
        const { answer, trace } = await lane.timeline.request(lane.steps, (steps) => ask(steps, question));
        lane.traces[index] = trace;
        // With several columns in one process their figures stand in the traces alone.
        if (lanes.length === 1) watch.record(index, trace);
        lane.answers[index] = createHash('sha256').update(answer).digest('base64url');
      }
      onDone();
    }
  };
  await Promise.all(Array.from({ length: job.users }, user));

  return lanes.map(({ column, timeline, traces, answers }) => {
    return { column, traces, answers, sqlRuns: timeline.sqlRuns, sqlMs: timeline.sqlMs };
  });
}

function send(message: RunnerMessage, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}
