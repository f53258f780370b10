import type { Source } from '../source.js';
import { tokensOf } from './token-count.js';

/** Where a source is cut; Infinity for no bound. */
export interface CutLimits<Item> {
  readonly maxSize: number;
  /** An item beyond it goes alone. */
  readonly maxTokens: number;
  readonly tokens: ((item: Item) => number) | undefined;
}

/**
 * Cuts a source into arrays as they are asked for, none of them empty. It reads no further than it has to: to the item that
 * makes a batch full, or does not fit into it any more, which begins the next one.
 *
 * A sync source stays a sync one. `return()` closes the source, at once also while an async one is being read. A source that
 * fails does so after the items it gave before: they are the last batch. An item that `tokens` cannot count goes alone.
 */
export function cutBatches<Item>(source: Iterable<Item>, limits: CutLimits<Item>): Iterable<Item[]>;
export function cutBatches<Item>(source: AsyncIterable<Item>, limits: CutLimits<Item>): AsyncIterable<Item[]>;
export function cutBatches<Item>(source: Source<Item>, limits: CutLimits<Item>): Source<Item[]>;
export function cutBatches<Item>(source: Source<Item>, limits: CutLimits<Item>): Source<Item[]> {
  if (Symbol.asyncIterator in source) {
    return { [Symbol.asyncIterator]: () => new AsyncCut(source[Symbol.asyncIterator](), new Gathering(limits)) };
  }
  return { [Symbol.iterator]: () => new SyncCut(source[Symbol.iterator](), new Gathering(limits)) };
}

/** The batch that is being filled. */
class Gathering<Item> {
  readonly #limits: CutLimits<Item>;
  #items: Item[] = [];
  #tokens = 0;

  constructor(limits: CutLimits<Item>) {
    this.#limits = limits;
  }

  /** Nothing more fits: it can go without a look at the next item. */
  get isFull(): boolean {
    return (
      this.#items.length >= this.#limits.maxSize || (this.#items.length > 0 && this.#tokens >= this.#limits.maxTokens)
    );
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** The batch before it, when the item no longer fits into that. */
  add(item: Item): Item[] | undefined {
    const tokens = this.#count(item);
    const before = this.#items.length > 0 && this.#tokens + tokens > this.#limits.maxTokens ? this.take() : undefined;
    this.#items.push(item);
    this.#tokens += tokens;
    return before;
  }

  take(): Item[] {
    const items = this.#items;
    this.#items = [];
    this.#tokens = 0;
    return items;
  }

  /** Whoever reserves the tokens counts again, and fails that one item then: the others must not suffer from it. */
  #count(item: Item): number {
    if (this.#limits.maxTokens === Number.POSITIVE_INFINITY) return 0;
    try {
      return tokensOf(this.#limits.tokens, item);
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }
}

/** How a source has ended. */
type End = { readonly error: unknown } | 'done';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class SyncCut<Item> implements IterableIterator<Item[]> {
  readonly #source: Iterator<Item>;
  readonly #gathering: Gathering<Item>;
  #end: End | undefined;

  constructor(source: Iterator<Item>, gathering: Gathering<Item>) {
    this.#source = source;
    this.#gathering = gathering;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Item[], undefined> {
    while (this.#end === undefined) {
      if (this.#gathering.isFull) return { done: false, value: this.#gathering.take() };
      try {
        const step = this.#source.next();
        if (step.done) this.#end = 'done';
        else {
          const before = this.#gathering.add(step.value);
          if (before !== undefined) return { done: false, value: before };
        }
      } catch (error) {
        this.#end = { error };
      }
    }
    return last(this.#gathering, this.#end, () => {
      this.#end = 'done';
    });
  }

  return(): IteratorResult<Item[], undefined> {
    const wasOpen = this.#end === undefined;
    this.#end = 'done';
    this.#gathering.take();
    if (wasOpen) this.#source.return?.();
    return DONE;
  }
}

class AsyncCut<Item> implements AsyncIterableIterator<Item[]> {
  readonly #source: AsyncIterator<Item>;
  readonly #gathering: Gathering<Item>;
  #end: End | undefined;
  #before: Promise<unknown> = Promise.resolve();

  constructor(source: AsyncIterator<Item>, gathering: Gathering<Item>) {
    this.#source = source;
    this.#gathering = gathering;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Calls that overlap are answered one after the other, as a generator does. */
  next(): Promise<IteratorResult<Item[], undefined>> {
    const step = this.#before.then(() => this.#gather());
    this.#before = step.catch(() => {});
    return step;
  }

  async return(): Promise<IteratorResult<Item[], undefined>> {
    const wasOpen = this.#end === undefined;
    this.#end = 'done';
    this.#gathering.take();
    if (wasOpen) await this.#source.return?.();
    return DONE;
  }

  async #gather(): Promise<IteratorResult<Item[], undefined>> {
    while (this.#end === undefined) {
      if (this.#gathering.isFull) return { done: false, value: this.#gathering.take() };
      try {
        const step = await this.#source.next();
        // `return()` may have come meanwhile.
        if (this.#end !== undefined) break;
        if (step.done) this.#end = 'done';
        else {
          const before = this.#gathering.add(step.value);
          if (before !== undefined) return { done: false, value: before };
        }
      } catch (error) {
        this.#end ??= { error };
      }
    }
    return last(this.#gathering, this.#end, () => {
      this.#end = 'done';
    });
  }
}

/** What a source that has ended still has to say: its last items, then its error, once. */
function last<Item>(gathering: Gathering<Item>, end: End, told: () => void): IteratorResult<Item[], undefined> {
  if (!gathering.isEmpty) return { done: false, value: gathering.take() };
  if (end === 'done') return DONE;
  told();
  throw end.error;
}
