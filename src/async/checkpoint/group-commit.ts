interface Group<Entry> {
  readonly entries: Entry[];
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One write at a time: what comes meanwhile goes into the next one, together. After a write that failed nothing more is written,
 * since what it left behind is unknown.
 */
export class GroupCommit<Entry> {
  readonly #write: (entries: readonly Entry[]) => Promise<void>;
  #next: Group<Entry> | undefined;
  /** What is being written. */
  #current: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Entries that are not written yet. */
  pending = 0;

  constructor(write: (entries: readonly Entry[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves once the entry is written. Whoever does not wait hears of a failure from {@link settled}. */
  add(entry: Entry): Promise<void> {
    this.#next ??= group();
    const { entries, promise } = this.#next;
    entries.push(entry);
    this.pending++;
    if (this.#current === undefined) void this.#writeAll();
    return promise;
  }

  /** Resolves once all that was added is written. @throws what a write failed with, now or before */
  async settled(): Promise<void> {
    while (this.#current !== undefined) await this.#current.catch(() => {});
    if (this.#failure) throw this.#failure.error;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== undefined) {
      const { entries, promise, resolve, reject } = this.#next;
      this.#next = undefined;
      this.#current = promise;
      try {
        if (this.#failure) throw this.#failure.error;
        await this.#write(entries);
        resolve();
      } catch (error) {
        this.#failure ??= { error };
        reject(error);
      }
      this.pending -= entries.length;
    }
    this.#current = undefined;
  }
}

function group<Entry>(): Group<Entry> {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Those who wait hear of it; nobody has to.
  promise.catch(() => {});
  return { entries: [], promise, resolve, reject };
}
