import type { Clock } from '../core/clock.js';
import { CallControl } from './call-control.js';
import type { CallDetails } from './caller.js';
import { type CheckpointSession, openCheckpoint } from './checkpoint/checkpoint.js';
import type { CheckpointOptions } from './checkpoint/checkpoint-options.js';
import { Collected } from './collected.js';
import type { Gate } from './gate.js';
import type { ItemCalls } from './item-calls.js';
import type { Outcome } from './outcome.js';
import { type Begun, OutcomeStream } from './outcome-stream.js';
import type { Parcels } from './parcels.js';
import { ProgressMeter } from './progress-meter.js';
import { Pump } from './pump.js';
import type { PumpWork } from './pump-work.js';
import type { WorkOptions } from './resolve-work.js';
import { SinkJob } from './sink-job.js';
import type { Source } from './source.js';
import { totalOf } from './total-of.js';
import type { UnderWay } from './under-way.js';
import type { JobSummary, OnError } from './work-options.js';

/** What jobs have of their processor. */
export interface JobsHost {
  readonly clock: Clock;
  readonly underWay: UnderWay;
  trouble(error: unknown, during: string): void;
  /** @throws ProcessorClosedError */
  checkOpen(): void;
}

/** A batch or stream that is about to begin. */
export interface Job<Unit, Value, Item, Result> {
  readonly gate: Gate;
  readonly options: WorkOptions<Item, Result>;
  /** The host's own: what is known of it is known of the job. */
  readonly items: Source<Item>;
  readonly parcels: Parcels<Unit, Value, Item, Result>;
  /** What is pulled, made of the items, or of those that a checkpoint has left. */
  units(session: CheckpointSession<Item> | undefined): Source<Unit>;
}

/** Runs batches and streams of a processor. */
export class Jobs {
  readonly #host: JobsHost;

  constructor(host: JobsHost) {
    this.#host = host;
  }

  /** Results of plain items, in the order of the input. */
  collect<Item, Result>(
    gate: Gate,
    items: Source<Item>,
    calls: ItemCalls<Item, Result>,
    options: WorkOptions<Item, Result>,
  ): Promise<(Result | Outcome<Item, Result>)[]> {
    const work = new Collected(calls, options.onError ?? 'throw', this.#meter(items, options));
    work.pump = this.#pump(gate, items, work, calls.slots, options, options.onError ?? 'throw');
    work.pump.grow();
    return work.results;
  }

  async sink<Unit, Value, Item, Result>(job: Job<Unit, Value, Item, Result>): Promise<JobSummary> {
    const { gate, options, items, parcels } = job;
    const begin = (session: CheckpointSession<Item> | undefined): SinkJob<Unit, Value, Item, Result> => {
      const onError = options.onError ?? 'settle';
      const meter = this.#meter(items, options);
      if (session) meter?.resumed(session.resumed);
      const work = new SinkJob({ parcels, sink: options.sink!, onError, meter, session });
      work.pump = this.#pump(gate, job.units(session), work, parcels.calls.slots, options, onError);
      work.pump.grow();
      return work;
    };
    const { checkpoint } = options;
    const work = checkpoint === undefined ? begin(undefined) : await this.#opened(checkpoint, items, begin);
    return work.summary;
  }

  stream<Unit, Value, Item, Result>(job: Job<Unit, Value, Item, Result>): OutcomeStream<Unit, Value, Item, Result> {
    const { gate, options, items, parcels } = job;
    const { ordered = false, onError = 'settle', buffer, checkpoint } = options;
    const open = (
      work: PumpWork<Unit, Value>,
      session: CheckpointSession<Item> | undefined,
    ): Begun<Unit, Value, Item> => ({
      pump: this.#pump(gate, job.units(session), work, parcels.calls.slots, options, onError),
      session,
      meter: this.#meter(items, options),
    });
    return new OutcomeStream({
      parcels,
      isOrdered: ordered,
      onError,
      buffer: () => buffer ?? gate.limit,
      begin: (work) => {
        // It may have been closed since the stream was asked for: a stream begins with its reader.
        this.#host.checkOpen();
        return checkpoint === undefined
          ? open(work, undefined)
          : this.#opened(checkpoint, items, (session) => open(work, session));
      },
    });
  }

  /** Begins once the checkpoint is read, which is under way too; lets go of it where that fails. */
  async #opened<Item, Began>(
    checkpoint: CheckpointOptions<Item>,
    items: Source<Item>,
    begin: (session: CheckpointSession<Item>) => Began,
  ): Promise<Began> {
    const { underWay } = this.#host;
    const opening = new CallControl(true);
    underWay.begin(opening);
    try {
      const session = await openCheckpoint(checkpoint, items);
      try {
        return begin(session);
      } catch (error) {
        await session.finish().catch(() => {});
        throw error;
      }
    } finally {
      underWay.end(opening);
    }
  }

  #pump<Unit, Value>(
    gate: Gate,
    units: Source<Unit>,
    work: PumpWork<Unit, Value>,
    slots: CallDetails | undefined,
    { signal }: WorkOptions<never, never>,
    onError: OnError,
  ): Pump<Unit, Value> {
    const host = this.#host;
    if (signal?.aborted) throw signal.reason;
    const pump: Pump<Unit, Value> = new Pump<Unit, Value>(units, work, {
      gate,
      slots,
      stopsOnSourceFailure: onError === 'throw',
      clock: host.clock,
      signal,
      onRest: () => host.underWay.tell(),
      onOver: () => host.underWay.dropPump(pump),
      trouble: (error, during) => host.trouble(error, during),
    });
    host.underWay.addPump(pump);
    return pump;
  }

  #meter<Item>(items: Source<Item>, { onProgress, total }: WorkOptions<Item, never>): ProgressMeter | undefined {
    if (onProgress === undefined) return undefined;
    return new ProgressMeter({
      onProgress,
      clock: this.#host.clock,
      total: total ?? totalOf(items),
      trouble: (error) => this.#host.trouble(error, 'onProgress'),
    });
  }
}
