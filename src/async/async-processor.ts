import type { Duration } from '../core/duration.js';
import type { Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Closeable } from '../core/lifecycle.js';
import { checkMode, type Mode } from '../core/mode.js';
import { AttemptContext } from './attempt-context.js';
import type { BatchedLoad } from './batching/batched-load.js';
import type { LoadMany } from './batching/batcher.js';
import type { BatcherOptions } from './batching/batcher-options.js';
import type { CallContext } from './call-context.js';
import type { DrainReport } from './drain.js';
import type { Estimate, EstimateOptions } from './estimate.js';
import type { AsyncEvents } from './events.js';
import type { ItemFunction } from './item-calls.js';
import type { Outcome } from './outcome.js';
import type { AsyncProcessorOptions } from './processor-options.js';
import { ProcessorState } from './processor-state.js';
import { type ProcessorStats, statsOf } from './processor-stats.js';
import { type BatchFunction, ProcessorWork } from './processor-work.js';
import type { HeaderSource } from './rate/header-source.js';
import { resolveOptions } from './resolve-options.js';
import type { Source } from './source.js';
import type {
  JobSummary,
  OnError,
  ProcessBatchesOptions,
  ProcessOptions,
  RunOptions,
  SinkOptions,
  StreamBatchesOptions,
  StreamOptions,
} from './work-options.js';
import type { WorkerOptions } from './workers/worker-options.js';

/** What a mode of errors makes of results. */
export type Results<Item, Result, Mode extends OnError> = Mode extends 'settle' ? Outcome<Item, Result>[] : Result[];

/**
 * Pushes many calls through services that are slow and limited: bounded, rate-limited, retried, adaptive and observed. One
 * processor stands for one service: all that is called through it shares its slots, its limits and its breaker.
 *
 * ```ts
 * const model = new AsyncProcessor({ concurrency: 8, retry: 3, timeout: '60s', rateLimit: { requestsPerMinute: 500 } });
 * const answer = await model.run(({ signal }) => ask(question, { signal }));
 * const vectors = await model.process(documents, (document, { signal }) => embed(document, { signal }));
 * for await (const outcome of model.stream(endless, handle)) { ... }
 * ```
 */
export class AsyncProcessor implements Closeable {
  readonly #state: ProcessorState;
  readonly #work: ProcessorWork;

  /** @throws InvalidOptionError for an option that cannot be meant */
  constructor(options: AsyncProcessorOptions = {}) {
    this.#state = new ProcessorState(resolveOptions(options));
    this.#work = new ProcessorWork(this.#state);
  }

  /** What it does with calls; may be changed at any time. `off`: straight through. `observe`: counted, and nothing is held back or tried again. */
  get mode(): Mode {
    return this.#state.mode;
  }

  set mode(mode: Mode) {
    this.#state.mode = checkMode(mode);
  }

  /** The name in events and logs. */
  get name(): string {
    return this.#state.settings.name;
  }

  /** Whether failed calls are tried again. */
  get retries(): boolean {
    return this.#state.settings.retries;
  }

