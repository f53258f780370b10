import { describe, HotpathError } from '../../core/errors.js';

const ADVICE = 'give this source a store of its own, or remove the checkpoint to begin anew';

/** The checkpoint is of another source than the one given: nothing is resumed over it. Code `CHECKPOINT_MISMATCH`. */
export class CheckpointMismatchError extends HotpathError {
  /** @param what - how they differ */
  constructor(what: string) {
    super(`the checkpoint is of another source: ${what}; ${ADVICE}`, { code: 'CHECKPOINT_MISMATCH' });
    this.name = 'CheckpointMismatchError';
  }
}

/** What the store has cannot be read as a checkpoint. Code `CHECKPOINT_CORRUPT`. */
export class CheckpointCorruptError extends HotpathError {
  constructor(what: string) {
    super(`${what}: it is left as it is; move it away to begin anew`, { code: 'CHECKPOINT_CORRUPT' });
    this.name = 'CheckpointCorruptError';
  }
}

/** Two runs on one checkpoint: this one must not go on. Code `CHECKPOINT_IN_USE`. */
export class CheckpointInUseError extends HotpathError {
  constructor(what: string) {
    super(what, { code: 'CHECKPOINT_IN_USE' });
    this.name = 'CheckpointInUseError';
  }
}

/** An item is another one than the checkpoint has at its place. */
export function otherItem(index: number, id: string, recorded: string): CheckpointMismatchError {
  return new CheckpointMismatchError(
    `item ${index} is ${describe(id)}, which was ${describe(recorded)} when it was done`,
  );
}

/** Of a stream's readers the one that took an item cannot be told from the one that asks on. Code `STREAM_READERS`. */
export function severalReaders(): HotpathError {
  return new HotpathError(
    'a stream with a checkpoint has one reader, and it waits: read one by one, or give process() a sink for several workers',
    { code: 'STREAM_READERS' },
  );
}
