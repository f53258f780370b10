// Imported, so that a host's fake timers do not hold batches back.
import { clearImmediate, setImmediate } from 'node:timers';
import { InvalidOptionError } from '../../core/errors.js';
import type { CallContext } from '../call-context.js';
import type { CallControl } from '../call-control.js';
import type { CallDetails, Caller } from '../caller.js';
import type { DeadlineHeap } from '../deadline-heap.js';
import { AbortFan } from './abort-fan.js';
import type { BatchAnswer } from './batch-results.js';
import { type BatcherOptions, type BatcherSettings, batcherSettings } from './batcher-options.js';
import { callHalving } from './halving.js';
import { KeyBatch, type KeyEntry } from './key-batch.js';
import { tokensOf } from './token-count.js';

/** Loads many keys at once. The array is its own: it may change it. */
export type LoadMany<Key, Result> = (
  keys: Key[],
  context: CallContext,
) => BatchAnswer<Result> | PromiseLike<BatchAnswer<Result>>;

/** What a batcher has from its processor. */
export interface BatcherHost {
  readonly caller: Caller;
  readonly deadlines: DeadlineHeap;
  /** While it says no, each key is a call of its own. */
  isOn(): boolean;
  onHalved(size: number, error: unknown): void;
  /** The batchers that have keys which are not sent yet: whoever drains the processor has them flushed. */
  readonly gathering?: Set<{ flush(): void }>;
  /** @throws where no more keys are taken */
  checkOpen?(): void;
  /** A batch is under way, from its first call to its last. */
  began?(control: CallControl): void;
  ended?(control: CallControl): void;
}

/**
 * Gathers single keys into batches: as many as come in one turn of the event loop, or within `maxWait`. Equal keys that wait or are
 * under way are loaded once; nothing is kept beyond that.
 *
 * A batch that fails is tried again as the processor says, and then in halves ({@link callHalving}): one bad key fails alone. A caller
 * whose signal is aborted leaves at once, and the others' batch goes on; a key that nobody waits for is not sent, and a batch that nobody
 * waits for is aborted.
 */
export class Batcher<Key, Result> {
  readonly #host: BatcherHost;
  readonly #settings: BatcherSettings<Key>;
  readonly #details: Omit<CallDetails, 'tokens'>;
  readonly #fn: (entries: readonly KeyEntry<Key, Result>[], context: CallContext) => unknown;
  readonly #known = new Map<unknown, KeyEntry<Key, Result>>();
  readonly #aborts = new AbortFan();
  #open: KeyBatch<Key, Result> | undefined;
  #pending = 0;

  /** @throws InvalidOptionError */
  constructor(host: BatcherHost, loadMany: LoadMany<Key, Result>, options?: BatcherOptions<Key>) {
    if (typeof loadMany !== 'function') throw new InvalidOptionError('loadMany', 'a function', loadMany);
    this.#host = host;
    this.#settings = batcherSettings(options);
    const { priority, group, timeoutMs } = this.#settings;
    this.#details = { priority, group, timeoutMs, isExempt: false };
    this.#fn = (entries, context) =>
      loadMany(
        entries.map((entry) => entry.key),
        context,
      );
  }

  /** Keys that wait or are under way; equal ones count once. */
  get pending(): number {
    return this.#pending;
  }

