import { HotpathError } from '../../core/errors.js';
import { closeOnce } from '../../core/lifecycle.js';
import type { Source } from '../source.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { GroupCommit } from './group-commit.js';
import { type RemainingItem, remainingItems } from './remaining-items.js';
import type { ResumeSieve } from './resume-sieve.js';

/** After so many items, and as many as are ahead, what was appended is folded into the state: what a store keeps stays bounded. */
const FOLD_AFTER = 4_096;

/** One run of a job that keeps how far it has come. */
export class CheckpointSession<Item> {
  /** How many items were done in runs before, as known from the start. */
  readonly resumed: number;
  readonly #store: CheckpointStore;
  readonly #sieve: ResumeSieve<Item>;
  readonly #source: string | undefined;
  readonly #commit = new GroupCommit<readonly [index: number, id: string]>((entries) => this.#record(entries));
  #appended: number;
  #isOver = false;

  /** @param source - what the store is to keep of the source */
  constructor(store: CheckpointStore, sieve: ResumeSieve<Item>, source: string | undefined) {
    this.#store = store;
    this.#sieve = sieve;
    this.#source = source;
    this.resumed = sieve.resumed;
    this.#appended = sieve.appended;
  }

  /** Items reported as done that are not recorded yet. */
  get unrecorded(): number {
    return this.#commit.pending;
  }

  /**
   * The items that are not done yet, in order: sync of a sync source, async of an async one; ending it ends the source. Once a
   * session. Fails with a `CheckpointMismatchError` before the first of them where the items that were done are others.
   */
  remaining(source: Iterable<Item>): IterableIterator<RemainingItem<Item>>;
  remaining(source: AsyncIterable<Item>): AsyncIterableIterator<RemainingItem<Item>>;
  remaining(source: Source<Item>): IterableIterator<RemainingItem<Item>> | AsyncIterableIterator<RemainingItem<Item>>;
  remaining(source: Source<Item>): IterableIterator<RemainingItem<Item>> | AsyncIterableIterator<RemainingItem<Item>> {
    return remainingItems(source, this.#sieve);
  }

  /** Resolves once the store has recorded it. Rejects where the store failed: from then on nothing is recorded any more. */
  done(index: number): Promise<void> {
    if (this.#isOver) return rejected(new HotpathError(`item ${index} is done after its job`, { code: 'CLOSED' }));
    const id = this.#sieve.book?.done(index);
    return id === undefined ? Promise.resolve() : this.#commit.add([index, id]);
  }

  /**
   * The run is over, whatever it came to: records what is left, and closes the store. To be called always; again does nothing.
   *
   * @throws what the store failed with, also before
   */
  readonly finish: () => Promise<void> = closeOnce(async () => {
    this.#isOver = true;
    const failures: unknown[] = [];
    const noted = (error: unknown): unknown => failures.push(error);
    await this.#commit.settled().catch(noted);
    if (failures.length === 0 && this.#appended > 0) await this.save().catch(noted);
    await this.#store.close().catch(noted);
    // What failed first says why.
    if (failures.length > 0) throw failures[0];
  });

  /** Has the store keep the state as it is now. */
  async save(): Promise<void> {
    const state = this.#sieve.state(this.#source);
    if (state === undefined) return;
    await this.#store.save(state);
    this.#appended = 0;
  }

  async #record(entries: readonly (readonly [index: number, id: string])[]): Promise<void> {
    await this.#store.append(entries);
    this.#appended += entries.length;
    if (this.#appended >= FOLD_AFTER && this.#appended >= (this.#sieve.book?.size ?? 0)) await this.save();
  }
}

function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
