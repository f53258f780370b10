import type { Batcher } from './batcher.js';

/** Loads one key, in a batch with others. Equal keys at the same time are loaded once. */
export interface BatchedLoad<Key, Result> {
  /** `signal`: leaves at once when it is aborted; whoever else waits for the key still gets it. */
  (key: Key, options?: { readonly signal?: AbortSignal }): Promise<Result>;
  /** Sends what has been gathered, without a wait for more. */
  flush(): void;
  /** Keys that wait or are under way; equal ones count once. */
  readonly pending: number;
}

/** A batcher as the function that hosts call. */
export function batchedLoad<Key, Result>(batcher: Batcher<Key, Result>): BatchedLoad<Key, Result> {
  const load = (key: Key, options?: { readonly signal?: AbortSignal }): Promise<Result> =>
    batcher.load(key, options?.signal);
  return Object.defineProperties(load, {
    flush: { value: () => batcher.flush() },
    pending: { get: () => batcher.pending },
  }) as unknown as BatchedLoad<Key, Result>;
}
