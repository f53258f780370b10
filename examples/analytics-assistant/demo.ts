import type { ColumnName } from './columns/columns.ts';
import { hotpathModules } from './columns/hotpath.ts';
import { aloneFiguresOf, type Figures, figuresOf, frequentRequests, zeroRepetitionOf } from './measure/figures.ts';
import { type RunResult, runColumns } from './measure/run-columns.ts';
import type { ColumnRun } from './measure/runner.ts';
import { zipfStream } from './questions/stream.ts';
import { uniqueQuestions } from './questions/unique-questions.ts';
import { responseTimeChart } from './report/chart.ts';
import { methodNotes, summary } from './report/method.ts';
import { Progress } from './report/progress.ts';
import { publish } from './report/publish.ts';
import { modulesTable, targetsTable, zeroRepetitionTable } from './report/tables.ts';
import { settings } from './settings.ts';
import { stopChildren } from './world/child.ts';
import { openWorld } from './world/world.ts';

const startedAt = performance.now();
const progress = new Progress();
process.on('exit', stopChildren);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const { users, scale, seed, requests, uniqueRequests, aloneRequests } = settings();

progress.step('Reading 300,000 flights, starting the database and the model server');
const world = await openWorld({ seed, scale });

const stream = zipfStream(requests, seed);
const frequent = frequentRequests(stream);
const run = async (columns: readonly ColumnName[], questions: readonly string[], label = columns.join()) => {
  progress.step(label);
  const job = { columns, questions, users, scale, frequent, ...world };
  return runColumns(job, (done) => progress.update(done, questions.length));
};

// The fixed stream, by the three columns.
const questions = stream.map(({ question }) => question);
const results: RunResult[] = [];
for (const column of ['plain', 'usual stack', 'hotpath'] as const) results.push(await run([column], questions));

// Each module alone, over the beginning of the stream: one that does not cache takes as long as plain.
const beginning = questions.slice(0, aloneRequests);
const alone = [(results[0] as RunResult).runs[0] as ColumnRun];
for (const { name } of hotpathModules) alone.push((await run([`hotpath: ${name}`], beginning)).runs[0] as ColumnRun);

// Nothing repeats: plain and hotpath on the same questions in turn.
const unique = uniqueQuestions(uniqueRequests).map(({ phrasings }) => phrasings[0] as string);
const once = await run(['plain', 'hotpath'], unique, 'no repetition: plain and hotpath in turn');
progress.end();

const figures = results.map((result) => figuresOf(result, stream)) as [Figures, Figures, Figures];
const tables = [
  targetsTable(figures),
  modulesTable(
    beginning.length,
    alone.map((column) => aloneFiguresOf(column, beginning.length, users)),
  ),
  zeroRepetitionTable(zeroRepetitionOf(once.runs)),
];

// Whatever a column does, it must not change an answer.
const all = results.flatMap(({ runs }) => runs);
const unequal = [...differences(all), ...differences(alone), ...differences(once.runs)];
const answers = unequal.length === 0 ? 'All answers are equal in all runs.' : `ANSWERS DIFFER: ${unequal.join('; ')}`;

const notes = methodNotes(stream);
const report = {
  title: 'hotpath: an analytics assistant',
  summary: `${summary(stream)} ${answers}`,
  tables,
  charts: [{ title: 'Response times', svg: responseTimeChart(figures) }],
  notes,
};
publish(report, 'demo.html', startedAt);
process.exit(unequal.length === 0 ? 0 : 1);

/** The runs whose answers are not those of the first, with how many differ. */
function differences([first, ...others]: readonly ColumnRun[]): string[] {
  return others.flatMap((other) => {
    const count = other.answers.filter((answer, index) => answer !== first?.answers[index]).length;
    return count > 0 ? [`${count} of ${other.column} are not those of ${first?.column}`] : [];
  });
}
