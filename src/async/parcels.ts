import { type BatchCalling, type ItemEnd, runHalving } from './batching/halving.js';
import type { CallControl } from './call-control.js';
import type { RemainingItem } from './checkpoint/remaining-items.js';
import type { ItemCalls } from './item-calls.js';
import type { Outcome } from './outcome.js';
import { fulfilledOutcome, rejectedOutcome } from './outcome-of.js';

/** What comes of one thing that was pulled: the outcome of an item, or those of all items of a batch. */
export type Parcel<Item, Result> = Outcome<Item, Result> | readonly Outcome<Item, Result>[];

/** A batch, or a job with a checkpoint, pulls other things than items: how they are called, and read as outcomes, is said here. */
export interface Parcels<Unit, Value, Item, Result> {
  readonly calls: ItemCalls<Unit, Value>;
  fulfilled(unit: Unit, control: CallControl, value: Value): Parcel<Item, Result>;
  rejected(unit: Unit, control: CallControl, reason: unknown): Parcel<Item, Result>;
}

/** An item is pulled as it is. */
export class ItemParcels<Item, Result> implements Parcels<Item, Result, Item, Result> {
  readonly calls: ItemCalls<Item, Result>;

  constructor(calls: ItemCalls<Item, Result>) {
    this.calls = calls;
  }

  fulfilled(item: Item, control: CallControl, value: Result): Outcome<Item, Result> {
    return fulfilledOutcome(item, control, value);
  }

  rejected(item: Item, control: CallControl, reason: unknown): Outcome<Item, Result> {
    return rejectedOutcome(item, control, reason);
  }
}

/** Items that a checkpoint has left, with their places in the whole input. */
export class RemainingParcels<Item, Result> implements Parcels<RemainingItem<Item>, Result, Item, Result> {
  readonly calls: ItemCalls<RemainingItem<Item>, Result>;

  constructor(calls: ItemCalls<Item, Result>) {
    this.calls = {
      slots: calls.slots,
      start({ item, index }, control) {
        control.index = index;
        return calls.start(item, control);
      },
      settled: (isFulfilled, control) => calls.settled(isFulfilled, control),
    };
  }

  fulfilled({ item, index }: RemainingItem<Item>, control: CallControl, value: Result): Outcome<Item, Result> {
    return fulfilledOutcome(item, control, value, index);
  }

  rejected({ item, index }: RemainingItem<Item>, control: CallControl, reason: unknown): Outcome<Item, Result> {
    return rejectedOutcome(item, control, reason, index);
  }
}

/** A batch of items: called as one, halved where it fails. */
export class BatchParcels<Item, Result>
  implements Parcels<readonly RemainingItem<Item>[], readonly ItemEnd<Result>[], Item, Result>
{
  readonly calls: ItemCalls<readonly RemainingItem<Item>[], readonly ItemEnd<Result>[]>;

  constructor(calling: BatchCalling<RemainingItem<Item>>) {
    this.calls = {
      slots: undefined,
      start: (batch, control) => runHalving<RemainingItem<Item>, Result>(calling, batch, control),
      settled() {},
    };
  }

  fulfilled(
    batch: readonly RemainingItem<Item>[],
    _control: CallControl,
    ends: readonly ItemEnd<Result>[],
  ): readonly Outcome<Item, Result>[] {
    return batch.map(({ item, index }, i) => ({ ...ends[i]!, item, index }));
  }

  rejected(
    batch: readonly RemainingItem<Item>[],
    control: CallControl,
    reason: unknown,
  ): readonly Outcome<Item, Result>[] {
    return batch.map(({ item, index }) => rejectedOutcome(item, control, reason, index));
  }
}
