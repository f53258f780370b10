/**
 * A store that keeps bytes under keys for a time, and can do no more than that: no scripts, no counters, no messages. It knows
 * nothing of what the bytes mean. Every operation rejects when the store failed, so that a breaker can count.
 */
export interface ValueStore {
  /** Bytes that are not in our format come back all the same: the reader of the envelope calls them foreign. */
  get(key: string): Promise<Buffer | undefined>;
  /** In the order of the keys. */
  getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]>;
  /** @param ttlMs - milliseconds; Infinity keeps the entry for good, 0 and less removes it */
  set(key: string, bytes: Buffer, ttlMs: number): Promise<void>;
  setMany(entries: readonly ValueStoreEntry[]): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
  clear?(): Promise<void>;
  /** All keys, where they are at hand without asking a server: of a Map. */
  keys?(): Iterable<string>;
  /** Takes back what was added to the host's object. The store itself stays open: it is the host's. */
  close?(): void;
}

export interface ValueStoreEntry {
  readonly key: string;
  readonly bytes: Buffer;
  readonly ttlMs: number;
}
