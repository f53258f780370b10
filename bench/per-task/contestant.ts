/** At once, for every contestant. */
export const SLOTS = 50;

export type Task = (n: number) => Promise<number>;

/** Something that runs a task for each number of a generator, so many at once and no more. */
export interface TaskContestant {
  readonly name: string;
  readonly version: string;
  /** Whether it is asked for the largest count too. Without: what goes one call after the other does not depend on it. */
  readonly isBatch: boolean;
  /** Resolves to all results in the order of the input, or, where none are kept, to the sum of them. */
  run(count: number, task: Task): Promise<readonly number[] | number>;
}

/** The task whose time is that of whoever runs it. */
export const noop: Task = async (n) => n;

/** What they are given: it never exists all at once, unless a contestant makes it so. */
export function* numbers(count: number): Generator<number, undefined> {
  for (let n = 0; n < count; n++) yield n;
}

/** @throws unless every task was run once, its result is there, and results that are kept are in order */
export function checkResult(name: string, count: number, result: readonly number[] | number): void {
  const isRight =
    typeof result === 'number'
      ? result === (count * (count - 1)) / 2
      : result.length === count && result.every((n, index) => n === index);
  if (!isRight) throw new Error(`${name} did not answer with the result of each of ${count} tasks.`);
}

/** @throws unless it gives back what the tasks gave, and kept all slots busy, and no more of them */
export async function checkContestant({ name, isBatch, run }: TaskContestant): Promise<void> {
  const count = 1_000;
  let active = 0;
  let most = 0;
  const result = await run(count, async (n) => {
    most = Math.max(most, ++active);
    await new Promise(setImmediate);
    active--;
    return n;
  });
  checkResult(name, count, result);
  const slots = isBatch ? SLOTS : 1;
  if (most !== slots) throw new Error(`${name} ran ${most} tasks at once, not ${slots}.`);
}
