import { InvalidOptionError } from '../core/errors.js';
import type { CacheKey } from './cache-key.js';
import type { SetOptions } from './options.js';

/** One value to warm with. */
export type WarmEntry<V> = readonly [key: CacheKey, value: V, options?: SetOptions];

/** What to warm with: values at hand, or keys and how to load one. */
export type WarmSource<V> =
  | Iterable<WarmEntry<V>>
  | AsyncIterable<WarmEntry<V>>
  | (SetOptions & {
      readonly keys: Iterable<CacheKey> | AsyncIterable<CacheKey>;
      readonly load: (key: CacheKey, context: { readonly signal: AbortSignal }) => V | Promise<V>;
    });

export interface WarmOptions {
  /** Loads or writes at a time. Integer >= 1. @default 8 */
  readonly concurrency?: number;
  readonly onProgress?: (progress: WarmProgress) => void;
  /** Ends the run: what is under way is awaited, nothing new starts, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
}

/** What a run of `warm` has done. */
export interface WarmResult extends WarmProgress {
  /** The first failures (100 at most). A failing key does not end the run. */
  readonly errors: readonly { readonly key: CacheKey; readonly error: unknown }[];
}

const MOST_ERRORS = 100;

/** Pulls jobs from a source, `concurrency` at a time: an endless source takes no more memory than that. */
export async function pump<Job extends { readonly key: CacheKey }>(
  source: Iterable<Job> | AsyncIterable<Job>,
  work: (job: Job) => Promise<unknown>,
  { concurrency = 8, onProgress, signal }: WarmOptions,
): Promise<WarmResult> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new InvalidOptionError('concurrency', 'an integer >= 1', concurrency);
  }
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const errors: { key: CacheKey; error: unknown }[] = [];
  let done = 0;
  let failed = 0;
  let ended = false;
  const worker = async (): Promise<void> => {
    while (!ended) {
      if (signal?.aborted) return;
      const next = await iterator.next();
      if (next.done) ended = true;
      if (next.done || ended) return;
      try {
        await work(next.value);
        done++;
      } catch (error) {
        failed++;
        if (errors.length < MOST_ERRORS) errors.push({ key: next.value.key, error });
      }
      onProgress?.({ done, failed });
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    if (!ended) {
      ended = true;
      await iterator.return?.();
    }
  }
  signal?.throwIfAborted();
  return { done, failed, errors };
}

/** The jobs of a source of values. */
export async function* valueJobs<V>(
  source: Iterable<WarmEntry<V>> | AsyncIterable<WarmEntry<V>>,
): AsyncGenerator<{ key: CacheKey; value: V; options: SetOptions | undefined }> {
  for await (const [key, value, options] of source) yield { key, value, options };
}

/** The jobs of a source of keys. */
export async function* keyJobs(keys: Iterable<CacheKey> | AsyncIterable<CacheKey>): AsyncGenerator<{ key: CacheKey }> {
  for await (const key of keys) yield { key };
}
