/** A hand-written source that keeps a book of what is asked of it. */
export class CountedSource<Item> {
  /** Items given away. */
  pulled = 0;
  opened = 0;
  returned = 0;
  /** It has said that there is no more. */
  isExhausted = false;
  /** Questions that were open at once at the most. */
  mostAsked = 0;
  #asked = 0;
  readonly #items: Iterator<Item>;

  constructor(items: Iterable<Item>) {
    this.#items = items[Symbol.iterator]();
  }

  readonly sync: Iterable<Item> = {
    [Symbol.iterator]: () => {
      this.opened++;
      return { next: () => this.#step(), return: () => this.#end() };
    },
  };

  /** It answers some microtasks later. */
  readonly later: AsyncIterable<Item> = {
    [Symbol.asyncIterator]: () => {
      this.opened++;
      return {
        next: async () => {
          this.mostAsked = Math.max(this.mostAsked, ++this.#asked);
          for (let i = 0; i < 3; i++) await undefined;
          this.#asked--;
          return this.#step();
        },
        return: async () => this.#end(),
      };
    },
  };

  #step(): IteratorResult<Item> {
    const step = this.#items.next();
    if (step.done) this.isExhausted = true;
    else this.pulled++;
    return step;
  }

  #end(): IteratorResult<Item> {
    this.returned++;
    return { done: true, value: undefined };
  }
}

/** The numbers from 0 up to `end`, which may be Infinity. */
export function* upTo(end: number): Generator<number, void, undefined> {
  for (let i = 0; i < end; i++) yield i;
}
