/** A cache that takes part in a contest of memory hits. */
export interface Contestant {
  /** Package and call, as in `lru-cache fetch`. */
  readonly name: string;
  readonly version: string;
  readonly kind: 'floor' | 'ours' | 'peer';
  /** Reads one key, loading it if need be. */
  read(key: string): unknown;
  /**
   * Reads all keys one after the other. Every contestant brings a loop of its own: one loop shared by all would see so many
   * shapes that the compiler could no longer inline any of them, and the fast contestants would pay for it.
   */
  hits(keys: readonly string[]): unknown;
  close?(): unknown;
}

/** What the caches hold: a small object, as a row of a report is. */
export interface Row {
  readonly id: string;
  readonly title: string;
}

/** Where a cache loads what it does not hold. `load` needs no `this`. */
export interface RowSource {
  readonly load: (key: string) => Promise<Row>;
}

/** Counts its runs, so that a contest can show that it timed hits and nothing else. */
export class RowLoader implements RowSource {
  runs = 0;
  readonly #delayMs: number;

  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  readonly load = async (key: string): Promise<Row> => {
    this.runs++;
    if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    return rowOf(key);
  };
}

export function rowOf(key: string): Row {
  return { id: key, title: `Report of ${key}` };
}

/** Entries every cache holds while it is timed, and the room it is given for them. */
export const ENTRIES = 10_000;
/** Keys that are read, in a fixed shuffled order, over and over. */
export const HOT_KEYS = 1_000;
/** Long enough for no entry to expire in a contest. */
export const TTL_MS = 3_600_000;

export function allKeys(): string[] {
  return Array.from({ length: ENTRIES }, (_, i) => `report:${i}`);
}

/** A tenth of all keys, spread over the whole range, in an order that is the same on every machine. */
export function hotKeys(): string[] {
  const keys = allKeys().filter((_, i) => i % (ENTRIES / HOT_KEYS) === 0);
  let seed = 42;
  for (let i = keys.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const j = seed % (i + 1);
    [keys[i], keys[j]] = [keys[j]!, keys[i]!];
  }
  return keys;
}
