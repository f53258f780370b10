import { InvalidOptionError } from '../../core/errors.js';
import { ownText } from '../../core/own-text.js';
import { IdChain } from './id-chain.js';

interface Entry {
  id: string;
  isDone: boolean;
}

/**
 * Which items are done. All before the watermark are, and nothing is kept of them but a digest; of those at or after it that run
 * or are done, their ids are. So memory follows how far the fastest is ahead of the slowest.
 */
export class DoneBook {
  /** Of the items before the watermark. */
  readonly #chain: IdChain;
  readonly #entries = new Map<number, Entry>();
  readonly #indexes = new Map<string, number>();

  /** @param chain - over the ids of all items before the watermark */
  constructor(chain: IdChain = new IdChain()) {
    this.#chain = chain;
  }

  /** All items before this index are done. */
  get watermark(): number {
    return this.#chain.length;
  }

  /** How many items run, or are done while one before them is not. */
  get size(): number {
    return this.#entries.size;
  }

  /** @throws InvalidOptionError for an id that another item in the book has */
  begin(index: number, id: string): void {
    const other = this.#indexes.get(id);
    if (other !== undefined) {
      throw new InvalidOptionError('checkpoint.id', `unique (items ${other} and ${index} have the same)`, id);
    }
    this.#indexes.set(id, index);
    this.#entries.set(index, { id, isDone: false });
  }

  /** The id of the item; `undefined` when it was done before, or has not begun. */
  done(index: number): string | undefined {
    const entry = this.#entries.get(index);
    if (entry === undefined || entry.isDone) return undefined;
    entry.isDone = true;
    const { id } = entry;
    if (index === this.watermark) this.#advance();
    else this.#keep(index, entry);
    return id;
  }

  /** SHA-256 over the ids before the watermark, as hex. */
  digest(): string {
    return this.#chain.digest();
  }

  /** What is done at or after the watermark. */
  ahead(): [index: number, id: string][] {
    const ahead: [number, string][] = [];
    for (const [index, { id, isDone }] of this.#entries) if (isDone) ahead.push([index, id]);
    return ahead;
  }

  #advance(): void {
    for (;;) {
      const index = this.#chain.length;
      const entry = this.#entries.get(index);
      if (entry === undefined || !entry.isDone) return;
      this.#chain.add(entry.id);
      this.#entries.delete(index);
      this.#indexes.delete(entry.id);
    }
  }

  /** It may stay for long: an id that was cut out of a document must not keep the document. */
  #keep(index: number, entry: Entry): void {
    this.#indexes.delete(entry.id);
    entry.id = ownText(entry.id);
    this.#indexes.set(entry.id, index);
  }
}
