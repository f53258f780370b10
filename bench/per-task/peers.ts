import type { PackageSource } from '../../src/cli/package-source.js';
import { numbers, SLOTS, type Task, type TaskContestant } from './contestant.js';

export const P_MAP = 'p-map';
export const P_MAP_ITERABLE = 'pMapIterable';
export const P_LIMIT = 'p-limit';
export const P_LIMIT_IN_TURN = 'p-limit, one after the other';

// What is used of each peer: they are not installed with the repository, so the type check cannot see their own types.
type Items = Iterable<number>;
interface PMapModule {
  default(items: Items, task: Task, options: { concurrency: number }): Promise<number[]>;
  pMapIterable(items: Items, task: Task, options: { concurrency: number }): AsyncIterable<number>;
}
interface PLimitModule {
  default(concurrency: number): (fn: () => Promise<number>) => Promise<number>;
}
interface PQueueModule {
  readonly default: new (options: { concurrency: number }) => { add(fn: () => Promise<number>): Promise<number> };
}
interface StreamingIterablesModule {
  parallelMap(concurrency: number, task: Task, items: Items): AsyncIterable<number>;
}

/** The peers, each called as its README shows. Those with a queue of functions are given all of them, since they take no iterable. */
export async function peerContestants(packages: PackageSource): Promise<TaskContestant[]> {
  const { default: pMap, pMapIterable } = (await packages.load('p-map')) as PMapModule;
  const { default: pLimit } = (await packages.load('p-limit')) as PLimitModule;
  const { default: PQueue } = (await packages.load('p-queue')) as PQueueModule;
  const { parallelMap } = (await packages.load('streaming-iterables')) as StreamingIterablesModule;
  const limit = pLimit(SLOTS);
  const queue = new PQueue({ concurrency: SLOTS });
  const contestant = (name: string, from: string, run: TaskContestant['run'], isBatch = true): TaskContestant => {
    return { name, version: packages.version(from), isBatch, run };
  };
  return [
    contestant(P_MAP_ITERABLE, 'p-map', (count, task) =>
      sumOf(pMapIterable(numbers(count), task, { concurrency: SLOTS })),
    ),
    contestant('streaming-iterables parallelMap', 'streaming-iterables', (count, task) =>
      sumOf(parallelMap(SLOTS, task, numbers(count))),
    ),
    contestant(P_MAP, 'p-map', (count, task) => pMap(numbers(count), task, { concurrency: SLOTS })),
    contestant(P_LIMIT, 'p-limit', (count, task) =>
      Promise.all(Array.from(numbers(count), (n) => limit(() => task(n)))),
    ),
    contestant('p-queue', 'p-queue', (count, task) =>
      Promise.all(Array.from(numbers(count), (n) => queue.add(() => task(n)))),
    ),
    contestant(
      P_LIMIT_IN_TURN,
      'p-limit',
      async (count, task) => {
        let sum = 0;
        for (const n of numbers(count)) sum += await limit(() => task(n));
        return sum;
      },
      false,
    ),
  ];
}

async function sumOf(values: AsyncIterable<number>): Promise<number> {
  let sum = 0;
  for await (const value of values) sum += value;
  return sum;
}
