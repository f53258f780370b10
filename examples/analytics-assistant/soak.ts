// npm run soak: the traffic of the demo for ten minutes, with and without leaks. `--short`: a minute. `--only flat`, `--seconds 120`, `--json`.
import { parseArgs } from 'node:util';
import { Progress } from './report/progress.ts';
import { tableText } from './report/terminal.ts';
import { NODE_OPTIONS, type PlannedRun, plannedRuns } from './soak/jobs.ts';
import type { FromSoak, SoakResult } from './soak/soak-run.ts';
import { type EndedRun, soakTable } from './soak/soak-table.ts';
import { failuresOf, MOST_GROWTH } from './soak/verdict.ts';
import { startChild, stopChildren } from './world/child.ts';

process.on('exit', stopChildren);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    soak: { type: 'boolean' },
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (seconds !== undefined && !(seconds > 0)) throw new Error('--seconds takes a number above 0.');
const planned = plannedRuns({
  isShort: values.short,
  ...(values.only && { only: values.only }),
  ...(seconds !== undefined && { seconds }),
});
if (planned.length === 0)
  throw new Error(
    `--only takes ${plannedRuns({ isShort: true })
      .map(({ job }) => `'${job.name}'`)
      .join(', ')}.`,
  );

const progress = new Progress();
const all = Math.max(...planned.map(({ job }) => job.warmUpMs + job.soakMs));
progress.step(`Soaking for ${Math.round(all / 1_000)} s, in ${planned.length} processes`);
const settled = await Promise.allSettled(planned.map(soak));
progress.end();

const ended = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
const failures = [
  ...settled.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as Error).message] : [])),
  ...ended.flatMap(({ job, failures }) => failures.map((failure) => `${job.name}: ${failure}`)),
];
if (values.json) {
  console.log(JSON.stringify({ nodeOptions: NODE_OPTIONS, runs: ended, failures }, null, 2));
} else {
  if (ended.length > 0) console.log(tableText(soakTable(ended)));
  console.log(
    `\n${notes()
      .map((note) => `- ${note}`)
      .join('\n')}`,
  );
  console.log(failures.length === 0 ? '\nPassed.' : `\nFAILED:\n${failures.join('\n')}`);
}
process.exit(failures.length === 0 ? 0 : 1);

/** Runs one of them in a process of its own. */
async function soak(run: PlannedRun): Promise<EndedRun> {
  const { job } = run;
  const child = startChild(new URL('./soak/worker.ts', import.meta.url), { nodeOptions: NODE_OPTIONS });
  const result = await new Promise<SoakResult>((resolve, reject) => {
    child.on('message', (message: FromSoak) => {
      if (message.kind === 'result') resolve(message.result);
      else if (job === planned[0]?.job) progress.update(Math.round(message.elapsedMs / 1_000), Math.round(all / 1_000));
    });
    child.once('exit', (code, signal) => reject(new Error(`${job.name}: ended with ${signal ?? code} and no result`)));
    child.send(job);
  });
  return { ...run, result, failures: failuresOf(run, result) };
}

function notes(): string[] {
  const [{ job }] = planned as [PlannedRun];
  return [
    `Each run is a process of its own (${NODE_OPTIONS.join(' ')}), all side by side: ${job.users} users, ${job.maxEntries.toLocaleString('en-US')} cache entries at most; cache, ` +
      'async, monitor and memory on. Half of the questions come from the stream of the demo, the other half was never asked before.',
    `Model and database are played in the process: the client, questions, latencies (divided by ${job.scale}) and refusals of the demo, without sockets; rows are made up.`,
    'Alive: the heap without its young generation, right after a major collection that came about by itself. No figure of the memory manager.',
    `flat: less than ${MOST_GROWTH * 100} % growth, and no leak reported. leaks: reported within the window, with the growth right within a factor of two; such a run ends ` +
      'soon after the report. emptied: a cache that is emptied and fills again is no leak.',
  ];
}
