import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { loadAsync } from '../async-subject.js';
import type { BusyTimes } from './batch-times.js';
import { timed } from './timed.js';

const ITEM_MS = 5;
const THREADS = 2;

interface Item {
  readonly seed: number;
  readonly rounds: number;
}
type BusyWork = (item: Item) => string;

/** Items that keep a core busy: in a loop of the main thread, and on worker threads, their start included. */
export async function busyBatch(
  { AsyncProcessor }: Awaited<ReturnType<typeof loadAsync>>,
  folder: URL,
  count: number,
): Promise<BusyTimes> {
  const module = new URL('busy-work.mjs', folder);
  const { default: busyWork } = (await import(fileURLToPath(module))) as { default: BusyWork };
  const rounds = roundsOf(busyWork, ITEM_MS);
  const items = Array.from({ length: count }, (_, seed): Item => ({ seed, rounds }));
  const processor = new AsyncProcessor();

  const loop = await timed(() => items.map(busyWork));
  const ours = await timed(() => processor.runInWorkers<string, Item>(items, module, { threads: THREADS }));
  const bare = await timed(() => onBareThreads(new URL('bare-worker.mjs', folder), items));
  await processor.close();

  const expected = JSON.stringify(loop.value);
  if (JSON.stringify(ours.value) !== expected || JSON.stringify(bare.value) !== expected)
    throw new Error('The workers did not answer as the loop.');
  const [sequentialMs, oursMs, bareMs] = [loop.ms, ours.ms, bare.ms];
  return { items: count, itemMs: sequentialMs / count, threads: THREADS, sequentialMs, oursMs, bareMs };
}

/** The floor: each thread is given its share at its start, and answers at its end. */
async function onBareThreads(module: URL, items: readonly Item[]): Promise<string[]> {
  const share = Math.ceil(items.length / THREADS);
  const parts = Array.from({ length: THREADS }, (_, thread) => {
    const worker = new Worker(module, { workerData: items.slice(thread * share, (thread + 1) * share) });
    return new Promise<string[]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  });
  return (await Promise.all(parts)).flat();
}

/** How many rounds take so long on this machine, by the fastest of some tries. */
function roundsOf(busyWork: BusyWork, ms: number): number {
  const rounds = 2_000;
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 50; attempt++) {
    const began = performance.now();
    busyWork({ seed: attempt, rounds });
    fastest = Math.min(fastest, performance.now() - began);
  }
  return Math.max(1, Math.round((rounds * ms) / fastest));
}
