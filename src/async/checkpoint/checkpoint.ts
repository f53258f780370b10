import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { text } from '../../core/option-values.js';
import type { Source } from '../source.js';
import { checkedState } from './checked-state.js';
import { CheckpointMismatchError } from './checkpoint-errors.js';
import type { CheckpointOptions } from './checkpoint-options.js';
import { CheckpointSession } from './checkpoint-session.js';
import { ResumeSieve } from './resume-sieve.js';
import { isSourceDigest, sourceFacts } from './source-facts.js';

export { CheckpointSession } from './checkpoint-session.js';

/**
 * Begins or resumes a job: reads what the store has, and compares what can be known of the source beforehand.
 *
 * @throws CheckpointMismatchError where the store's job is of another source
 * @throws InvalidOptionError for an id that is no string of its own
 */
export async function openCheckpoint<Item>(
  options: CheckpointOptions<Item>,
  source: Source<Item>,
): Promise<CheckpointSession<Item>> {
  checkCheckpoint(options);
  const { store } = options;
  const loaded = await store.load();
  try {
    const state = loaded && checkedState(loaded);
    const idOf = idReader(options.id);
    // A text says it all, and lets a source grow at its end.
    const facts = options.source === undefined ? await sourceFacts(source, idOf, state?.watermark ?? 0) : undefined;
    const name = options.source ?? facts?.digest;
    if (state) compareNames(state.source, name);
    const session = new CheckpointSession(store, new ResumeSieve(idOf, state, facts?.chain), name ?? state?.source);
    // A store that cannot be written to says so before anything is done.
    if (!state) await session.save();
    return session;
  } catch (error) {
    await store.close().catch(() => {});
    throw error;
  }
}

/** @throws InvalidOptionError for options that cannot be those of a checkpoint */
export function checkCheckpoint(options: CheckpointOptions<never>): void {
  checkOptions('checkpoint', options);
  checkNames('checkpoint.', options, ['store', 'id', 'source']);
  const { store, id, source } = options;
  if (typeof store?.load !== 'function' || typeof store.append !== 'function' || typeof store.save !== 'function') {
    throw new InvalidOptionError('checkpoint.store', 'a store, such as fileCheckpointStore(path)', store);
  }
  if (typeof id !== 'function')
    throw new InvalidOptionError('checkpoint.id', 'a function that gives the id of an item', id);
  if (source !== undefined) text('checkpoint.source', source);
}

function idReader<Item>(id: (item: Item) => string): (item: Item, index: number) => string {
  return (item, index) => {
    const value: unknown = id(item);
    if (typeof value === 'string' && value !== '') return value;
    throw new InvalidOptionError('checkpoint.id', `a string that is not empty for each item (item ${index})`, value);
  };
}

function compareNames(recorded: string | undefined, given: string | undefined): void {
  if (recorded === given) return;
  const digests = [recorded, given].map((name) => name === undefined || isSourceDigest(name));
  if (digests[0] && digests[1]) {
    // Of a source that can be read but once, its items will tell.
    if (recorded === undefined || given === undefined) return;
    throw new CheckpointMismatchError('its ids are others, or in another order');
  }
  const shown = [recorded, given].map((name, i) =>
    name === undefined || digests[i] ? 'no text' : JSON.stringify(name),
  );
  throw new CheckpointMismatchError(`checkpoint.source was ${shown[0]} and is ${shown[1]}`);
}
