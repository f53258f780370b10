/** What was seen of a function's calls. Mb are 2^20 bytes. */
export interface CallTotal {
  readonly name: string;
  readonly calls: number;
  /** With differences of their own, `retained` ones included. */
  readonly exclusive: number;
  readonly overlapped: number;
  /** Nothing is known of: their end could not be seen, nobody read their answer, or a reading failed. */
  readonly unmeasured: number;
  readonly failed: number;
  /** The most that heap and buffers together have grown by in an exclusive call; 0 while there was none that grew. */
  readonly largestMb: number;
}

/** How many names are told apart. Further ones count together, under {@link OTHER_CALLS}. */
export const MOST_CALL_NAMES = 200;
/** The name of all that came after {@link MOST_CALL_NAMES}. */
export const OTHER_CALLS = '(other)';

/** How a call has ended. */
export interface CallEnd {
  readonly how: 'exclusive' | 'overlapped' | 'unmeasured';
  readonly failed: boolean;
  readonly grownMb: number;
}

type Counts = { -readonly [K in keyof CallTotal]: CallTotal[K] };

/** Totals by name: of a bounded number of names. */
export class CallTotals {
  readonly #totals = new Map<string, Counts>();

  add(name: string, { how, failed, grownMb }: CallEnd): void {
    const total = this.#of(name);
    total.calls++;
    total[how]++;
    if (failed) total.failed++;
    if (how === 'exclusive' && grownMb > total.largestMb) total.largestMb = grownMb;
  }

  /** In the order in which the names came. */
  list(): readonly CallTotal[] {
    return Array.from(this.#totals.values(), (total) => ({ ...total }));
  }

  #of(name: string): Counts {
    const known = this.#totals.get(name);
    if (known) return known;
    if (this.#totals.size >= MOST_CALL_NAMES && name !== OTHER_CALLS) return this.#of(OTHER_CALLS);
    const total = { name, calls: 0, exclusive: 0, overlapped: 0, unmeasured: 0, failed: 0, largestMb: 0 };
    this.#totals.set(name, total);
    return total;
  }
}
