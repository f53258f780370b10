import type { CacheState } from '../cache-state.js';
import type { Detachable } from '../flight.js';
import type { SharedBook } from '../shared-book.js';
import type { SharedReading } from '../shared-source.js';
import type { Backend } from './backend.js';
import type { EntryReader, Look } from './entry-reader.js';
import { failureOf, type Guard } from './guard.js';
import type { VersionSync } from './version-sync.js';

interface PendingLook extends Look {
  reading: Promise<SharedReading> | undefined;
}

/** The reads of the shared tier that are under way, one a key. What is written or invalidated meanwhile cuts them off. */
export class Looks implements Detachable {
  readonly #state: CacheState;
  readonly #shared: SharedBook;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #reader: EntryReader;
  readonly #oldestBooksMs: number;
  readonly #pending = new Map<string, PendingLook>();

  constructor(parts: {
    state: CacheState;
    shared: SharedBook;
    backend: Backend;
    guard: Guard;
    sync: VersionSync;
    reader: EntryReader;
    /** While the bus is lost, an entry is judged by versions that are at most so old. */
    oldestBooksMs: number;
  }) {
    this.#state = parts.state;
    this.#shared = parts.shared;
    this.#backend = parts.backend;
    this.#guard = parts.guard;
    this.#sync = parts.sync;
    this.#reader = parts.reader;
    this.#oldestBooksMs = parts.oldestBooksMs;
  }

  detach(key: string): void {
    const look = this.#pending.get(key);
    if (look) this.#detach(look);
  }

  detachWhere(matches: (key: string) => boolean): void {
    for (const look of this.#pending.values()) if (matches(look.key)) this.#detach(look);
  }

  #detach(look: PendingLook): void {
    look.detached = true;
    this.#pending.delete(look.key);
  }

  read(key: string): Promise<SharedReading> {
    return this.#join(key) ?? this.#start(key, () => this.#backend.get(key));
  }

  async readMany(keys: readonly string[]): Promise<readonly SharedReading[]> {
    const fresh = keys.filter((key) => !this.#pending.has(key));
    let bytes: Promise<readonly (Buffer | undefined)[]> | undefined;
    const places = new Map(fresh.map((key, i) => [key, i]));
    return Promise.all(
      keys.map(
        (key) =>
          this.#join(key) ??
          this.#start(key, async () => {
            bytes ??= this.#backend.getMany(fresh);
            return (await bytes)[places.get(key)!];
          }),
      ),
    );
  }

  #join(key: string): Promise<SharedReading> | undefined {
    return this.#pending.get(key)?.reading;
  }

  #start(key: string, fetch: () => Promise<Buffer | undefined>): Promise<SharedReading> {
    const look: PendingLook = { key, startedAt: this.#state.options.clock.now(), detached: false, reading: undefined };
    this.#pending.set(key, look);
    look.reading = this.#look(look, fetch);
    return look.reading;
  }

  async #look(look: PendingLook, fetch: () => Promise<Buffer | undefined>): Promise<SharedReading> {
    try {
      const books = this.#freshBooks();
      const bytes = await this.#guard.read(fetch);
      if (books) await books;
      return await this.#reader.open(look, bytes);
    } catch (error) {
      return { entry: undefined, reason: failureOf(error), seen: 0 };
    } finally {
      if (this.#pending.get(look.key) === look) this.#pending.delete(look.key);
    }
  }

  /** Without the bus, and before the first contact, the versions have to be asked for: with the same packet. */
  #freshBooks(): Promise<void> | undefined {
    if (this.#sync.synced && !this.#shared.degraded) return undefined;
    if (this.#state.options.clock.now() - this.#sync.lastLookAt <= this.#oldestBooksMs) return undefined;
    const books = this.#guard.read(() => this.#sync.look());
    // Awaited after the value itself: it must not count as unheard until then.
    books.catch(() => {});
    return books;
  }
}
