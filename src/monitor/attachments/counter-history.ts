/** How far two kept readings are apart at the least, and how far back they reach. */
export const KEPT_EVERY_MS = 5_000;
export const KEPT_MS = 3_600_000;
/** One more than intervals, so that the first reading of a full hour is still there. */
const MOST_ROWS = KEPT_MS / KEPT_EVERY_MS + 1;
const FEWEST_ROWS = 16;

/**
 * Running totals as they were read: one reading each five seconds of the last hour, so that differences can be taken. Bounded:
 * 721 readings. What had been counted before the first reading belongs to no difference.
 */
export class CounterHistory {
  readonly #names: readonly string[];
  /** Rows of a time and the totals then, in a ring. Grows with use. */
  #rows: Float64Array;
  #capacity = FEWEST_ROWS;
  #first = 0;
  #count = 0;
  /** As last read. */
  readonly #last: Float64Array;
  /** Counted since the first reading, whatever was reset in between. */
  readonly #totals: Float64Array;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#rows = new Float64Array(FEWEST_ROWS * this.#width);
    this.#last = new Float64Array(names.length);
    this.#totals = new Float64Array(names.length);
  }

  get #width(): number {
    return this.#names.length + 1;
  }

  /** Takes a reading. A name without a number stands as it was; if any total has fallen, all of them began anew at 0. */
  add(at: number, counters: Readonly<Record<string, number>>): void {
    const read = this.#names.map((name, i) => counters[name] ?? this.#last[i]!);
    const beganAnew = read.some((value, i) => value < this.#last[i]!);
    for (const [i, value] of read.entries()) {
      if (this.#count > 0) this.#totals[i]! += value - (beganAnew ? 0 : this.#last[i]!);
      this.#last[i] = value;
    }
    if (this.#count === 0 || at - this.#timeOf(this.#count - 1) >= KEPT_EVERY_MS) this.#keep(at);
  }

  /** What was counted of each name since `at`: from the last kept reading before it, or else the first there is. */
  since(at: number): readonly number[] {
    if (this.#count === 0) return this.#names.map(() => 0);
    const start = this.#startOf(this.#rowBefore(at));
    return this.#names.map((_, i) => this.#totals[i]! - this.#rows[start + 1 + i]!);
  }

  #rowBefore(at: number): number {
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#timeOf(middle) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #startOf(row: number): number {
    return ((this.#first + row) % this.#capacity) * this.#width;
  }

  #timeOf(row: number): number {
    return this.#rows[this.#startOf(row)]!;
  }

  #keep(at: number): void {
    if (this.#count === this.#capacity && this.#capacity < MOST_ROWS) this.#grow();
    if (this.#count === this.#capacity) this.#first = (this.#first + 1) % this.#capacity;
    else this.#count++;
    const start = this.#startOf(this.#count - 1);
    this.#rows[start] = at;
    this.#rows.set(this.#totals, start + 1);
  }

  /** Only a ring that was never turned grows: its rows stand in order. */
  #grow(): void {
    this.#capacity = Math.min(MOST_ROWS, this.#capacity * 2);
    const larger = new Float64Array(this.#capacity * this.#width);
    larger.set(this.#rows);
    this.#rows = larger;
  }
}
