import { type Duration, toMs } from '../core/duration.js';
import type { LoadRun } from './flight.js';
import { checkTags } from './option-checks.js';
import type { GetOrSetOptions, Loader, LoaderContext } from './options.js';

/** What a loader says about its value while it runs. */
export interface LoaderRemarks {
  ttlMs: number | undefined;
  skip: boolean;
}

/** The context of one run, tied to its flights. */
export function loaderContext(key: unknown, run: LoadRun, remarks: LoaderRemarks): LoaderContext {
  return {
    key,
    get signal() {
      return run.signal;
    },
    tag: (...names) => {
      checkTags(names);
      for (const flight of run.flights) flight.addTags(names);
    },
    ttl: (duration: Duration) => {
      remarks.ttlMs = toMs('ttl', duration);
    },
    skip: () => {
      remarks.skip = true;
    },
  };
}

let neverAborted: AbortSignal | undefined;

/**
 * The context of a loader whose value is not cached (`mode: 'off'`, `cache: 'bypass'`): remarks have no effect. One small
 * object, because `off` must cost next to nothing.
 */
export class UncachedContext<Key> implements LoaderContext<Key> {
  readonly key: Key;
  readonly #signal: AbortSignal | undefined;

  constructor(key: Key, signal: AbortSignal | undefined) {
    this.key = key;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    neverAborted ??= new AbortController().signal;
    return this.#signal ?? neverAborted;
  }

  tag(..._names: string[]): void {}

  ttl(_duration: Duration): void {}

  skip(): void {}
}

/** `mode: 'off'`: the loader and nothing else. */
export function straightThrough<V, Key>(
  key: Key,
  loader: Loader<V, Key>,
  options: GetOrSetOptions | undefined,
): Promise<V> {
  try {
    const value = loader(new UncachedContext(key, options?.signal));
    return value instanceof Promise ? value : Promise.resolve(value);
  } catch (error) {
    return Promise.reject(error);
  }
}
