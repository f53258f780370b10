// What does a task cost whoever runs many of them, a few at once, in time and in memory?
import { median, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { BARE } from './per-task/bare-pump.js';
import type { ListedContestant, TaskRun } from './per-task/child.js';
import { SLOTS } from './per-task/contestant.js';
import { LAYERED, PROCESS, RUN, RUN_IN_TURN, STREAM } from './per-task/ours.js';
import { P_LIMIT, P_LIMIT_IN_TURN, P_MAP, P_MAP_ITERABLE } from './per-task/peers.js';
import { plainChild } from './plain-child.js';
import { publish } from './publish.js';

const FEW = 200_000;
const MANY = 1_000_000;
const HERE = new URL('.', import.meta.url).href;

/** One figure a round, by contestant. */
type Runs = ReadonlyMap<string, readonly TaskRun[]>;

await publish(async ({ quick }): Promise<Report> => {
  const child = await plainChild('./per-task/child.ts');
  try {
    const all = (await child.run(HERE, 'list')) as ListedContestant[];
    const run = (name: string, count: number): Promise<TaskRun> =>
      child.run(HERE, name, String(count)) as Promise<TaskRun>;
    const sizes = quick ? [FEW / 10, FEW] : [FEW, MANY];
    const few = await inTurn(all, quick ? 2 : 9, (name) => run(name, sizes[0]!));
    const many = await inTurn(
      all.filter(({ isBatch }) => isBatch),
      quick ? 1 : 3,
      (name) => run(name, sizes[1]!),
    );
    return report(all, [
      [sizes[0]!, few],
      [sizes[1]!, many],
    ]);
  } finally {
    child.remove();
  }
});

/** A round gives each contestant one process. The order moves on by one each round. */
async function inTurn(
  contestants: readonly ListedContestant[],
  rounds: number,
  run: (name: string) => Promise<TaskRun>,
): Promise<Runs> {
  const runs = new Map<string, TaskRun[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name } = contestants[(turn + round) % contestants.length]!;
      runs.get(name)!.push(await run(name));
    }
  }
  return runs;
}

function report(all: readonly ListedContestant[], sizes: readonly (readonly [count: number, runs: Runs])[]): Report {
  const rows = sizes.flatMap(([tasks, runs]) => {
    const times = timesOf(runs);
    const shown = all.filter(({ name }) => runs.has(name));
    return shown.map(({ name, version }) => {
      const ns = times.get(name)!;
      return {
        contestant: name,
        version,
        tasks,
        'ns a task': median(ns),
        'rounds from': Math.min(...ns),
        to: Math.max(...ns),
        'times bare pump': median(ratios(times, name, BARE)),
        'peak RSS, MB': peakOf(runs, name),
        'of it for the tasks': median(runs.get(name)!.map(({ peakMb, beforeMb }) => Math.max(0, peakMb - beforeMb))),
      };
    });
  });
  const [few, many] = sizes.map(([, runs]) => runs) as [Runs, Runs];
  const at = (runs: Runs, name: string, base: string): number => median(ratios(timesOf(runs), name, base));
  const fromTo = (name: string, base: string): string =>
    `${at(few, name, base).toFixed(2)} and ${at(many, name, base).toFixed(2)}`;
  const memory = (runs: Runs): number => peakOf(runs, STREAM) / peakOf(runs, P_MAP_ITERABLE);
  return {
    title: 'A task of a batch',
    about:
      `An async function that does nothing, for each number of a generator, ${SLOTS} at once. Each figure comes from a process of its own, without anything but Node and all contestants loaded; ` +
      'processes take turns in interleaved rounds. In each the contestant first shows that it returns every result and keeps its slots busy, then runs 20,000 tasks that do not count. Medians; ratios within a round. ' +
      'Peak RSS is that of the whole process. `process`, p-map, p-limit and p-queue keep all results, streams none. `run` and p-limit are given all calls at once, or one after the other.',
    rows,
    figures: {
      processByBare: at(few, PROCESS, BARE),
      processByBareMany: at(many, PROCESS, BARE),
      layeredByBare: at(few, LAYERED, BARE),
      pMapByProcess: at(few, P_MAP, PROCESS),
      pMapByProcessMany: at(many, P_MAP, PROCESS),
      pLimitByProcess: at(few, P_LIMIT, PROCESS),
      pLimitByProcessMany: at(many, P_LIMIT, PROCESS),
      streamByPMapIterable: at(few, STREAM, P_MAP_ITERABLE),
      streamRssByPMapIterable: memory(few),
      streamRssByPMapIterableMany: memory(many),
      runByPLimit: at(few, RUN, P_LIMIT),
      runInTurnByPLimit: at(few, RUN_IN_TURN, P_LIMIT_IN_TURN),
    },
    notes: [
      `At both counts: \`process\` takes ${fromTo(PROCESS, BARE)} times the bare pump; p-map ${fromTo(P_MAP, PROCESS)} times \`process\`, p-limit ${fromTo(P_LIMIT, PROCESS)} times.`,
      `\`stream\` takes ${fromTo(STREAM, P_MAP_ITERABLE)} times pMapIterable, and ${memory(few).toFixed(2)} and ${memory(many).toFixed(2)} times its peak RSS.`,
      `\`run\` takes ${fromTo(RUN, P_LIMIT)} times p-limit where all calls come at once, ${at(few, RUN_IN_TURN, P_LIMIT_IN_TURN).toFixed(2)} times one after the other.`,
    ],
  };
}

function timesOf(runs: Runs): ReadonlyMap<string, readonly number[]> {
  return new Map([...runs].map(([name, each]) => [name, each.map(({ ns }) => ns)]));
}

function peakOf(runs: Runs, name: string): number {
  return median(runs.get(name)!.map(({ peakMb }) => peakMb));
}
