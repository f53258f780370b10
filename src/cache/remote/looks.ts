import type { CacheState } from '../cache-state.js';
import type { Detachable } from '../flight.js';
import type { SharedBook } from '../shared-book.js';
import type { SharedReading } from '../shared-source.js';
import type { Backend } from './backend.js';
import type { EntryReader, Look } from './entry-reader.js';
import { failureOf, type Guard } from './guard.js';
import type { Unconfirmed } from './unconfirmed.js';
import type { VersionSync } from './version-sync.js';

interface PendingLook extends Look {
  /** Both are let go of at the end: a Map that is rehashed leaves its old table behind, and with it all that stood in it. */
  reading: Promise<SharedReading> | undefined;
  /** Settles `reading`. */
  tell: ((reading: SharedReading) => void) | undefined;
}

const NO_TAGS: readonly string[] = Object.freeze([]);

/** More keys than this in one command would hold up the server's other clients. */
const MOST_KEYS = 256;

/**
 * The reads of the shared tier that are under way, one a key. What is written or invalidated meanwhile cuts them off.
 *
 * The reads of one turn go out as one command, as soon as the turn's promise reactions have run: nobody waits for company.
 */
export class Looks implements Detachable {
  readonly #state: CacheState;
  readonly #shared: SharedBook;
  readonly #backend: Backend;
  readonly #guard: Guard;
  readonly #sync: VersionSync;
  readonly #reader: EntryReader;
  readonly #unconfirmed: Unconfirmed;
  readonly #oldestBooksMs: number;
  readonly #pending = new Map<string, PendingLook>();
  #queue: PendingLook[] = [];
  readonly #flush = (): void => this.#send();

  constructor(parts: {
    state: CacheState;
    shared: SharedBook;
    backend: Backend;
    guard: Guard;
    sync: VersionSync;
    reader: EntryReader;
    unconfirmed: Unconfirmed;
    /** While the bus is lost, an entry is judged by versions that are at most so old. */
    oldestBooksMs: number;
  }) {
    this.#state = parts.state;
    this.#shared = parts.shared;
    this.#backend = parts.backend;
    this.#guard = parts.guard;
    this.#sync = parts.sync;
    this.#reader = parts.reader;
    this.#unconfirmed = parts.unconfirmed;
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
    return this.#pending.get(key)?.reading ?? this.#start(key);
  }

  readMany(keys: readonly string[]): Promise<readonly SharedReading[]> {
    return Promise.all(keys.map((key) => this.read(key)));
  }

  #start(key: string): Promise<SharedReading> {
    let tell: PendingLook['tell'];
    const reading = new Promise<SharedReading>((resolve) => {
      tell = resolve;
    });
    // Rather too early than too late.
    const startedAt = this.#state.options.clock.coarse();
    const overlaps = this.#unconfirmed.concerns(key, NO_TAGS);
    const look: PendingLook = { key, startedAt, detached: false, overlaps, reading, tell };
    this.#pending.set(key, look);
    if (this.#queue.length === 0) process.nextTick(this.#flush);
    this.#queue.push(look);
    if (this.#queue.length >= MOST_KEYS) this.#send();
    return reading;
  }

  #send(): void {
    const looks = this.#queue;
    if (looks.length === 0) return;
    this.#queue = [];
    const books = this.#freshBooks();
    const values = this.#guard.read(() => this.#backend.getMany(looks.map(({ key }) => key)));
    const both = books ? Promise.all([values, books]).then(([list]) => list) : values;
    both.then(
      (list) => {
        // One exact reading for all of them.
        this.#state.options.clock.now();
        for (let i = 0; i < looks.length; i++) this.#settle(looks[i]!, list[i]);
      },
      (error: unknown) => {
        const reason = failureOf(error);
        for (const look of looks) this.#end(look, { entry: undefined, reason, seen: 0 });
      },
    );
  }

  #settle(look: PendingLook, bytes: Buffer | undefined): void {
    const reading = this.#reader.open(look, bytes);
    // Decoding may take a while: until then it can be cut off.
    if (reading instanceof Promise) void reading.then((done) => this.#end(look, done));
    else this.#end(look, reading);
  }

  #end(look: PendingLook, reading: SharedReading): void {
    if (this.#pending.get(look.key) === look) this.#pending.delete(look.key);
    look.tell?.(reading);
    look.tell = undefined;
    look.reading = undefined;
  }

  /** Without the bus, and before the first contact, the versions have to be asked for: with the same packet. */
  #freshBooks(): Promise<void> | undefined {
    if (this.#sync.synced && this.#backend.coordinated && !this.#shared.degraded) return undefined;
    if (this.#state.options.clock.now() - this.#sync.lastLookAt <= this.#oldestBooksMs) return undefined;
    return this.#guard.read(() => this.#sync.look());
  }
}
