import { HotpathError } from '../core/errors.js';
import type { CallControl } from './call-control.js';
import type { CheckpointSession } from './checkpoint/checkpoint.js';
import { severalReaders } from './checkpoint/checkpoint-errors.js';
import type { Outcome } from './outcome.js';
import { ParcelShelf } from './parcel-shelf.js';
import type { Parcel, Parcels } from './parcels.js';
import type { ProgressMeter } from './progress-meter.js';
import type { Pump } from './pump.js';
import type { PumpFailure, PumpWork } from './pump-work.js';
import type { OnError } from './work-options.js';

/** What an {@link OutcomeStream} stands on. */
export interface OutcomeStreamParts<Unit, Value, Item, Result> {
  readonly parcels: Parcels<Unit, Value, Item, Result>;
  readonly isOrdered: boolean;
  readonly onError: OnError;
  /** What may be under way or wait to be read at once. */
  buffer(): number;
  /** Opens the source, when the first outcome is asked for. */
  begin(work: PumpWork<Unit, Value>): Begun<Unit, Value, Item> | Promise<Begun<Unit, Value, Item>>;
}

/** A stream whose source is open. */
export interface Begun<Unit, Value, Item> {
  readonly pump: Pump<Unit, Value>;
  readonly session: CheckpointSession<Item> | undefined;
  readonly meter: ProgressMeter | undefined;
}

type Step<Item, Result> = IteratorResult<Outcome<Item, Result>, undefined>;

interface Reader<Item, Result> {
  readonly resolve: (step: Step<Item, Result> | Promise<Step<Item, Result>>) => void;
  readonly reject: (error: unknown) => void;
}

/** A parcel of which readers get nothing. */
const NOTHING: readonly never[] = [];
const END = { done: true, value: undefined } as const;

/**
 * The outcomes of `stream()`, to be read one by one. Nothing begins before the first is asked for, and no more is under way, or
 * waits to be read, than the buffer holds: a reader who is slow slows the source down.
 *
 * With a checkpoint it has one reader, who says by asking for the next outcome that the last one is done. Who asks cannot be
 * told, so of several readers only those who ask at once are refused.
 */