  /** The result for a key. Never throws: what is wrong with a key is a rejection too. */
  load(key: Key, signal?: AbortSignal): Promise<Result> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    let entry: KeyEntry<Key, Result>;
    try {
      this.#host.checkOpen?.();
      entry = this.#entryOf(key);
    } catch (error) {
      return Promise.reject(error);
    }
    if (signal !== undefined) return this.#waitUntilAborted(entry, signal);
    entry.isKept = true;
    return entry.promise;
  }

  /** Sends what has been gathered, without a wait for more. */
  flush(): void {
    if (this.#open !== undefined) this.#send(this.#open);
  }

  #entryOf(key: Key): KeyEntry<Key, Result> {
    const { maxSize, maxTokens, tokens, keyOf } = this.#settings;
    const isOn = this.#host.isOn();
    const isKeyed = isOn && keyOf !== false;
    const id: unknown = typeof keyOf === 'function' ? keyOf(key) : key;
    const known = isKeyed ? this.#known.get(id) : undefined;
    if (known !== undefined) return known;
    const count = tokensOf(tokens, key);
    // Sending may run the function, and that may open the next batch.
    while (this.#open !== undefined && this.#open.tokens + count > maxTokens) this.#send(this.#open);
    const batch = isOn ? this.#openBatch() : new KeyBatch<Key, Result>();
    const entry = entryIn(batch, key, id, count);
    batch.add(entry);
    this.#pending++;
    if (isKeyed) this.#known.set(id, entry);
    if (!isOn || batch.size >= maxSize || batch.tokens >= maxTokens) this.#send(batch);
    return entry;
  }

  #openBatch(): KeyBatch<Key, Result> {
    if (this.#open !== undefined) return this.#open;
    const batch = new KeyBatch<Key, Result>();
    this.#open = batch;
    this.#host.gathering?.add(this);
    const { maxWaitMs, maxSize } = this.#settings;
    if (maxSize === 1) return batch;
    const send = (): void => this.#send(batch);
    if (maxWaitMs === 0) {
      const turn = setImmediate(send);
      batch.cancelWait = () => clearImmediate(turn);
    } else {
      const deadline = this.#host.deadlines.add(maxWaitMs, send);
      batch.cancelWait = () => this.#host.deadlines.cancel(deadline);
    }
    return batch;
  }

  #close(): void {
    this.#open = undefined;
    this.#host.gathering?.delete(this);
  }

  #send(batch: KeyBatch<Key, Result>): void {
    if (this.#open === batch) this.#close();
    const entries = batch.take();
    if (entries.length === 0) return;
    batch.runInContext(() => void this.#run(batch, entries));
  }

  async #run(batch: KeyBatch<Key, Result>, entries: readonly KeyEntry<Key, Result>[]): Promise<void> {
    const end = (entry: KeyEntry<Key, Result>): boolean => {
      if (entry.isOver) return false;
      entry.isOver = true;
      batch.size--;
      this.#forget(entry);
      return true;
    };
    this.#host.began?.(batch.control);
    await callHalving<KeyEntry<Key, Result>, Result>(
      {
        caller: this.#host.caller,
        fn: this.#fn,
        tokens: this.#settings.tokens && ((entry) => entry.tokens),
        details: this.#details,
        onHalved: (size, error) => this.#host.onHalved(size, error),
      },
      entries,
      batch.control,
      {
        fulfilled(position, value) {
          const entry = entries[position]!;
          if (end(entry)) entry.resolve(value);
        },
        rejected(position, reason) {
          const entry = entries[position]!;
          if (end(entry)) entry.reject(reason);
        },
      },
    );
    this.#host.ended?.(batch.control);
  }

  #forget(entry: KeyEntry<Key, Result>): void {
    this.#pending--;
    if (this.#known.get(entry.id) === entry) this.#known.delete(entry.id);
  }

  #waitUntilAborted(entry: KeyEntry<Key, Result>, signal: AbortSignal): Promise<Result> {
    entry.leavers++;
    return new Promise<Result>((resolve, reject) => {
      const leave = (reason: unknown): void => {
        reject(reason);
        if (--entry.leavers === 0 && !entry.isKept) this.#abandon(entry, reason);
      };
      this.#aborts.add(signal, leave);
      entry.promise.then(
        (value) => {
          this.#aborts.remove(signal, leave);
          resolve(value);
        },
        (error: unknown) => {
          this.#aborts.remove(signal, leave);
          reject(error);
        },
      );
    });
  }

  #abandon(entry: KeyEntry<Key, Result>, reason: unknown): void {
    // Its outcome was there before the abort, and is only to be told.
    if (entry.isOver) return;
    this.#forget(entry);
    const { batch } = entry;
    batch.left(entry, reason);
    if (batch.size === 0 && this.#open === batch) {
      this.#close();
      batch.take();
    }
  }
}

function entryIn<Key, Result>(
  batch: KeyBatch<Key, Result>,
  key: Key,
  id: unknown,
  tokens: number,
): KeyEntry<Key, Result> {
  let resolve!: (value: Result) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Result>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { key, id, tokens, batch, promise, resolve, reject, isKept: false, leavers: 0, isOver: false };
}
