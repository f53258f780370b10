import { numbers, SLOTS, type TaskContestant } from './contestant.js';

export const BARE = 'bare pump';

/** The least that bounds calls and keeps their results: no errors, no end before the end, nothing counted. */
async function pump<Item, Result>(
  items: Iterable<Item>,
  workers: number,
  fn: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const iterator = items[Symbol.iterator]();
  const results: Result[] = [];
  let pulled = 0;
  const work = async (): Promise<void> => {
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      const index = pulled++;
      results[index] = await fn(step.value);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}

/** The floor. */
export function barePump(): TaskContestant {
  return {
    name: BARE,
    version: `Node ${process.versions.node}`,
    isBatch: true,
    run: (count, task) => pump(numbers(count), SLOTS, task),
  };
}
