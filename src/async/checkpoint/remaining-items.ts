import { openSource } from '../open-source.js';
import type { Source } from '../source.js';

/** An item that is not done yet. */
export interface RemainingItem<Item> {
  readonly item: Item;
  /** Its place in the whole input, from 0. */
  readonly index: number;
}

/** Looks at every item of a source in turn. What it throws ends the source. */
export interface ItemSieve<Item> {
  /** `undefined` for an item that is done, or that has to wait. */
  take(item: Item): RemainingItem<Item> | undefined;
  /** One that had to wait and may go now, in order. Asked before each item of the source. */
  ready(): RemainingItem<Item> | undefined;
  /** There are no more. */
  ended(): void;
}

type Step<Item> = IteratorResult<RemainingItem<Item>, undefined>;

const END = { done: true, value: undefined } as const;

/** What a sieve lets through: sync of a sync source, async of an async one, to be asked for one item at a time. Ending it ends the source. */
export function remainingItems<Item>(
  source: Source<Item>,
  sieve: ItemSieve<Item>,
): IterableIterator<RemainingItem<Item>> | AsyncIterableIterator<RemainingItem<Item>> {
  const opened = openSource(source);
  return opened.isAsync ? new AsyncRemaining(opened.iterator, sieve) : new SyncRemaining(opened.iterator, sieve);
}

/** All items of a source with their places, of the kind that the source is. */
export function indexedItems<Item>(
  source: Source<Item>,
): IterableIterator<RemainingItem<Item>> | AsyncIterableIterator<RemainingItem<Item>> {
  let index = 0;
  return remainingItems(source, { take: (item) => ({ item, index: index++ }), ready: () => undefined, ended() {} });
}

class SyncRemaining<Item> implements IterableIterator<RemainingItem<Item>> {
  readonly #items: Iterator<Item>;
  readonly #sieve: ItemSieve<Item>;
  #isOver = false;

  constructor(items: Iterator<Item>, sieve: ItemSieve<Item>) {
    this.#items = items;
    this.#sieve = sieve;
  }

  next(): Step<Item> {
    while (!this.#isOver) {
      const value = this.#sieve.ready() ?? this.#sift(this.#pull());
      if (value !== undefined) return { done: false, value };
    }
    return END;
  }

  return(): Step<Item> {
    if (this.#isOver) return END;
    this.#isOver = true;
    this.#items.return?.();
    return END;
  }

  [Symbol.iterator](): this {
    return this;
  }

  #pull(): IteratorResult<Item, unknown> {
    try {
      return this.#items.next();
    } catch (error) {
      // An iterator that threw is over, and is not closed.
      this.#isOver = true;
      throw error;
    }
  }

  #sift(step: IteratorResult<Item, unknown>): RemainingItem<Item> | undefined {
    if (step.done) {
      this.#isOver = true;
      this.#sieve.ended();
      return undefined;
    }
    try {
      return this.#sieve.take(step.value);
    } catch (error) {
      try {
        this.return();
      } catch {
        // The first error is the one to hear of.
      }
      throw error;
    }
  }
}

class AsyncRemaining<Item> implements AsyncIterableIterator<RemainingItem<Item>> {
  readonly #items: AsyncIterator<Item>;
  readonly #sieve: ItemSieve<Item>;
  #isOver = false;

  constructor(items: AsyncIterator<Item>, sieve: ItemSieve<Item>) {
    this.#items = items;
    this.#sieve = sieve;
  }

  async next(): Promise<Step<Item>> {
    while (!this.#isOver) {
      const ready = this.#sieve.ready();
      if (ready !== undefined) return { done: false, value: ready };
      const step = await this.#ask();
      // It was ended while it was asked.
      if (this.#isOver) return END;
      if (step.done) {
        this.#isOver = true;
        this.#sieve.ended();
        return END;
      }
      const value = await this.#sift(step.value);
      if (value !== undefined) return { done: false, value };
    }
    return END;
  }

  /** Reaches the source at once, also while it is asked for an item. */
  async return(): Promise<Step<Item>> {
    if (this.#isOver) return END;
    this.#isOver = true;
    await this.#items.return?.();
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #ask(): Promise<IteratorResult<Item, unknown>> {
    try {
      return await this.#items.next();
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  async #sift(item: Item): Promise<RemainingItem<Item> | undefined> {
    try {
      return this.#sieve.take(item);
    } catch (error) {
      // The first error is the one to hear of.
      await this.return().catch(() => {});
      throw error;
    }
  }
}
