import { CheckpointMismatchError, otherItem } from './checkpoint-errors.js';
import type { CheckpointState } from './checkpoint-store.js';
import { DoneBook } from './done-book.js';
import { IdChain } from './id-chain.js';
import type { ItemSieve, RemainingItem } from './remaining-items.js';

/**
 * Leaves out what was done in runs before, and lets nothing through before all of it has come and is the same: what comes
 * between waits. That is what was under way when a run before died, so it stays small.
 */
export class ResumeSieve<Item> implements ItemSieve<Item> {
  readonly #idOf: (item: Item, index: number) => string;
  readonly #watermark: number;
  readonly #digest: string;
  /** Done at or after the watermark in runs before, and not come across yet. */
  readonly #ahead: Map<number, string>;
  /** Not done, and before one that is and has not come yet. */
  readonly #held: RemainingItem<Item>[] = [];
  /** How many items were done in runs before. */
  readonly resumed: number;
  /** How many of them the store has one by one. */
  readonly appended: number;
  /** Over the ids before the watermark that were passed over. */
  readonly #passed: IdChain;
  #book: DoneBook | undefined;
  #index = 0;

  /**
   * @param state - `undefined` for a job that has not begun
   * @param chain - over the ids before the watermark, where they are known already
   */
  constructor(
    idOf: (item: Item, index: number) => string,
    state: CheckpointState | undefined,
    chain: IdChain = new IdChain(),
  ) {
    this.#idOf = idOf;
    this.#watermark = state?.watermark ?? 0;
    this.#digest = state?.digest ?? chain.digest();
    this.#ahead = new Map(state?.ahead);
    this.appended = this.#ahead.size;
    this.resumed = this.#watermark + this.appended;
    this.#passed = chain;
    this.#compare();
  }

  /** `undefined` until the items before the watermark are known to be the same. */
  get book(): DoneBook | undefined {
    return this.#book;
  }

  take(item: Item): RemainingItem<Item> | undefined {
    const index = this.#index++;
    if (index < this.#watermark) {
      this.#pass(item, index);
      return undefined;
    }
    const id = this.#idOf(item, index);
    const recorded = this.#ahead.get(index);
    if (recorded !== undefined && recorded !== id) throw otherItem(index, id, recorded);
    this.#book!.begin(index, id);
    if (recorded !== undefined) {
      this.#ahead.delete(index);
      this.#book!.done(index);
      return undefined;
    }
    if (this.#ahead.size === 0) return { item, index };
    this.#held.push({ item, index });
    return undefined;
  }

  ready(): RemainingItem<Item> | undefined {
    return this.#ahead.size === 0 ? this.#held.shift() : undefined;
  }

  ended(): void {
    if (this.#index < this.#watermark || this.#ahead.size > 0) {
      let last = this.#watermark - 1;
      for (const index of this.#ahead.keys()) last = Math.max(last, index);
      throw new CheckpointMismatchError(`it has ${this.#index} items, and item ${last} was done`);
    }
  }

  /** All that is done, for a store to keep; `undefined` while it is not known to be of this source: the store has it as it is. */
  state(source: string | undefined): CheckpointState | undefined {
    const book = this.#book;
    if (book === undefined || this.#ahead.size > 0) return undefined;
    return { source, watermark: book.watermark, digest: book.digest(), ahead: book.ahead() };
  }

  #pass(item: Item, index: number): void {
    if (this.#book) return;
    this.#passed.add(this.#idOf(item, index));
    this.#compare();
  }

  #compare(): void {
    if (this.#passed.length < this.#watermark) return;
    if (this.#passed.digest() !== this.#digest) {
      throw new CheckpointMismatchError(`its first ${this.#watermark} items are others, or in another order`);
    }
    this.#book = new DoneBook(this.#passed);
  }
}
