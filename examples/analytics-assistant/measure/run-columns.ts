import { startChild } from '../world/child.ts';
import type { ColumnRun, Job, RunnerMessage } from './runner.ts';
import type { Watched } from './target-watch.ts';

export interface RunResult {
  readonly runs: readonly ColumnRun[];
  readonly watched: Watched;
  readonly model: ModelTally;
}

/** What the model server counted while the columns ran. */
export interface ModelTally {
  readonly calls: number;
  readonly rateLimited: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Heap of a runner: small, so that its use of memory means something. */
const HEAP_MB = 512;

/** Runs columns over a stream of questions in a fresh process and collects what it and the model server measured. */
export async function runColumns(job: Job, onProgress: (done: number) => void): Promise<RunResult> {
  await modelTally(job.modelUrl); // reading starts the count anew
  const runner = startChild(new URL('./runner.ts', import.meta.url), {
    nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
  });
  const { runs, watched } = await new Promise<Extract<RunnerMessage, { kind: 'result' }>>((resolve, reject) => {
    runner.on('message', (message: RunnerMessage) => {
      if (message.kind === 'progress') onProgress(message.done);
      else resolve(message);
    });
    runner.once('exit', (code) =>
      reject(new Error(`The run of ${job.columns.join(', ')} ended with code ${code} and no result.`)),
    );
    runner.send(job);
  });
  return { runs, watched, model: await modelTally(job.modelUrl) };
}

async function modelTally(modelUrl: string): Promise<ModelTally> {
  return (await (await fetch(`${modelUrl}/tally`)).json()) as ModelTally;
}
