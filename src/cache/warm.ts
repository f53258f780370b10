import { InvalidOptionError } from '../core/errors.js';
import type { CacheKey } from './cache-key.js';
import type { GetOrSetOptions, SetOptions } from './options.js';

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

/** What `warm` needs of a cache. */
interface Warmable<V> {
  getOrSet(
    key: CacheKey,
    loader: (context: { readonly signal: AbortSignal }) => V | Promise<V>,
    options: GetOrSetOptions,
  ): Promise<V>;
  getEntry(key: CacheKey): Promise<{ readonly state: 'fresh' | 'stale' } | undefined>;
  set(key: CacheKey, value: V, options?: SetOptions): Promise<boolean>;
  reportTrouble(error: unknown, during: string): void;
}

/** Fills a cache. @throws InvalidOptionError, or the signal's reason */
export async function warm<V>(cache: Warmable<V>, source: WarmSource<V>, options: WarmOptions): Promise<WarmResult> {
  const report = (progress: WarmProgress): void => {
    try {
      const told: unknown = options.onProgress?.(progress);
      // An async hook's rejection would otherwise end the process.
      if (told instanceof Promise) told.catch((error: unknown) => cache.reportTrouble(error, 'onProgress'));
    } catch (error) {
      cache.reportTrouble(error, 'onProgress');
    }
  };
  if (typeof source !== 'object' || source === null || !('load' in source)) {
    checkIterable('source', 'entries, or { keys, load }', source);
    return pump(valueJobs(source), ({ key, value, options: own }) => cache.set(key, value, own), options, report);
  }
  const { keys, load, ...write } = source;
  checkIterable('keys', 'an iterable of keys', keys);
  if (typeof load !== 'function') throw new InvalidOptionError('load', 'a function', load);
  const loadOne = async ({ key }: { key: CacheKey }): Promise<void> => {
    const state = (await cache.getEntry(key))?.state;
    if (state === 'fresh') return;
    // A stale value is loaded here and now: a background refresh would be neither awaited nor bounded by `concurrency`.
    const how = state === 'stale' ? { ...write, cache: 'refresh' as const } : write;
    await cache.getOrSet(key, ({ signal }) => load(key, { signal }), how);
  };
  return pump(keyJobs(keys), loadOne, options, report);
}

function checkIterable(option: string, expected: string, value: unknown): void {
  const iterable =
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
  if (!iterable) throw new InvalidOptionError(option, expected, value);
}

/** Pulls jobs from a source, `concurrency` at a time: an endless source takes no more memory than that. */
async function pump<Job extends { readonly key: CacheKey }>(
  source: AsyncIterable<Job>,
  work: (job: Job) => Promise<unknown>,
  { concurrency = 8, signal }: WarmOptions,
  report: (progress: WarmProgress) => void,
): Promise<WarmResult> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new InvalidOptionError('concurrency', 'an integer >= 1', concurrency);
  }
  const iterator = source[Symbol.asyncIterator]();
  const errors: { key: CacheKey; error: unknown }[] = [];
  let done = 0;
  let failed = 0;
  let ended = false;
  // One after the other, as the source can only answer in turn: so there is one listener on the signal, however many workers.
  let turn: Promise<unknown> = Promise.resolve();
  const pull = (): Promise<IteratorResult<Job> | typeof ABORTED> => {
    const pulled = turn.then(() => (ended || signal?.aborted ? ABORTED : orAborted(iterator.next(), signal)));
    turn = pulled.catch(() => {});
    return pulled;
  };
  const worker = async (): Promise<void> => {
    while (!ended && !signal?.aborted) {
      const next = await pull();
      if (next === ABORTED || next.done || signal?.aborted) return;
      try {
        await work(next.value);
        done++;
      } catch (error) {
        failed++;
        if (errors.length < MOST_ERRORS) errors.push({ key: next.value.key, error });
      }
      report({ done, failed });
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: concurrency }, () =>
      worker().finally(() => {
        // The source has ended or thrown, or the run is aborted: the others finish what they have and stop.
        ended = true;
      }),
    ),
  );
  // Not awaited where aborted: a source that waits for something itself would never get to it.
  const closed = iterator.return?.();
  if (signal?.aborted) closed?.catch(() => {});
  else await closed;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  signal?.throwIfAborted();
  return { done, failed, errors };
}

const ABORTED: unique symbol = Symbol('aborted');

/** A promise, or the abort that comes first. Listens no longer than it waits. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | typeof ABORTED> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(ABORTED);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** The jobs of a source of values. */
async function* valueJobs<V>(
  source: Iterable<WarmEntry<V>> | AsyncIterable<WarmEntry<V>>,
): AsyncGenerator<{ key: CacheKey; value: V; options: SetOptions | undefined }> {
  for await (const [key, value, options] of source) yield { key, value, options };
}

/** The jobs of a source of keys. */
async function* keyJobs(keys: Iterable<CacheKey> | AsyncIterable<CacheKey>): AsyncGenerator<{ key: CacheKey }> {
  for await (const key of keys) yield { key };
}