export class OutcomeStream<Unit, Value, Item, Result>
  implements PumpWork<Unit, Value>, AsyncIterableIterator<Outcome<Item, Result>, undefined>
{
  readonly #parts: OutcomeStreamParts<Unit, Value, Item, Result>;
  readonly #shelf: ParcelShelf<Outcome<Item, Result>>;
  readonly #readers: Reader<Item, Result>[] = [];
  #phase: 'new' | 'opening' | 'open' | 'over' = 'new';
  #pump: Pump<Unit, Value> | undefined;
  #session: CheckpointSession<Item> | undefined;
  #meter: ProgressMeter | undefined;
  /** Places that were given back. */
  #released = 0;
  /** The outcome that was read last: it is done when the next one is asked for. */
  #inHand: { readonly index: number; readonly isLast: boolean } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isLeft = false;
  /** What the checkpoint ended with was told. */
  #isFinished = false;
  /** Resolves when nothing is under way any more. */
  readonly #over: Promise<void>;
  #setOver!: () => void;

  constructor(parts: OutcomeStreamParts<Unit, Value, Item, Result>) {
    this.#parts = parts;
    this.#shelf = new ParcelShelf(parts.isOrdered);
    this.#over = new Promise((resolve) => {
      this.#setOver = resolve;
    });
  }

  mayPull(pulled: number): boolean {
    return !this.#isLeft && pulled - this.#released < this.#parts.buffer();
  }

  start(unit: Unit, control: CallControl): Value | PromiseLike<Value> {
    return this.#parts.parcels.calls.start(unit, control);
  }

  fulfilled(unit: Unit, control: CallControl, value: Value): undefined {
    const { parcels } = this.#parts;
    parcels.calls.settled(true, control);
    this.#put(control, parcels.fulfilled(unit, control, value));
  }

  rejected(unit: Unit, control: CallControl, reason: unknown): undefined {
    const { parcels } = this.#parts;
    parcels.calls.settled(false, control);
    this.#put(control, parcels.rejected(unit, control, reason));
  }

  ended(failure: PumpFailure | undefined): void {
    if (failure !== undefined && !this.#isLeft) this.#failure = failure;
    this.#phase = 'over';
    this.#meter?.finish();
    this.#setOver();
    this.#serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step<Item, Result>> {
    if (this.#hasReader()) return Promise.reject(severalReaders());
    this.#settleInHand();
    if (this.#phase === 'open' && this.#readers.length === 0 && !this.#isLeft) {
      const outcome = this.#shelf.take();
      if (outcome !== undefined) {
        this.#handOver(outcome);
        return Promise.resolve({ done: false, value: outcome });
      }
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#phase === 'new') this.#begin();
      this.#serve();
    });
  }

  /** Stops what is under way, and waits for it. What was read last does not count as done: a loop also ends here when its body has thrown. */
  async return(): Promise<Step<Item, Result>> {
    await this.#leave();
    return END;
  }

  async throw(error: unknown): Promise<Step<Item, Result>> {
    await this.#leave();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Whether its one reader waits. A stream that takes its time to open has a checkpoint. */
  #hasReader(): boolean {
    return this.#readers.length > 0 && (this.#phase === 'opening' || this.#session !== undefined);
  }

  #begin(): void {
    this.#phase = 'opening';
    const failed = (error: unknown): void => this.ended({ error, from: 'outside' });
    try {
      const begun = this.#parts.begin(this);
      if (begun instanceof Promise) begun.then((opened) => this.#open(opened)).catch(failed);
      else this.#open(begun);
    } catch (error) {
      failed(error);
    }
  }

  #open({ pump, session, meter }: Begun<Unit, Value, Item>): void {
    this.#phase = 'open';
    this.#pump = pump;
    this.#session = session;
    this.#meter = meter;
    if (session) meter?.resumed(session.resumed);
    if (this.#isLeft) this.#stop();
    else pump.grow();
  }

  #put(control: CallControl, parcel: Parcel<Item, Result>): void {
    if (!Array.isArray(parcel)) {
      const outcome = parcel as Outcome<Item, Result>;
      const isShown = this.#isShown(control, outcome);
      this.#shelf.put(control.pulled, isShown ? outcome : NOTHING);
      if (!isShown) this.#release(this.#skip(control, outcome));
    } else {
      const shown: Outcome<Item, Result>[] = [];
      let recorded: Promise<void> | undefined;
      for (const outcome of parcel as readonly Outcome<Item, Result>[]) {
        if (this.#isShown(control, outcome)) shown.push(outcome);
        else recorded = this.#skip(control, outcome);
      }
      this.#shelf.put(control.pulled, shown);
      if (shown.length === 0) this.#release(recorded);
    }
    this.#serve();
  }

  /** Whether readers get it. */
  #isShown(control: CallControl, outcome: Outcome<Item, Result>): boolean {
    const { onError } = this.#parts;
    const isFulfilled = outcome.status === 'fulfilled';
    // Told to stop, it came to nothing: it is not an outcome.
    if (control.isAborted && !isFulfilled) return false;
    this.#meter?.settled(isFulfilled, outcome.runMs);
    return isFulfilled || onError === 'settle';
  }

  /** It failed, and readers do not get it. */
  #skip(control: CallControl, outcome: Outcome<Item, Result>): Promise<void> | undefined {
    if (control.isAborted) return undefined;
    if (this.#parts.onError === 'skip') return this.#record(outcome.index);
    if (outcome.status === 'rejected') this.#pump?.stop({ error: outcome.reason, from: 'item' });
    return undefined;
  }

  /** Gives readers what there is. */
  #serve(): void {
    while (this.#readers.length > 0 && !this.#isLeft) {
      const outcome = this.#shelf.take();
      if (outcome === undefined) break;
      this.#handOver(outcome);
      this.#readers.shift()!.resolve({ done: false, value: outcome });
    }
    if (this.#phase !== 'over') return;
    for (const reader of this.#readers.splice(0)) reader.resolve(this.#finish());
  }

  /** The last word: once the failure, if there was one. */
  async #finish(): Promise<Step<Item, Result>> {
    const failure = this.#failure;
    this.#failure = undefined;
    try {
      await this.#finishSession();
    } catch (error) {
      if (failure === undefined) throw error;
    }
    if (failure !== undefined) throw failure.error;
    return END;
  }

  /** Waits for it always, and fails once. */
  async #finishSession(): Promise<void> {
    const isFirst = !this.#isFinished;
    this.#isFinished = true;
    try {
      await this.#session?.finish();
    } catch (error) {
      if (isFirst) throw error;
    }
  }

  /** A reader gets it. Without a checkpoint its place is free at once. */
  #handOver(outcome: Outcome<Item, Result>): void {
    const isLast = this.#shelf.isParcelTaken;
    if (this.#session) this.#inHand = { index: outcome.index, isLast };
    else if (isLast) this.#release(undefined);
  }

  #settleInHand(): void {
    const inHand = this.#inHand;
    if (inHand === undefined) return;
    this.#inHand = undefined;
    const recorded = this.#record(inHand.index);
    if (inHand.isLast) this.#release(recorded);
  }

  /** A checkpoint that cannot be written ends the stream: going on would be for nothing. */
  #record(index: number): Promise<void> | undefined {
    const recorded = this.#session?.done(index);
    recorded?.catch((error: unknown) => this.#pump?.stop({ error, from: 'outside' }));
    return recorded;
  }

  /** A place is free, once what had it is recorded. */
  #release(recorded: Promise<void> | undefined): void {
    if (recorded === undefined) {
      this.#released++;
      this.#pump?.grow();
    } else {
      recorded.then(
        () => this.#release(undefined),
        () => {},
      );
    }
  }

  #stop(): void {
    const error = new HotpathError('nobody reads the stream any more', { code: 'STREAM_LEFT' });
    this.#pump?.stop({ error, from: 'outside' });
  }

  async #leave(): Promise<void> {
    this.#isLeft = true;
    this.#inHand = undefined;
    if (this.#phase === 'new') {
      this.#phase = 'over';
      this.#setOver();
    }
    this.#stop();
    await this.#over;
    this.#failure = undefined;
    try {
      await this.#finishSession();
    } finally {
      this.#serve();
    }
  }
}
