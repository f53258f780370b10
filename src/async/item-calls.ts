import type { Clock } from '../core/clock.js';
import { AttemptContext } from './attempt-context.js';
import { tokensOf } from './batching/token-count.js';
import type { ItemContext } from './call-context.js';
import type { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';
import type { ProcessorCounts } from './processor-counts.js';

/** What a host's function of a batch looks like. */
export type ItemFunction<Item, Result> = (item: Item, context: ItemContext) => Result | PromiseLike<Result>;

/** How the items of a batch are called. */
export interface ItemCalls<Item, Value> {
  /** Where the pump's workers wait for slots; `undefined` where `start` sees to that. */
  readonly slots: CallDetails | undefined;
  start(item: Item, control: CallControl): Value | PromiseLike<Value>;
  /** It has come to its end, before anything is made of that. */
  settled(isFulfilled: boolean, control: CallControl): void;
}

/** Where slots are all there is, so that an item costs little more than its function. */
export class DirectCalls<Item, Result> implements ItemCalls<Item, Result> {
  readonly slots: CallDetails;
  readonly #fn: ItemFunction<Item, Result>;
  readonly #counts: ProcessorCounts | undefined;
  readonly #clock: Clock;

  /** @param counts - absent where nothing is counted */
  constructor(fn: ItemFunction<Item, Result>, slots: CallDetails, counts: ProcessorCounts | undefined, clock: Clock) {
    this.#fn = fn;
    this.slots = slots;
    this.#counts = counts;
    this.#clock = clock;
  }

  start(item: Item, control: CallControl): Result | PromiseLike<Result> {
    control.attempts = 1;
    const fn = this.#fn;
    // One that is told to stop asks its context; who aborts finds it at the control.
    const context = new AttemptContext(control.index, 1);
    control.context = context;
    return fn(item, context);
  }

  settled(isFulfilled: boolean, control: CallControl): void {
    const now = this.#clock.coarse();
    control.runMs = now - control.startedAt;
    // The next item of this worker starts now: a source that answers at once is no reason to look at the clock again.
    control.startedAt = now;
    this.#counts?.settled(isFulfilled, control, this.slots.group);
  }
}

/** Through every layer of the processor. */
export class LayeredCalls<Item, Result> implements ItemCalls<Item, Result> {
  readonly slots = undefined;
  readonly #caller: Caller;
  readonly #fn: ItemFunction<Item, Result>;
  readonly #details: CallDetails;
  readonly #tokens: ((item: Item) => number) | undefined;
  readonly #counts: ProcessorCounts;

  constructor(
    caller: Caller,
    fn: ItemFunction<Item, Result>,
    details: CallDetails,
    tokens: ((item: Item) => number) | undefined,
    counts: ProcessorCounts,
  ) {
    this.#counts = counts;
    this.#caller = caller;
    this.#fn = fn;
    this.#details = details;
    this.#tokens = tokens;
  }

  start(item: Item, control: CallControl): Promise<Result> {
    const fn = this.#fn;
    const tokens = this.#tokens;
    let details = this.#details;
    if (tokens !== undefined) {
      try {
        details = { ...details, tokens: tokensOf(tokens, item) };
      } catch (error) {
        // It never comes to a call, which would have counted it.
        this.#counts.settled(false, control, details.group);
        throw error;
      }
    }
    // The contexts of all layers know the place of their item.
    return this.#caller.call((context) => fn(item, context as ItemContext), details, control);
  }

  settled(): void {
    // The caller counts.
  }
}
