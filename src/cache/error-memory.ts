import type { Dependent, InvalidationBook } from './invalidation-book.js';

/** A loader's error that is thrown again for a while without a run. */
interface RememberedError extends Dependent {
  readonly error: unknown;
  readonly until: number;
}

const MOST_ERRORS = 1_000;

/** Errors of loaders, where `errorTtl` asks for them to be remembered. Bounded; the oldest goes first. */
export class ErrorMemory {
  readonly #errors = new Map<string, RememberedError>();

  /** Whether any error is remembered: reads ask this first. */
  get any(): boolean {
    return this.#errors.size > 0;
  }

  remember(dependent: Dependent, error: unknown, until: number): void {
    const { key, tags, since } = dependent;
    this.#errors.delete(key);
    this.#errors.set(key, { key, tags, since, error, until });
    if (this.#errors.size > MOST_ERRORS) this.#errors.delete(this.#errors.keys().next().value!);
  }

  /** The error to throw for a key, if one is remembered that is neither over nor invalidated, nor older than `after`. */
  find(key: string, now: number, after: number, book: InvalidationBook): { readonly error: unknown } | undefined {
    const found = this.#errors.get(key);
    if (!found) return undefined;
    if (found.since >= after && now < found.until && !book.invalidatedBy(found) && !book.softenedAt(found))
      return found;
    this.#errors.delete(key);
    return undefined;
  }

  delete(key: string): void {
    this.#errors.delete(key);
  }

  deleteWhere(matches: (key: string) => boolean): void {
    for (const key of this.#errors.keys()) if (matches(key)) this.#errors.delete(key);
  }

  clear(): void {
    this.#errors.clear();
  }

  dropInvalid(book: InvalidationBook): void {
    for (const [key, found] of this.#errors) {
      if (book.invalidatedBy(found) || book.softenedAt(found)) this.#errors.delete(key);
    }
  }
}
