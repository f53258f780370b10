import { InvalidOptionError } from '../core/errors.js';
import { integer } from '../core/option-values.js';
import type { BatchAnswer } from './batching/batch-results.js';
import { type BatchedLoad, batchedLoad } from './batching/batched-load.js';
import { Batcher, type LoadMany } from './batching/batcher.js';
import type { BatcherOptions } from './batching/batcher-options.js';
import { cutBatches } from './batching/cut-batches.js';
import type { ItemEnd } from './batching/halving.js';
import type { ItemContext } from './call-context.js';
import type { CallControl } from './call-control.js';
import type { CheckpointSession } from './checkpoint/checkpoint.js';
import { indexedItems, type RemainingItem } from './checkpoint/remaining-items.js';
import { type Estimate, type EstimateOptions, estimate } from './estimate.js';

import type { ItemFunction } from './item-calls.js';
import type { Job } from './jobs.js';
import type { Outcome } from './outcome.js';
import { BatchParcels, ItemParcels, RemainingParcels } from './parcels.js';
import type { ProcessorState } from './processor-state.js';
import { itemDetails, type WORK_NAMES, type WorkOptions } from './resolve-work.js';
import type { Source } from './source.js';

/** A function that is given a batch: it answers with one result for each item, in order, an `Error` for one that failed; or with nothing. */
export type BatchFunction<Item, Result> = (
  items: Item[],
  context: ItemContext,
) => BatchAnswer<Result> | PromiseLike<BatchAnswer<Result>>;

type Method = keyof typeof WORK_NAMES;

/** Sets up the batches and streams that a processor's methods ask for. */
export class ProcessorWork {
  readonly #state: ProcessorState;

  constructor(state: ProcessorState) {
    this.#state = state;
  }

  process<Item, Result>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options: WorkOptions<Item, Result> = {},
  ): Promise<unknown> {
    const details = this.#check('process', fn, options);
    const { gate, calls } = this.#state.itemCalls(fn, details, options.tokens);
    if (options.sink === undefined) return this.#state.jobs.collect(gate, items, calls, options);
    if (options.checkpoint === undefined) {
      return this.#state.jobs.sink({ gate, options, items, parcels: new ItemParcels(calls), units: () => items });
    }
    const parcels = new RemainingParcels(calls);
    return this.#state.jobs.sink({ gate, options, items, parcels, units: (session) => session!.remaining(items) });
  }

  stream<Item, Result>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options: WorkOptions<Item, Result> = {},
  ): AsyncIterableIterator<Outcome<Item, Result>, undefined> {
    const details = this.#check('stream', fn, options);
    const { gate, calls } = this.#state.itemCalls(fn, details, options.tokens);
    if (options.checkpoint === undefined) {
      return this.#state.jobs.stream({ gate, options, items, parcels: new ItemParcels(calls), units: () => items });
    }
    const parcels = new RemainingParcels(calls);
    return this.#state.jobs.stream({ gate, options, items, parcels, units: (session) => session!.remaining(items) });
  }

  async processBatches<Item, Result>(
    items: Source<Item>,
    batchSize: number,
    fn: BatchFunction<Item, Result>,
    options: WorkOptions<Item, Result> = {},
  ): Promise<unknown[]> {
    this.#check('processBatches', fn, options);
    const { onError = 'throw' } = options;
    const job = this.#batchJob(
      'processBatches',
      items,
      fn,
      { ...options, onError },
      integer('batchSize', batchSize, 1),
    );
    const outcomes: Outcome<Item, Result>[] = [];
    const ordered = { ...job, options: { ...job.options, ordered: true } };
    for await (const outcome of this.#state.jobs.stream(ordered)) outcomes.push(outcome);
    if (onError === 'settle') return outcomes;
    return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  }

  streamBatches<Item, Result>(
    items: Source<Item>,
    options: WorkOptions<Item, Result>,
    fn: BatchFunction<Item, Result>,
  ): AsyncIterableIterator<Outcome<Item, Result>, undefined> {
    const maxSize = (options as typeof options | undefined)?.maxSize;
    const size = maxSize === Number.POSITIVE_INFINITY ? maxSize : integer('maxSize', maxSize, 1);
    return this.#state.jobs.stream(this.#batchJob('streamBatches', items, fn, options, size));
  }

  estimate<Item>(items: Source<Item>, options: EstimateOptions<Item>): Promise<Estimate> {
    const { settings, parts } = this.#state;
    const { requests = Number.POSITIVE_INFINITY, tokens = Number.POSITIVE_INFINITY } = settings.rateLimit ?? {};
    return estimate(items, options, {
      requests,
      tokens,
      windowMs: settings.rateLimit?.windowMs ?? 60_000,
      isSpread: settings.rateLimit?.spread ?? false,
      concurrency: parts.gate.limit,
      callMs: parts.counts.times.mean(),
    });
  }

  batcher<Key, Result>(
    loadMany: LoadMany<Key, Result>,
    options: BatcherOptions<Key> | undefined,
  ): BatchedLoad<Key, Result> {
    const state = this.#state;
    const { heap, events } = state.parts;
    const host = {
      caller: state.caller,
      checkOpen: () => state.checkOpen(),
      began: (control: CallControl) => state.underWay.begin(control),
      ended: (control: CallControl) => state.underWay.end(control),
      deadlines: heap,
      gathering: state.gathering,
      isOn: () => state.mode === 'on',
      onHalved: (size: number, error: unknown) => events.emit('halved', { size, error }),
    };
    return batchedLoad(new Batcher(host, loadMany, options));
  }

  #check(method: Method, fn: unknown, options: WorkOptions<never, never>): ReturnType<typeof itemDetails> {
    if (typeof fn !== 'function') throw new InvalidOptionError('fn', 'a function', fn);
    const details = itemDetails(method, options);
    this.#state.checkOpen();
    return details;
  }

  #batchJob<Item, Result>(
    method: Method,
    items: Source<Item>,
    fn: BatchFunction<Item, Result>,
    options: WorkOptions<Item, Result>,
    maxSize: number,
  ): Job<readonly RemainingItem<Item>[], readonly ItemEnd<Result>[], Item, Result> {
    const details = this.#check(method, fn, options);
    const { maxTokens = Number.POSITIVE_INFINITY } = options;
    const tokens = options.tokens && (({ item }: RemainingItem<Item>) => options.tokens!(item));
    const { caller, parts } = this.#state;
    const { events } = parts;
    const parcels = new BatchParcels<Item, Result>({
      caller,
      fn: (batch, context) =>
        fn(
          batch.map(({ item }) => item),
          context as ItemContext,
        ),
      tokens,
      details,
      onHalved: (size, error) => events.emit('halved', { size, error }),
    });
    const units = (session: CheckpointSession<Item> | undefined): Source<RemainingItem<Item>[]> =>
      cutBatches(session?.remaining(items) ?? indexedItems(items), { maxSize, maxTokens, tokens });
    return { gate: this.#state.batchGate, options, items, parcels, units };
  }
}
