import { HotpathError } from '../../core/errors.js';
import type { KeyvLike, KeyvStorageAdapterLike } from './keyv-contract.js';

/**
 * Sees the failures that Keyv and its adapters swallow: they emit `error` and answer as if nothing were there. An operation
 * that came back with nothing to show, while an error was emitted, counts as failed. With several in flight that may be the
 * error of another one; a miss then counts as a failure, which a cache answers in the same way.
 *
 * The listener stays on until `close()`. Without any listener, Keyv 6 throws out of its `error` events: out of a socket's,
 * that would end the process.
 */
export class KeyvErrorWatch {
  #failures = 0;
  #unreadable = 0;
  #last: unknown;
  readonly #listener = (error: unknown): void => {
    this.#last = error;
    if (isUnreadable(error)) this.#unreadable++;
    else this.#failures++;
  };
  readonly #stop: () => void;

  constructor(source: KeyvLike | KeyvStorageAdapterLike) {
    const { on, off, removeListener } = source as Emitter;
    on?.call(source, 'error', this.#listener);
    this.#stop = () => void (off ?? removeListener)?.call(source, 'error', this.#listener);
  }

  /**
   * Runs a read. A value that Keyv 6 cannot parse is a miss to it, and here: the store did not fail.
   *
   * @param found - whether the answer itself shows that the store did its part
   * @throws what the read throws, or what was emitted while it ran
   */
  async read<T>(operation: () => T | Promise<T>, found: (answer: T) => boolean): Promise<T> {
    const before = this.#failures;
    const answer = await operation();
    if (this.#failures !== before && !found(answer)) throw this.#failure();
    return answer;
  }

  /** Runs a write. @throws what the write throws, or what was emitted while it ran */
  async write<T>(operation: () => T | Promise<T>): Promise<T> {
    const before = this.#failures + this.#unreadable;
    const answer = await operation();
    if (this.#failures + this.#unreadable !== before) throw this.#failure();
    return answer;
  }

  close(): void {
    this.#stop();
  }

  #failure(): Error {
    const error = this.#last;
    return error instanceof Error ? error : new HotpathError(`the Keyv store failed: ${error}`, { code: 'KEYV_STORE' });
  }
}

interface Emitter {
  on?(event: string, listener: (error: unknown) => void): unknown;
  off?(event: string, listener: (error: unknown) => void): unknown;
  removeListener?(event: string, listener: (error: unknown) => void): unknown;
}

/**
 * Whether the stored text could not be parsed, as opposed to a store that failed: foreign data under our key. Parsers raise
 * SyntaxError; Keyv 5 asks a stored `null` for its `expires`.
 */
export function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof TypeError && error.message.includes("'expires'"));
}
