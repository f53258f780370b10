import type { Duration } from '../core/duration.js';
import type { CheckpointOptions } from './checkpoint/checkpoint-options.js';
import type { Outcome } from './outcome.js';
import type { Progress } from './progress.js';

/** What may be said of any call. */
export interface PlaceOptions {
  /** Higher ones are served first. Default 0. */
  readonly priority?: number;
  /**
   * A tenant, a user, a job: each group gets its fair share of the slots, some of which are kept free for those that want few. The
   * rate limit is shared fairly among groups that wait, and no part of it is kept free: a group may spend a whole window at once,
   * unless the limit has `spread`. Default: one group of all that name none.
   */
  readonly group?: string;
  /** Stops it: what waits is left out at once, what runs is told by `context.signal`. */
  readonly signal?: AbortSignal;
  /** How long one attempt may take. Default: as the processor says. */
  readonly timeout?: Duration;
}

/** Options of `run()`. */
export interface RunOptions extends PlaceOptions {
  /** What to reserve of `tokensPerMinute`. Default 0. */
  readonly tokens?: number;
}

/** What a failed item does: end the whole (its peers are told to stop and waited for), stand as its outcome, or be left out. */
export type OnError = 'throw' | 'settle' | 'skip';

/** What may be said of the items of a batch or stream. */
export interface ItemOptions<Item> extends PlaceOptions {
  /** What to reserve of `tokensPerMinute` for an item. Default 0. */
  readonly tokens?: (item: Item) => number;
  /** Told at most four times a second, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** How many items there are, for the progress of a source that does not know. */
  readonly total?: number;
}

/** Options of `process()`. */
export interface ProcessOptions<Item, Mode extends OnError = OnError> extends ItemOptions<Item> {
  /** Default `'throw'`. */
  readonly onError?: Mode;
}

/** Options of `process()` with a sink: nothing is kept, so the input may be endless. */
export interface SinkOptions<Item, Result> extends ItemOptions<Item> {
  /** Given each outcome, in any order, as many at once as calls run. An item is done when it resolves. A sink that fails ends the job. */
  readonly sink: (outcome: Outcome<Item, Result>) => unknown;
  /** Default `'settle'`: failed items go to the sink too. */
  readonly onError?: OnError;
  readonly checkpoint?: CheckpointOptions<Item>;
}

/** What `process()` with a sink has come to. */
export interface JobSummary {
  readonly completed: number;
  readonly failed: number;
  /** Done in a run before, as the checkpoint says. */
  readonly resumed: number;
}

/** Options of `stream()`. */
export interface StreamOptions<Item> extends ItemOptions<Item> {
  /** In the order of the input, or as they come. Default false. */
  readonly ordered?: boolean;
  /** Default `'settle'`: a failed item is an outcome like others. */
  readonly onError?: OnError;
  /** Items that run or wait to be read, together. Default: the concurrency. */
  readonly buffer?: number;
  /** An item is done when the next one is asked for: such a stream is for one reader; for several workers use `process()` with a sink. */
  readonly checkpoint?: CheckpointOptions<Item>;
}

/** Where a batch is cut. */
export interface BatchLimits<Item> {
  readonly maxSize: number;
  /** Tokens of a batch at most; an item beyond it goes alone. Default: no bound. */
  readonly maxTokens?: number;
  /** What an item counts for. Needed for `maxTokens`; reserved of `tokensPerMinute` too. */
  readonly tokens?: (item: Item) => number;
}

/** Options of `processBatches()`. */
export type ProcessBatchesOptions<Item, Mode extends OnError = OnError> = ProcessOptions<Item, Mode> &
  Pick<BatchLimits<Item>, 'maxTokens'>;

/** Options of `streamBatches()`. */
export type StreamBatchesOptions<Item> = Omit<StreamOptions<Item>, 'tokens'> & BatchLimits<Item>;
