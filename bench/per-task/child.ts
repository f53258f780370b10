// Child of per-task.bench.ts: runs one contestant once over so many tasks. Prints one JSON object.
// Arguments: the folder of the benches as a URL, then `list`; or the name of the contestant and the count.
import { checkContestant, checkResult, noop } from './contestant.js';
import { taskContestants } from './contestants.js';

/** So that what is timed is compiled. */
const WARM_UP = 20_000;

export interface TaskRun {
  readonly ns: number;
  /** Of the process at its peak, and before the tasks. */
  readonly peakMb: number;
  readonly beforeMb: number;
}

export interface ListedContestant {
  readonly name: string;
  readonly version: string;
  readonly isBatch: boolean;
}

const [bench = '', name, count = '0'] = process.argv.slice(2);
const contestants = await taskContestants(new URL(bench));
process.stdout.write(JSON.stringify(name === 'list' ? list() : await runOne()));

function list(): ListedContestant[] {
  return contestants.map(({ name, version, isBatch }) => ({ name, version, isBatch }));
}

async function runOne(): Promise<TaskRun> {
  const contestant = contestants.find((each) => each.name === name);
  if (!contestant) throw new Error(`There is no contestant called ${name}.`);
  await checkContestant(contestant);
  checkResult(contestant.name, WARM_UP, await contestant.run(WARM_UP, noop));
  (globalThis as { gc?: () => void }).gc?.();
  const beforeMb = process.memoryUsage.rss() / 2 ** 20;
  const tasks = Number(count);
  const began = process.hrtime.bigint();
  const result = await contestant.run(tasks, noop);
  const ns = Number(process.hrtime.bigint() - began) / tasks;
  const peakMb = process.resourceUsage().maxRSS / 2 ** 10;
  checkResult(contestant.name, tasks, result);
  return { ns, peakMb, beforeMb };
}
