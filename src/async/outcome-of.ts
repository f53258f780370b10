import type { CallControl } from './call-control.js';
import type { FulfilledOutcome, RejectedOutcome } from './outcome.js';

/** @param index - the item's place in the input, where that is not its place among what was pulled */
export function fulfilledOutcome<Item, Result>(
  item: Item,
  { index: pulled, attempts, queueMs, runMs }: CallControl,
  value: Result,
  index: number = pulled,
): FulfilledOutcome<Item, Result> {
  return { status: 'fulfilled', value, index, item, attempts, queueMs, runMs };
}

/** As {@link fulfilledOutcome}. */
export function rejectedOutcome<Item>(
  item: Item,
  { index: pulled, attempts, queueMs, runMs }: CallControl,
  reason: unknown,
  index: number = pulled,
): RejectedOutcome<Item> {
  return { status: 'rejected', reason, index, item, attempts, queueMs, runMs };
}
