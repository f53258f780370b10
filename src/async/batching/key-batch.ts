import { AsyncResource } from 'node:async_hooks';
import { CallControl } from '../call-control.js';

/** A key that waits or is under way, for all who asked for it. */
export interface KeyEntry<Key, Result> {
  readonly key: Key;
  /** What equal keys are found by. */
  readonly id: unknown;
  readonly tokens: number;
  readonly batch: KeyBatch<Key, Result>;
  readonly promise: Promise<Result>;
  readonly resolve: (value: Result) => void;
  readonly reject: (reason: unknown) => void;
  /** Somebody waits who cannot leave. */
  isKept: boolean;
  /** How many wait who can. */
  leavers: number;
  /** It has its outcome, or all who asked have left. */
  isOver: boolean;
}

/** Below this it is not worth while to take out keys that are gone. */
const FEW = 32;

/** Keys that go in one call. It runs in the async context of whoever asked for the first of them. */
export class KeyBatch<Key, Result> {
  readonly control: CallControl = new CallControl(true);
  /** Undoes the wait for its end. */
  cancelWait: (() => void) | undefined;
  isSent = false;
  /** Keys that somebody still waits for, and what they count for. */
  size = 0;
  tokens = 0;
  #entries: KeyEntry<Key, Result>[] = [];
  readonly #context = new AsyncResource('HOTPATH_BATCH', { requireManualDestroy: true });

  add(entry: KeyEntry<Key, Result>): void {
    this.#entries.push(entry);
    this.size++;
    this.tokens += entry.tokens;
  }

  /** A key's callers have all left. */
  left(entry: KeyEntry<Key, Result>, reason: unknown): void {
    entry.isOver = true;
    this.size--;
    this.tokens -= entry.tokens;
    if (this.isSent) {
      if (this.size === 0) this.control.abort(reason);
    } else if (this.#entries.length > FEW && this.#entries.length > 2 * this.size) {
      this.#entries = this.#entries.filter((other) => !other.isOver);
    }
  }

  /** The keys to send, once. Nothing waits for it any more. */
  take(): readonly KeyEntry<Key, Result>[] {
    this.isSent = true;
    this.cancelWait?.();
    this.cancelWait = undefined;
    const entries = this.#entries;
    this.#entries = [];
    return entries.length === this.size ? entries : entries.filter((entry) => !entry.isOver);
  }

  runInContext(fn: () => void): void {
    this.#context.runInAsyncScope(fn);
  }
}
