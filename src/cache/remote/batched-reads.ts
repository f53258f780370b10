interface Waiting {
  readonly resolve: (bytes: Buffer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** More keys than this in one command would hold up the server's other clients. */
const MOST_KEYS = 256;

/**
 * Turns the reads of one turn into one command: `GET` for a single key, `MGET` for many. It goes out as soon as the turn's
 * promise reactions have run, so nobody waits for company.
 */
export class BatchedReads {
  readonly #fetch: (keys: readonly string[]) => Promise<readonly (Buffer | undefined)[]>;
  readonly #fetchOne: (key: string) => Promise<Buffer | undefined>;
  #keys: string[] = [];
  #waiting: Waiting[] = [];
  readonly #flush = (): void => this.#send();

  constructor(
    fetchOne: (key: string) => Promise<Buffer | undefined>,
    fetch: (keys: readonly string[]) => Promise<readonly (Buffer | undefined)[]>,
  ) {
    this.#fetchOne = fetchOne;
    this.#fetch = fetch;
  }

  get(key: string): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#keys.length === 0) process.nextTick(this.#flush);
      this.#keys.push(key);
      this.#waiting.push({ resolve, reject });
      if (this.#keys.length >= MOST_KEYS) this.#send();
    });
  }

  #send(): void {
    const keys = this.#keys;
    const waiting = this.#waiting;
    if (keys.length === 0) return;
    this.#keys = [];
    this.#waiting = [];
    if (keys.length === 1) {
      const { resolve, reject } = waiting[0]!;
      this.#fetchOne(keys[0]!).then(resolve, reject);
      return;
    }
    this.#fetch(keys).then(
      (list) => {
        for (let i = 0; i < waiting.length; i++) waiting[i]!.resolve(list[i]);
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error);
      },
    );
  }
}
