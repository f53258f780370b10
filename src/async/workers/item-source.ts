import { type OpenSource, openSource } from '../open-source.js';
import type { Source } from '../source.js';

/** An item and its place in the input. */
export interface Pulled<Item> {
  readonly item: Item;
  readonly index: number;
}

/**
 * A source that several workers pull from: it is asked for one item at a time. `stop()` answers those who wait, also where the
 * source never does.
 */
export class ItemSource<Item> {
  readonly #source: OpenSource<Item>;
  readonly #waiting: { resolve(pulled: Pulled<Item> | undefined): void; reject(error: unknown): void }[] = [];
  #pulled = 0;
  #isAsking = false;
  #isOver = false;
  #closing: Promise<void> | undefined;

  /** @throws InvalidOptionError for what cannot be iterated over */
  constructor(items: Source<Item>) {
    this.#source = openSource(items);
  }

  /** `undefined` when there is no more. Rejects where the source fails, and has no more then. */
  next(): Promise<Pulled<Item> | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#isAsking) void this.#serve();
    });
  }

  /** Nothing more is pulled. Resolves when the source has been told; what it fails with then does not matter any more. */
  stop(): Promise<void> {
    if (this.#closing === undefined && !this.#isOver) this.#closing = this.#close();
    return this.#closing ?? Promise.resolve();
  }

  async #close(): Promise<void> {
    const wasAsking = this.#isAsking;
    this.#end();
    const closed = (async () => this.#source.iterator.return?.())().catch(() => {});
    // A source that has not answered yet may never do so.
    if (!wasAsking) await closed;
  }

  async #serve(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0 && !this.#isOver) {
      try {
        const step = await this.#source.iterator.next();
        if (this.#isOver) break;
        if (step.done) this.#end();
        else this.#waiting.shift()?.resolve({ item: step.value, index: this.#pulled++ });
      } catch (error) {
        if (this.#isOver) break;
        this.#waiting.shift()?.reject(error);
        this.#end();
      }
    }
    this.#isAsking = false;
    if (this.#isOver) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
  }
}
