import type { CallControl } from './call-control.js';

/** What is done with each item of a source. */
export interface PumpWork<Item, Value> {
  /** Starts it. What it throws, or rejects with, goes to `rejected`. */
  start(item: Item, control: CallControl): Value | PromiseLike<Value>;
  /** Answers with what is to be waited for before the worker goes on, if anything. Never throws; what it answers with may reject, which ends the pump. */
  fulfilled(item: Item, control: CallControl, value: Value): PromiseLike<void> | undefined;
  /** As `fulfilled`; what it throws ends the pump. */
  rejected(item: Item, control: CallControl, reason: unknown): PromiseLike<void> | undefined;
  /** Whether one more may be pulled now, beside so many that were. After a no, `Pump.grow` says when to ask again. */
  mayPull(pulled: number): boolean;
  /** All is over: every item that was pulled has come to its end. Called once. */
  ended(failure: PumpFailure | undefined): void;
}

/** Why a pump ended before its source did. */
export interface PumpFailure {
  readonly error: unknown;
  /** The source itself, an item or its consumer, or somebody who stopped it. */
  readonly from: 'source' | 'item' | 'outside';
}
