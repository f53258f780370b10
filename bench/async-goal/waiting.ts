import type { PackageSource } from '../../src/cli/package-source.js';
import type { loadAsync } from '../async-subject.js';
import type { WaitTimes } from './batch-times.js';
import { timed } from './timed.js';

/** What a call waits for, far away. */
const CALL_MS = 100;

interface PMapModule {
  default(items: readonly number[], task: typeof call, options: { concurrency: number }): Promise<string[]>;
}

/** Items that wait for somebody else, at the processor's own concurrency or so many at once. */
export async function waitingBatch(
  { AsyncProcessor, ASYNC_DEFAULTS }: Awaited<ReturnType<typeof loadAsync>>,
  packages: PackageSource,
  items: number,
  sequentialItems: number,
  slots: number = ASYNC_DEFAULTS.concurrency,
): Promise<WaitTimes> {
  const { default: pMap } = (await packages.load('p-map')) as PMapModule;
  const input = Array.from({ length: items }, (_, n) => n);
  const processor = new AsyncProcessor({ concurrency: slots });

  const sequential = await timed(async () => {
    const results: string[] = [];
    for (const n of input.slice(0, sequentialItems)) results.push(await call(n));
    return results;
  });
  const ours = await timed(() => processor.process(input, (n) => call(n)));
  const byPMap = await timed(() => pMap(input, call, { concurrency: slots }));
  await processor.close();

  const expected = JSON.stringify(input.map(answer));
  if (JSON.stringify(ours.value) !== expected || JSON.stringify(byPMap.value) !== expected)
    throw new Error('The results are not those of a loop.');
  return {
    items,
    slots,
    sequentialItems,
    sequentialMs: (sequential.ms / sequentialItems) * items,
    limitMs: Math.ceil(items / slots) * CALL_MS,
    oursMs: ours.ms,
    pMapMs: byPMap.ms,
  };
}

function answer(n: number): string {
  return `result_${n}`;
}

async function call(n: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, CALL_MS));
  return answer(n);
}
