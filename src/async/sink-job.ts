import type { CallControl } from './call-control.js';
import type { CheckpointSession } from './checkpoint/checkpoint.js';
import type { Outcome } from './outcome.js';
import type { Parcel, Parcels } from './parcels.js';
import type { ProgressMeter } from './progress-meter.js';
import type { Pump } from './pump.js';
import type { PumpFailure, PumpWork } from './pump-work.js';
import type { JobSummary, OnError } from './work-options.js';

/** What a {@link SinkJob} stands on. */
export interface SinkJobParts<Unit, Value, Item, Result> {
  readonly parcels: Parcels<Unit, Value, Item, Result>;
  readonly sink: (outcome: Outcome<Item, Result>) => unknown;
  readonly onError: OnError;
  readonly meter: ProgressMeter | undefined;
  readonly session: CheckpointSession<Item> | undefined;
}

/** `process()` with a sink: each outcome is given away, and nothing is kept of it. */
export class SinkJob<Unit, Value, Item, Result> implements PumpWork<Unit, Value> {
  /** Set as soon as it is made. */
  pump: Pump<Unit, Value> | undefined;
  readonly summary: Promise<JobSummary>;
  readonly #parts: SinkJobParts<Unit, Value, Item, Result>;
  #completed = 0;
  #failed = 0;
  #resolve!: (summary: JobSummary) => void;
  #reject!: (reason: unknown) => void;

  constructor(parts: SinkJobParts<Unit, Value, Item, Result>) {
    this.#parts = parts;
    this.summary = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  mayPull(): boolean {
    return true;
  }

  start(unit: Unit, control: CallControl): Value | PromiseLike<Value> {
    return this.#parts.parcels.calls.start(unit, control);
  }

  fulfilled(unit: Unit, control: CallControl, value: Value): Promise<void> {
    const { parcels } = this.#parts;
    parcels.calls.settled(true, control);
    return this.#give(control, parcels.fulfilled(unit, control, value));
  }

  rejected(unit: Unit, control: CallControl, reason: unknown): Promise<void> {
    const { parcels } = this.#parts;
    parcels.calls.settled(false, control);
    return this.#give(control, parcels.rejected(unit, control, reason));
  }

  ended(failure: PumpFailure | undefined): void {
    void this.#finish(failure);
  }

  async #give(control: CallControl, parcel: Parcel<Item, Result>): Promise<void> {
    const { sink, onError, meter, session } = this.#parts;
    let recorded: Promise<void> | undefined;
    const outcomes = Array.isArray(parcel)
      ? (parcel as readonly Outcome<Item, Result>[])
      : [parcel as Outcome<Item, Result>];
    for (const outcome of outcomes) {
      const isFulfilled = outcome.status === 'fulfilled';
      // Told to stop, it came to nothing: it is not an outcome.
      if (!isFulfilled && control.isAborted) continue;
      if (!isFulfilled && onError === 'throw') {
        this.pump?.stop({ error: outcome.reason, from: 'item' });
        continue;
      }
      if (isFulfilled || onError === 'settle') await sink(outcome);
      if (isFulfilled) this.#completed++;
      else this.#failed++;
      meter?.settled(isFulfilled, outcome.runMs);
      recorded = session?.done(outcome.index);
      // Waited for below: until then nobody else listens to it.
      recorded?.catch(() => {});
    }
    // The last of them is recorded with those before it.
    if (recorded !== undefined) await recorded;
  }

  async #finish(failure: PumpFailure | undefined): Promise<void> {
    const { meter, session } = this.#parts;
    meter?.finish();
    try {
      await session?.finish();
    } catch (error) {
      if (failure === undefined) return this.#reject(error);
    }
    if (failure !== undefined) this.#reject(failure.error);
    else this.#resolve({ completed: this.#completed, failed: this.#failed, resumed: session?.resumed ?? 0 });
  }
}
