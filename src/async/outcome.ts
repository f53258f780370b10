/** What became of one item. */
export type Outcome<Item, Result> = FulfilledOutcome<Item, Result> | RejectedOutcome<Item>;

/** What every outcome says beside its status. */
export interface OutcomeFacts<Item> {
  /** The place of the item in the input, from 0. */
  readonly index: number;
  readonly item: Item;
  /** How often the function was called for it; 0 when it never was. */
  readonly attempts: number;
  /** Time it waited for a slot, a rate limit, a cool-down, and between attempts, in milliseconds. */
  readonly queueMs: number;
  /** Time the function ran, all attempts together, in milliseconds. */
  readonly runMs: number;
}

export interface FulfilledOutcome<Item, Result> extends OutcomeFacts<Item> {
  readonly status: 'fulfilled';
  readonly value: Result;
}

export interface RejectedOutcome<Item> extends OutcomeFacts<Item> {
  readonly status: 'rejected';
  readonly reason: unknown;
}
