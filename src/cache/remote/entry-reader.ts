import { shownKey } from '../cache-key.js';
import type { CacheState } from '../cache-state.js';
import type { MissReason } from '../events.js';
import type { MemoryEntry } from '../memory-entry.js';
import type { SharedBook } from '../shared-book.js';
import type { SharedReading } from '../shared-source.js';
import type { Backend } from './backend.js';
import type { EntryCodec, Unpacked } from './entry-codec.js';
import { type OpenedEnvelope, readEnvelope } from './envelope.js';
import { checksumOf } from './envelope-checksum.js';
import type { Guard } from './guard.js';
import type { Unconfirmed } from './unconfirmed.js';

/** One look at a key on its way. */
export interface Look {
  readonly key: string;
  /** When it was sent, by the local clock: what it finds was there then, or later. */
  readonly startedAt: number;
  /** Set when the key was written or invalidated meanwhile: what is found is for those who wait, not for memory. */
  detached: boolean;
  /** Whether a change of the key was on its way to the server as it was sent: it may have overtaken that one. */
  readonly overlaps: boolean;
}

const ABSENT: SharedReading = { entry: undefined, reason: 'absent', seen: 0 };

/** Turns bytes of the shared tier into entries, and says why not where it can't. */
export class EntryReader {
  readonly #state: CacheState;
  readonly #shared: SharedBook;
  readonly #codec: EntryCodec;
  readonly #unconfirmed: Unconfirmed;
  readonly #guard: Guard;
  readonly #backend: Backend;

  constructor(parts: {
    state: CacheState;
    shared: SharedBook;
    codec: EntryCodec;
    unconfirmed: Unconfirmed;
    guard: Guard;
    backend: Backend;
  }) {
    this.#state = parts.state;
    this.#shared = parts.shared;
    this.#codec = parts.codec;
    this.#unconfirmed = parts.unconfirmed;
    this.#guard = parts.guard;
    this.#backend = parts.backend;
  }

  /** At once, except where the payload takes the thread pool or a codec of the host's. Never throws or rejects. */
  open(look: Look, bytes: Buffer | undefined): SharedReading | Promise<SharedReading> {
    if (bytes === undefined) return ABSENT;
    const sum = checksumOf(bytes);
    if (look.overlaps) return missed('invalidated', sum);
    const copy = this.#confirmed(look, sum);
    if (copy) return copy;
    const opened = readEnvelope(bytes);
    if (opened.status === 'foreign') return this.#foreign(look.key, opened.why, sum);
    if (opened.status === 'corrupt') return this.#corrupt(look.key, sum);
    const refusal = this.#refusal(look.key, opened);
    if (refusal !== undefined) return missed(refusal, sum);
    const unreadable = (error: unknown): SharedReading => {
      this.#state.events.trouble(error, 'reading a value of the shared tier');
      return missed('absent', sum);
    };
    try {
      const unpacked = this.#codec.unpack(opened);
      if (!(unpacked instanceof Promise)) return this.#adopt(look, opened, unpacked, sum);
      return unpacked.then((done) => this.#adopt(look, opened, done, sum)).catch(unreadable);
    } catch (error) {
      return unreadable(error);
    }
  }

  /** The copy in memory, where the very same write stands in the shared tier: nothing has to be decoded. */
  #confirmed(look: Look, sum: number): SharedReading | undefined {
    const entry = look.detached ? undefined : this.#state.memory.peek(look.key);
    if (!entry?.shared || entry.shared.sum !== sum || sum === 0) return undefined;
    if (this.#unconfirmed.concerns(entry.key, entry.tags ?? [])) return missed('invalidated', sum);
    entry.shared.confirmedAt = Math.max(entry.shared.confirmedAt, look.startedAt);
    return this.#judged(entry, sum);
  }

  /** Why an entry may not be used, whatever its value is. */
  #refusal(key: string, { facts }: OpenedEnvelope): MissReason | undefined {
    if (facts.birth !== this.#shared.birth) return 'invalidated';
    return this.#unconfirmed.concerns(key, facts.tags) ? 'invalidated' : undefined;
  }

  #adopt(look: Look, { facts }: OpenedEnvelope, unpacked: Unpacked, sum: number): SharedReading {
    if (unpacked.status === 'foreign') return this.#foreign(look.key, unpacked.why, sum);
    if (unpacked.status === 'schema') {
      this.#state.events.trouble(new Error(unpacked.why), `the schema check of ${JSON.stringify(shownKey(look.key))}`);
      return missed('schema', sum);
    }
    // Asked again: decoding may have taken a while.
    if (this.#unconfirmed.concerns(look.key, facts.tags)) return missed('invalidated', sum);
    const { memory, book, options } = this.#state;
    const now = options.clock.coarse();
    const fill = {
      key: look.key,
      value: unpacked.value,
      ttlMs: facts.ttlMs,
      staleMs: facts.staleMs,
      tags: facts.tags.length > 0 ? facts.tags : undefined,
      cost: facts.cost,
      loaderMs: facts.loaderMs,
      since: book.current,
      shared: { since: facts.since, raised: 0, sum, confirmedAt: look.startedAt },
      // Nothing was written in the future, whatever its writer's clock says: it would live longer than asked.
      storedAt: Math.min(now, facts.storedAt - this.#shared.offsetMs),
    };
    const entry = memory.make(fill, now, false);
    if (entry === undefined) return missed('absent', sum);
    const reading = this.#judged(entry, sum);
    if (reading.entry !== undefined && !look.detached && options.memory) {
      try {
        memory.keep(entry, now);
      } catch (error) {
        this.#state.events.trouble(error, 'keeping a value of the shared tier');
      }
    }
    return reading;
  }

  #judged(entry: MemoryEntry, sum: number): SharedReading {
    const found = this.#state.memory.judge(entry, this.#state.options.clock.coarse());
    return found.state === 'none' ? missed(found.reason, sum) : { entry };
  }

  #foreign(key: string, why: string, sum: number): SharedReading {
    const { events } = this.#state;
    if (events.wants('remote:foreign')) events.emit('remote:foreign', { key: shownKey(key), why });
    return missed('version', sum);
  }

  #corrupt(key: string, sum: number): SharedReading {
    const error = new Error(
      `the entry of ${JSON.stringify(shownKey(key))} in the shared tier was damaged, and is deleted`,
    );
    this.#state.events.trouble(error, 'reading a value of the shared tier');
    this.#guard.write(() => this.#backend.discard(key, sum)).catch(() => {});
    return missed('absent', sum);
  }
}

function missed(reason: MissReason, seen: number): SharedReading {
  return { entry: undefined, reason, seen };
}
