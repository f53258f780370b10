import { type Clock, systemClock } from '../../core/clock.js';
import type { Outcome } from '../outcome.js';
import { ProgressMeter } from '../progress-meter.js';
import type { Source } from '../source.js';
import { totalOf } from '../total-of.js';
import { ItemSource } from './item-source.js';
import { loadTinypool } from './tinypool-module.js';
import { WorkerLane } from './worker-lane.js';
import { modulePath, resolveWorkerOptions, type WorkerOptions } from './worker-options.js';
import { WorkerRun } from './worker-run.js';

/** What comes with a processor. */
export interface WorkerSurroundings {
  readonly clock: Clock;
  /** Told of failures that are no item's: of `onProgress`, of a thread that has no item. */
  trouble(error: unknown, during: string): void;
}

/**
 * Calls a function of a module for each item, on worker threads: for what keeps a core busy for a millisecond or more, since
 * an item costs about 0.1 ms on its way. Results come in the order of the input. Items are pulled as threads are there for them, so the
 * input may be long. The threads end with the last item.
 *
 * The function is given the item, and nothing else; it may be async. Items, results and errors are copied (structured clone):
 * an error keeps its name, message, stack and cause. An item that cannot be copied fails, as does one whose result cannot
 * (`WorkerCloneError`). A result is handed over instead of copied with `move()` of tinypool. A thread that ends by itself fails its item with a `WorkerExitError` and
 * is replaced.
 *
 * `onError: 'throw'` ends all threads and rejects with the first error; a source that fails, and `signal`, do so in any case. An abort
 * before the start starts nothing. It stands on the optional peer tinypool 2.
 *
 * @param module - `new URL('./work.js', import.meta.url)`, or an absolute path
 * @throws InvalidOptionError
 */
export function runInWorkers<Result = unknown, Item = unknown>(
  items: Source<Item>,
  module: string | URL,
  options: WorkerOptions<Item> & { readonly onError: 'settle' },
  surroundings?: WorkerSurroundings,
): Promise<Outcome<Item, Result>[]>;
export function runInWorkers<Result = unknown, Item = unknown>(
  items: Source<Item>,
  module: string | URL,
  options?: WorkerOptions<Item> & { readonly onError?: 'throw' | 'skip' },
  surroundings?: WorkerSurroundings,
): Promise<Result[]>;
export async function runInWorkers<Item>(
  items: Source<Item>,
  module: string | URL,
  options: WorkerOptions<Item> = {},
  { clock, trouble }: WorkerSurroundings = { clock: systemClock(), trouble: () => {} },
): Promise<unknown[]> {
  const settings = resolveWorkerOptions(options);
  const filename = await modulePath(module);
  settings.signal?.throwIfAborted();
  const Tinypool = await loadTinypool();
  settings.signal?.throwIfAborted();
  const { onProgress, exportName } = settings;
  const total = settings.total ?? totalOf(items);
  const meter =
    onProgress &&
    new ProgressMeter({ onProgress, clock, total, trouble: (error) => trouble(error, 'onProgress of runInWorkers') });
  const lane = (): WorkerLane => new WorkerLane({ Tinypool, filename, name: exportName, trouble });
  return new WorkerRun(new ItemSource(items), settings, { lane, meter, clock }).results();
}
