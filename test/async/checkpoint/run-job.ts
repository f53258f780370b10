import { openCheckpoint } from '../../../src/async/checkpoint/checkpoint.js';
import type { CheckpointOptions } from '../../../src/async/checkpoint/checkpoint-options.js';
import type { Source } from '../../../src/async/source.js';

export const id = (item: string): string => item;

export const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `doc-${from + i}`);

export function* once(items: readonly string[]): Generator<string> {
  yield* items;
}

export async function* onceAsync(items: readonly string[]): AsyncGenerator<string> {
  yield* items;
}

/** Runs a job, doing the items that `isDone` says, until the source ends or `until` items have come. */
export async function run(
  options: CheckpointOptions<string>,
  source: Source<string>,
  {
    isDone = () => true,
    until = Number.POSITIVE_INFINITY,
  }: { isDone?: (index: number) => boolean; until?: number } = {},
): Promise<{ ran: string[]; resumed: number }> {
  const session = await openCheckpoint(options, source);
  const ran: string[] = [];
  try {
    for await (const { item, index } of session.remaining(source)) {
      ran.push(item);
      if (isDone(index)) await session.done(index);
      if (ran.length === until) break;
    }
  } finally {
    await session.finish();
  }
  return { ran, resumed: session.resumed };
}
