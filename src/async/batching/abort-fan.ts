/**
 * One listener for each signal, however many wait on it: a request that loads hundreds of keys has one signal, and an `EventTarget` looks
 * through all of its listeners for each one that is added.
 */
export class AbortFan {
  readonly #waiting = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>();

  /** Runs `fn` once when the signal is aborted, unless it is {@link AbortFan.remove}d before. The signal is not aborted yet. */
  add(signal: AbortSignal, fn: (reason: unknown) => void): void {
    const known = this.#waiting.get(signal);
    if (known !== undefined) {
      known.add(fn);
      if (known.size === 1) signal.addEventListener('abort', this.#onAbort, { once: true });
      return;
    }
    this.#waiting.set(signal, new Set([fn]));
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  remove(signal: AbortSignal, fn: (reason: unknown) => void): void {
    const known = this.#waiting.get(signal);
    if (known?.delete(fn) && known.size === 0) signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (event: Event): void => {
    const signal = event.target as AbortSignal;
    const known = this.#waiting.get(signal);
    this.#waiting.delete(signal);
    for (const fn of known ?? []) fn(signal.reason);
  };
}
