import type { CallControl } from './call-control.js';
import type { ItemCalls } from './item-calls.js';
import type { Outcome } from './outcome.js';
import { fulfilledOutcome, rejectedOutcome } from './outcome-of.js';
import type { ProgressMeter } from './progress-meter.js';
import type { Pump } from './pump.js';
import type { PumpFailure, PumpWork } from './pump-work.js';
import type { OnError } from './work-options.js';

/** Stands where an item was left out. */
const LEFT_OUT: unique symbol = Symbol('left out');

/** The results of `process()`, in the order of the input. */
export class Collected<Item, Result> implements PumpWork<Item, Result> {
  /** Set as soon as it is made. */
  pump: Pump<Item, Result> | undefined;
  readonly results: Promise<(Result | Outcome<Item, Result>)[]>;
  readonly #calls: ItemCalls<Item, Result>;
  readonly #onError: OnError;
  readonly #meter: ProgressMeter | undefined;
  readonly #list: (Result | Outcome<Item, Result> | typeof LEFT_OUT)[] = [];
  #hasGaps = false;
  #resolve!: (results: (Result | Outcome<Item, Result>)[]) => void;
  #reject!: (reason: unknown) => void;

  constructor(calls: ItemCalls<Item, Result>, onError: OnError, meter: ProgressMeter | undefined) {
    this.#calls = calls;
    this.#onError = onError;
    this.#meter = meter;
    this.results = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  mayPull(): boolean {
    return true;
  }

  start(item: Item, control: CallControl): Result | PromiseLike<Result> {
    return this.#calls.start(item, control);
  }

  fulfilled(item: Item, control: CallControl, value: Result): undefined {
    this.#calls.settled(true, control);
    this.#list[control.pulled] = this.#onError === 'settle' ? fulfilledOutcome(item, control, value) : value;
    this.#meter?.settled(true, control.runMs);
  }

  rejected(item: Item, control: CallControl, reason: unknown): undefined {
    this.#calls.settled(false, control);
    this.#meter?.settled(false, control.runMs);
    if (this.#onError === 'throw') {
      this.pump?.stop({ error: reason, from: 'item' });
    } else if (this.#onError === 'settle') {
      this.#list[control.pulled] = rejectedOutcome(item, control, reason);
    } else {
      this.#list[control.pulled] = LEFT_OUT;
      this.#hasGaps = true;
    }
  }

  ended(failure: PumpFailure | undefined): void {
    this.#meter?.finish();
    if (failure !== undefined) this.#reject(failure.error);
    else this.#resolve((this.#hasGaps ? this.#list.filter((each) => each !== LEFT_OUT) : this.#list) as Result[]);
  }
}
