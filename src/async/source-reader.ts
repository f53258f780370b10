import { openSource } from './open-source.js';
import type { Source } from './source.js';

/** An item that was pulled: taken out of what the iterator answered with, which may be any host's object. */
export interface Pulled<Item> {
  readonly item: Item;
}

/** Told of the end of a source that is being read. */
export interface SourceEnds {
  exhausted(): void;
  failed(error: unknown): void;
}

/** Reads a source item by item: an iterator is asked for one at a time, as few hand-written ones expect more. */
export class SourceReader<Item> {
  /** Whether it may keep us waiting. */
  readonly isAsync: boolean;
  /** Items so far. */
  pulled = 0;
  /** The item that was pulled last, of a source that answers at once. */
  item: Item | undefined;
  /** Somebody waits for its answer. */
  isPulling = false;
  readonly #iterator: Iterator<Item> | AsyncIterator<Item>;
  readonly #ends: SourceEnds;

  /** @throws InvalidOptionError for what cannot be iterated over; whatever the source throws when it is opened */
  constructor(source: Source<Item>, ends: SourceEnds) {
    const { isAsync, iterator } = openSource(source);
    this.isAsync = isAsync;
    this.#iterator = iterator;
    this.#ends = ends;
  }

  /** Of a source that answers at once: whether there was one more, which stands in `item` then. */
  pull(): boolean {
    try {
      const step = (this.#iterator as Iterator<Item>).next();
      if (step.done) {
        this.#ends.exhausted();
        return false;
      }
      this.item = step.value;
      this.pulled++;
      return true;
    } catch (error) {
      this.#ends.failed(error);
      return false;
    }
  }

  /**
   * Of a source that may keep us waiting. `undefined` where there is no more, or `isWanted` says that it took too long.
   *
   * @param onPulled - before anybody else may pull
   */
  async pullAsync(isWanted: () => boolean, onPulled: () => void): Promise<Pulled<Item> | undefined> {
    if (this.isPulling) return undefined;
    this.isPulling = true;
    try {
      const step = await (this.#iterator as AsyncIterator<Item>).next();
      this.isPulling = false;
      if (!isWanted()) return undefined;
      if (step.done) {
        this.#ends.exhausted();
        return undefined;
      }
      const pulled = { item: step.value };
      this.pulled++;
      onPulled();
      return pulled;
    } catch (error) {
      this.isPulling = false;
      this.#ends.failed(error);
      return undefined;
    }
  }

  /** Tells the source that nothing more will be asked of it, and waits for it: unless it owes an answer, which may never come. */
  async close(trouble: (error: unknown) => void): Promise<void> {
    try {
      const closed = this.#iterator.return?.();
      if (!this.isPulling) await closed;
      else if (closed instanceof Promise) closed.catch(trouble);
    } catch (error) {
      trouble(error);
    }
  }
}
