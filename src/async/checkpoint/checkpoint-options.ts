import type { CheckpointStore } from './checkpoint-store.js';

/** Lets a job that was interrupted go on where it was: at least once for every item, none is lost. */
export interface CheckpointOptions<Item> {
  /** `fileCheckpointStore(path)`, or one of your own. */
  readonly store: CheckpointStore;
  /** What tells an item from all others of the source, the same in each run. */
  readonly id: (item: Item) => string;
  /** A text that is another one for another source (an ETag, a version): a job does not resume over another one. Default: a digest of the ids. */
  readonly source?: string;
}