  /**
   * Makes one call through every layer. It may be made several times, where the processor retries.
   *
   * @throws the error of its last attempt, the reason of its signal, a TimeoutError, QueueFullError, BreakerOpenError,
   * RateLimitTooSmallError or ProcessorClosedError
   */
  run<R>(fn: (context: CallContext) => R | PromiseLike<R>, options?: RunOptions): Promise<R> {
    if (typeof fn !== 'function') return Promise.reject(new InvalidOptionError('fn', 'a function', fn));
    // A signal is handed through in any mode.
    if (this.#state.mode !== 'off' || options?.signal !== undefined) return this.#state.run(fn, options);
    try {
      return Promise.resolve(fn(new AttemptContext(0, 1)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Calls a function for each item, as many at once as there are slots. Items are pulled as there is room for them.
   *
   * Results come in the order of the input. `onError` says what a failed item does: `'throw'` (the default) stops the others,
   * waits for them, and rejects with its error; `'settle'` answers with an outcome for each item; `'skip'` leaves failed ones out.
   * A source that fails, and an abort, reject in any case; a source that fails lets what is under way end first, unless `onError` is `'throw'`.
   *
   * With a `sink` nothing is kept: each outcome is given to it, and the promise resolves to a summary.
   */
  process<Item, Result>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options: SinkOptions<Item, Result>,
  ): Promise<JobSummary>;
  process<Item, Result, Mode extends OnError = 'throw'>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options?: ProcessOptions<Item, Mode>,
  ): Promise<Results<Item, Result, Mode>>;
  async process<Item, Result>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options?: ProcessOptions<Item> | SinkOptions<Item, Result>,
  ): Promise<unknown> {
    return this.#work.process(items, fn, options);
  }

  /**
   * As `process()`, for inputs that are long or endless: outcomes are read one by one, as they come or in the order of the input, and no
   * more is under way than the reader keeps up with. Nothing begins before the first is asked for. A reader who leaves the loop
   * stops what is under way.
   *
   * With `onError: 'throw'` the stream fails with the first error; with `'skip'` failed items are left out. With a checkpoint it is for one
   * reader.
   */
  stream<Item, Result>(
    items: Source<Item>,
    fn: ItemFunction<Item, Result>,
    options?: StreamOptions<Item>,
  ): AsyncIterableIterator<Outcome<Item, Result>, undefined> {
    return this.#work.stream(items, fn, options);
  }

  /**
   * Calls a function with batches of items. Results come one for each item, in the order of the input. A batch that fails for what may be
   * an item's fault is called again in two halves, until that item is alone; what no choice of items could cure (a service that is
   * down, a time limit) fails all of the batch.
   */
  async processBatches<Item, Result, Mode extends OnError = 'throw'>(
    items: Source<Item>,
    batchSize: number,
    fn: BatchFunction<Item, Result>,
    options?: ProcessBatchesOptions<Item, Mode>,
  ): Promise<Results<Item, Result, Mode>> {
    return this.#work.processBatches(items, batchSize, fn, options) as Promise<Results<Item, Result, Mode>>;
  }

  /** As `processBatches()`, with the outcomes of items to be read one by one. */
  streamBatches<Item, Result>(
    items: Source<Item>,
    options: StreamBatchesOptions<Item>,
    fn: BatchFunction<Item, Result>,
  ): AsyncIterableIterator<Outcome<Item, Result>, undefined> {
    return this.#work.streamBatches(items, options, fn);
  }

  /** What a job will use, cost and take at the limits of this processor. It reads the source to its end: one that can be read but once is used up. */
  async estimate<Item>(items: Source<Item>, options: EstimateOptions<Item> = {}): Promise<Estimate> {
    return this.#work.estimate(items, options);
  }

  /** A function of one key that gathers calls into batches of `loadMany`. Equal keys at the same time are loaded once. */
  batcher<Key, Result>(loadMany: LoadMany<Key, Result>, options?: BatcherOptions<Key>): BatchedLoad<Key, Result> {
    return this.#work.batcher(loadMany, options);
  }

  /**
   * Calls a function of a module for each item on worker threads: for what keeps a core busy. The threads are beside the slots and limits of
   * this processor. Needs the optional peer tinypool 2.
   */
  runInWorkers<Result = unknown, Item = unknown>(
    items: Source<Item>,
    module: string | URL,
    options: WorkerOptions<Item> & { readonly onError: 'settle' },
  ): Promise<Outcome<Item, Result>[]>;
  runInWorkers<Result = unknown, Item = unknown>(
    items: Source<Item>,
    module: string | URL,
    options?: WorkerOptions<Item> & { readonly onError?: 'throw' | 'skip' },
  ): Promise<Result[]>;
  async runInWorkers<Item>(
    items: Source<Item>,
    module: string | URL,
    options?: WorkerOptions<Item>,
  ): Promise<unknown[]> {
    this.#state.checkOpen();
    const { runInWorkers } = await import('./workers/run-in-workers.js');
    return this.#state.untilStopped(options?.signal, (signal) => {
      const { settings, parts } = this.#state;
      return runInWorkers<unknown, Item>(
        items,
        module,
        { ...options, onError: options?.onError ?? 'throw', signal } as WorkerOptions<Item> & { onError: 'settle' },
        {
          clock: settings.clock,
          trouble: (error, during) => parts.events.trouble(error, during),
        },
      );
    });
  }

  /** What a response says of its limits, seen beside the calls: `createModelFetch({ processor })` tells it of each one. Never throws. */
  observeResponse(status: number, headers: HeaderSource): void {
    try {
      if (this.#state.mode === 'on') this.#state.parts.feedback?.observed(status, headers);
    } catch (error) {
      this.reportTrouble(error, 'the headers of a response');
    }
  }

  /**
   * Resolves when nothing is under way or waits. Calls may still come. A stream that nobody reads is not waited for.
   *
   * @param options - `timeout`: what is left then is stopped
   */
  async drain(options: { readonly timeout?: Duration } = {}): Promise<DrainReport> {
    return this.#state.drain(options.timeout);
  }

  stats(): ProcessorStats {
    return statsOf(this.#state.parts, this.#state.activeElsewhere);
  }

  /** Listens to an event. */
  on<Name extends keyof AsyncEvents>(name: Name, listener: (data: AsyncEvents[Name]) => void): Unsubscribe {
    return this.#state.parts.events.on(name, listener);
  }

  /** For wrappers around the processor: something beside a host's call failed. It is logged, and told as event `error`. */
  reportTrouble(error: unknown, during: string): void {
    this.#state.parts.events.trouble(error, during);
  }

  /** Takes no more calls, waits for what is under way for `closeTimeout`, and stops what is left. */
  close(): Promise<void> {
    return this.#state.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
