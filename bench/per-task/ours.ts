import type * as Async from '../../src/async/index.js';
import { numbers, SLOTS, type TaskContestant } from './contestant.js';

export const PROCESS = 'hotpath process';
export const LAYERED = 'hotpath process, retry + timeout + signal';
export const STREAM = 'hotpath stream';
export const RUN = 'hotpath run, all at once';
export const RUN_IN_TURN = 'hotpath run, one after the other';

/** Ours, in each way of giving it work. */
export function ownContestants(
  { AsyncProcessor }: Pick<typeof Async, 'AsyncProcessor'>,
  version: string,
): TaskContestant[] {
  const plain = new AsyncProcessor({ concurrency: SLOTS, queue: { max: Number.POSITIVE_INFINITY } });
  const layered = new AsyncProcessor({ concurrency: SLOTS, retry: 3, timeout: '30s' });
  const contestant = (name: string, run: TaskContestant['run'], isBatch = true): TaskContestant => {
    return { name, version, isBatch, run };
  };
  return [
    contestant(PROCESS, (count, task) => plain.process(numbers(count), task)),
    contestant(LAYERED, (count, task) =>
      layered.process(numbers(count), task, { signal: new AbortController().signal }),
    ),
    contestant(STREAM, async (count, task) => {
      let sum = 0;
      for await (const outcome of plain.stream(numbers(count), task)) {
        if (outcome.status === 'rejected') throw outcome.reason;
        sum += outcome.value;
      }
      return sum;
    }),
    contestant(RUN, (count, task) => Promise.all(Array.from(numbers(count), (n) => plain.run(() => task(n))))),
    contestant(
      RUN_IN_TURN,
      async (count, task) => {
        let sum = 0;
        for (const n of numbers(count)) sum += await plain.run(() => task(n));
        return sum;
      },
      false,
    ),
  ];
}
