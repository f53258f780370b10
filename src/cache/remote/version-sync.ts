import type { CacheState } from '../cache-state.js';
import type { SharedBook } from '../shared-book.js';
import type { Backend, VersionNews } from './backend.js';

/** Replies that took longer than this say little about the server's clock. */
const GOOD_ROUND_TRIP_MS = 50;

/** Keeps this process's book of versions in step with the server's. */
export class VersionSync {
  readonly #state: CacheState;
  readonly #shared: SharedBook;
  readonly #backend: Backend;
  readonly #onLoss: (names: readonly string[], cleared: boolean) => void;
  readonly #onChange: () => void;
  /** All versions up to here have been read. What the bus brought beyond it may have gaps. */
  #readUpTo = 0;
  /** The newest number a token has named: the server's sequence has to be there too. */
  #atLeast = 0;
  /** The look that was begun in this turn. */
  #shareable: Promise<void> | undefined;
  /** What the first answer said: whatever was asked for before the first contact is no younger. */
  first: { readonly sequence: number; readonly birth: number } | undefined;
  /** When the versions were last read, by the local clock. */
  lastLookAt: number = Number.NEGATIVE_INFINITY;

  constructor(
    state: CacheState,
    shared: SharedBook,
    backend: Backend,
    {
      onChange,
      onLoss,
    }: { readonly onChange: () => void; readonly onLoss: (names: readonly string[], cleared: boolean) => void },
  ) {
    this.#state = state;
    this.#onChange = onChange;
    this.#shared = shared;
    this.#backend = backend;
    this.#onLoss = onLoss;
  }

  get synced(): boolean {
    return this.#shared.birth !== 0;
  }

  /** What the next contact tells the server about its sequence, should it have lost it. */
  get atLeast(): number {
    return Math.max(this.#atLeast, this.#shared.versions.current);
  }

  raise(version: number): void {
    this.#atLeast = Math.max(this.#atLeast, version);
  }

  /** The server's clock by our reckoning, in milliseconds since the epoch. */
  serverNow(): number {
    return this.#state.options.clock.now() + this.#shared.offsetMs;
  }

  /**
   * Reads the versions that are new; whoever asks in the same turn shares the answer. Rejects as the backend does: the caller
   * sets the deadline.
   */
  look(beat?: string): Promise<void> {
    if (beat !== undefined) return this.#look(beat);
    if (this.#shareable === undefined) {
      this.#shareable = this.#look(undefined);
      process.nextTick(() => {
        this.#shareable = undefined;
      });
    }
    return this.#shareable;
  }

  async #look(beat: string | undefined): Promise<void> {
    const { clock } = this.#state.options;
    const from = this.#readUpTo;
    const known = this.#shared.versions.current;
    const startedAt = clock.now();
    let news = await this.#backend.versions(from, this.atLeast, beat);
    const now = clock.now();
    const roundTrip = now - startedAt;
    if (!this.synced || roundTrip < GOOD_ROUND_TRIP_MS) {
      this.#shared.offsetMs = news.serverMs - (startedAt + roundTrip / 2);
    }
    const found = news.found ?? news.sequence;
    this.first ??= { sequence: news.sequence, birth: news.birth };
    // Another life of the versions may have begun below what was read of the one before: its names are not all in this answer.
    const reborn = this.synced && news.birth !== this.#shared.birth && from > 0;
    if (reborn) news = { ...(await this.#backend.versions(0, this.atLeast)), serverMs: news.serverMs };
    // A replica that has taken over may lack what its master had confirmed. All that was known as this look was sent is the
    // server's own, so it can't have less now.
    const steppedBack = found < known && news.birth === this.#shared.birth;
    this.apply(news);
    this.#readUpTo = Math.max(this.#readUpTo, news.sequence);
    if (steppedBack) this.#recall(found);
    this.lastLookAt = startedAt;
  }

  /** Takes in what a reply or a message says. Merged by the greater: order and repetition do not matter. */
  apply({ birth, sequence, floor, names }: Omit<VersionNews, 'serverMs'>): void {
    const shared = this.#shared;
    if (birth !== shared.birth) this.#rebirth(birth);
    const { versions } = shared;
    const before = versions.epoch;
    for (const [member, version] of names) {
      const kind = member[0]!;
      const name = member.slice(1);
      const soft = kind === 'T' || kind === 'P';
      if (kind === 't' || kind === 'T') versions.invalidateTags([name], version, soft);
      else if (kind === 'p' || kind === 'P') versions.invalidatePrefix(name, version, soft);
    }
    if (floor > versions.floor) {
      versions.clear(floor);
      versions.forgetUpTo(floor);
    }
    versions.merge(sequence);
    if (versions.epoch !== before) this.#hasChanged();
  }

  /** Every copy in memory is looked at anew, and who comes from now on is not given what began before. */
  #hasChanged(): void {
    const { book, options } = this.#state;
    book.next(options.clock.now());
    book.epoch++;
    this.#onChange();
  }

  /**
   * The server has gone back to an earlier sequence. What it has forgotten is told to it again; what else was given out and
   * lost, by others, nobody knows: memory starts anew.
   */
  #recall(found: number): void {
    this.#readUpTo = 0;
    this.#dropMemory();
    const { versions } = this.#shared;
    this.#onLoss(versions.namesAfter(found), versions.floor > found);
  }

  #rebirth(birth: number): void {
    const known = this.synced;
    this.#shared.rebirth(birth);
    this.#readUpTo = 0;
    if (!known) return;
    // What was invalidated between our last look and the loss nobody knows: nothing from before may be used.
    this.#dropMemory();
    this.#onLoss([], false);
  }

  #dropMemory(): void {
    this.#state.flights.detachWhere(() => true);
    this.#state.errors.clear();
    this.#state.memory.clear();
    this.#hasChanged();
  }
}
