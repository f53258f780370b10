import type { Clock } from '../core/clock.js';
import type { CallDetails } from './caller.js';
import { type CheckpointSession, openCheckpoint } from './checkpoint/checkpoint.js';
import { Collected } from './collected.js';
import type { Gate } from './gate.js';
import type { ItemCalls } from './item-calls.js';
import { openSource } from './open-source.js';
import type { Outcome } from './outcome.js';
import { OutcomeStream } from './outcome-stream.js';
import type { Parcels } from './parcels.js';
import { ProgressMeter } from './progress-meter.js';
import { Pump, type PumpWork } from './pump.js';
import type { WorkOptions } from './resolve-work.js';
import { SinkJob } from './sink-job.js';
import type { Source } from './source.js';
import { totalOf } from './total-of.js';
import type { JobSummary, OnError } from './work-options.js';

/** What jobs have of their processor. */
export interface JobsHost {
  readonly clock: Clock;
  trouble(error: unknown, during: string): void;
  /** @throws ProcessorClosedError */
  checkOpen(): void;
  /** A pump is under way: it is stopped with the processor. */
  register(pump: RunningPump): void;
  /** It has nothing under way for now. */
  rested(): void;
  over(pump: RunningPump): void;
}

/** What a processor needs of a pump. */
export type RunningPump = Pick<Pump<unknown, unknown>, 'isBusy' | 'grow' | 'stop'>;

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
    const session = options.checkpoint && (await openCheckpoint(options.checkpoint, items));
    const meter = this.#meter(items, options);
    if (session) meter?.resumed(session.resumed);
    const onError = options.onError ?? 'settle';
    const work = new SinkJob({ parcels, sink: options.sink!, onError, meter, session });
    try {
      work.pump = this.#pump(gate, job.units(session), work, parcels.calls.slots, options, onError);
    } catch (error) {
      await session?.finish().catch(() => {});
      throw error;
    }
    work.pump.grow();
    return work.summary;
  }

  stream<Unit, Value, Item, Result>(job: Job<Unit, Value, Item, Result>): OutcomeStream<Unit, Value, Item, Result> {
    const { gate, options, items, parcels } = job;
    const { ordered = false, onError = 'settle', buffer, checkpoint } = options;
    const open = (work: PumpWork<Unit, Value>, session: CheckpointSession<Item> | undefined) => ({
      pump: this.#pump(gate, job.units(session), work, parcels.calls.slots, options, onError),
      session,
    });
    return new OutcomeStream({
      parcels,
      isOrdered: ordered,
      onError,
      buffer: () => buffer ?? gate.limit,
      meter: this.#meter(items, options),
      begin: (work) =>
        checkpoint === undefined
          ? open(work, undefined)
          : openCheckpoint(checkpoint, items).then(async (session) => {
              try {
                return open(work, session);
              } catch (error) {
                await session.finish().catch(() => {});
                throw error;
              }
            }),
    });
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
    // It may have been closed since the job was asked for: checkpoints are read first, and streams begin with their reader.
    host.checkOpen();
    if (signal?.aborted) throw signal.reason;
    const pump: Pump<Unit, Value> = new Pump<Unit, Value>(openSource(units), work, {
      gate,
      slots,
      stopsOnSourceFailure: onError === 'throw',
      clock: host.clock,
      signal,
      onRest: () => host.rested(),
      onOver: () => host.over(pump),
      trouble: (error, during) => host.trouble(error, during),
    });
    host.register(pump);
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
