import { zipfStream } from './questions/stream.ts';
import { outageChart } from './report/outage-chart.ts';
import { Progress } from './report/progress.ts';
import { publish } from './report/publish.ts';
import { twoWorkersNotes, twoWorkersSummary } from './report/two-workers-method.ts';
import { outageTable, twoWorkersTable } from './report/two-workers-table.ts';
import { twoWorkersSettings } from './settings.ts';
import { createEditions } from './two-workers/editions.ts';
import { figuresBetween } from './two-workers/figures.ts';
import { runTwoWorkers, type TwoWorkersJob, type TwoWorkersRun } from './two-workers/run.ts';
import { LONGEST_MS } from './two-workers/tuning.ts';
import { stopChildren } from './world/child.ts';
import { startRedis } from './world/redis.ts';
import { openWorld } from './world/world.ts';

const STREAM_LENGTH = 10_000;

const startedAt = performance.now();
const progress = new Progress();
process.on('exit', stopChildren);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const redis = await startRedis().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});

const settings = twoWorkersSettings();
const { users, thinkMs, scale, seed, every, schedule, withTold } = settings;
progress.step('Reading the flights, starting the database and the model server');
const world = await openWorld({ seed, scale, every });
await createEditions(world.databaseUrl);

const questions = zipfStream(STREAM_LENGTH, seed).map(({ question }) => question);
const seconds = Math.round((schedule.beforeMs + schedule.stoppedMs + schedule.afterMs) / 1_000);
const run = (label: string, options: Pick<TwoWorkersJob, 'redis' | 'told'>): Promise<TwoWorkersRun> => {
  progress.step(label);
  const job = { world, questions, users, thinkMs, scale, schedule, ...options };
  return runTwoWorkers(job, (ms) => progress.update(Math.min(seconds, Math.floor(ms / 1_000)), seconds));
};
const alone = await run('two workers, memory only', {});
const told = withTold ? await run('two workers, memory only, told of changes', { told: true }) : undefined;
const shared = await run('two workers, one cache', { redis });
progress.end();

const { startedAt: begin, stoppedAt, resumedAt } = shared;
const figures = {
  before: figuresBetween(shared, begin, stoppedAt),
  stopped: figuresBetween(shared, stoppedAt, resumedAt),
  after: figuresBetween(shared, resumedAt, Number.POSITIVE_INFINITY),
  all: figuresBetween(shared, begin, Number.POSITIVE_INFINITY),
  memoryOnly: figuresBetween(alone, alone.startedAt, Number.POSITIVE_INFINITY),
  ...(told && { memoryTold: figuresBetween(told, told.startedAt, Number.POSITIVE_INFINITY) }),
};

// But for its edition, an answer is the same whoever gives it and whatever Redis does.
const different = differentAnswers([alone, ...(told ? [told] : []), shared]);
const { errors, maxMs, oldInA, oldInB } = figures.all;
const faults = [
  ...(different > 0 ? [`${different} ANSWERS DIFFER`] : []),
  ...(errors > 0 ? [`${errors} ERRORS REACHED A CALLER`] : []),
  ...(oldInA + oldInB > 0 ? [`${oldInA + oldInB} ANSWERS WERE TOO OLD`] : []),
  ...(maxMs < LONGEST_MS ? [] : [`A CALLER WAITED ${(maxMs / 1_000).toFixed(1)} S`]),
  // A run in which nothing was stopped or shared proves nothing.
  ...(shared.workers.every(({ downAt }) => downAt.length > 0) ? [] : ['A WORKER DID NOT NOTICE THE STOP']),
  ...(figures.all.savedModelCalls > 0 ? [] : ['NOTHING WAS SHARED']),
];
const verdict = faults.length === 0 ? 'No error, no answer too old, all answers equal.' : `${faults.join('; ')}.`;
const firstError = shared.workers.flatMap(({ answered }) => answered).find(({ failed }) => failed);
if (firstError) console.error(firstError.text);

publish(
  {
    title: 'hotpath: two workers, one cache',
    summary: `${twoWorkersSummary(settings)} ${verdict}`,
    tables: [twoWorkersTable(figures, schedule.stoppedMs), outageTable(shared)],
    charts: [{ title: 'Response times, with Redis', svg: outageChart(shared) }],
    notes: twoWorkersNotes(settings),
  },
  'demo-redis.html',
  startedAt,
);
process.exit(faults.length === 0 ? 0 : 1);

/** How many answers are not what the same question got before. */
function differentAnswers(runs: readonly TwoWorkersRun[]): number {
  const texts = new Map<string, string>();
  const answered = runs.flatMap(({ workers }) => workers.flatMap((worker) => worker.answered));
  return answered.filter(({ question, text, failed }) => {
    if (failed) return false;
    if (!texts.has(question)) texts.set(question, text);
    return texts.get(question) !== text;
  }).length;
}
