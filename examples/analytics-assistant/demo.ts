import type { ColumnName } from './columns/columns.ts';
import { hotpathModules } from './columns/hotpath.ts';
import { type Figures, figuresOf, zeroRepetitionOf } from './measure/figures.ts';
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

const { users, scale, seed, requests, uniqueRequests } = settings();

progress.step('Reading 300,000 flights, starting the database and the model server');
const world = await openWorld({ seed, scale });

const stream = zipfStream(requests, seed);
const run = async (columns: readonly ColumnName[], questions: readonly string[], label = columns.join()) => {
  progress.step(label);
  return runColumns({ columns, questions, users, scale, ...world }, (done) => progress.update(done, questions.length));
};

// The fixed stream: the three columns, then each module alone. While there is one module, 'alone' is the hotpath column itself.
const alone = hotpathModules.length > 1 ? hotpathModules.map(({ name }) => `hotpath: ${name}` as const) : [];
const questions = stream.map(({ question }) => question);
const results: RunResult[] = [];
for (const column of ['plain', 'usual stack', 'hotpath', ...alone] as const) {
  results.push(await run([column], questions));
}

// Nothing repeats: plain and hotpath on the same questions in turn.
const unique = uniqueQuestions(uniqueRequests).map(({ phrasings }) => phrasings[0] as string);
const once = await run(['plain', 'hotpath'], unique, 'no repetition: plain and hotpath in turn');
progress.end();

const figures = results.map((result) => figuresOf(result, stream, users));
const [plain, usual, hotpath, ...others] = figures as [Figures, Figures, Figures, ...Figures[]];
const modules = others.length > 0 ? others : [{ ...hotpath, column: `hotpath: ${hotpathModules[0]?.name}` as const }];
const tables = [
  targetsTable([plain, usual, hotpath]),
  modulesTable(plain, modules, others.length > 0 ? '' : ' (the only one so far: the run of the hotpath column)'),
  zeroRepetitionTable(zeroRepetitionOf(once.runs)),
];

// Whatever a column does, it must not change an answer.
const unequal = [...differences(results.flatMap(({ runs }) => runs)), ...differences(once.runs)];
const answers = unequal.length === 0 ? 'All answers are equal in all runs.' : `ANSWERS DIFFER: ${unequal.join('; ')}`;

const notes = methodNotes(stream);
const report = {
  title: 'hotpath: an analytics assistant',
  summary: `${summary(stream)} ${answers}`,
  tables,
  charts: [{ title: 'Response times', svg: responseTimeChart([plain, usual, hotpath]) }],
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
