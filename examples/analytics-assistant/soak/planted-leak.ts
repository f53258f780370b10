/** One kept thing: a list of so many numbers of 8 bytes, what stands around it, an object and its place among the others: 1 kB in all. */
const NUMBERS = 115;
const KEPT_BYTES = 1_024;

interface Kept {
  readonly request: number;
  readonly context: readonly number[];
}

/** Keeps something of each request for good, as a list does that nobody empties: so much in 1,000 requests. */
export class PlantedLeak {
  readonly #kept: Kept[] = [];
  readonly #perRequest: number;
  #requests = 0;
  #owed = 0;

  constructor(mbPer1000Requests: number) {
    this.#perRequest = (mbPer1000Requests * 2 ** 20) / 1_000 / KEPT_BYTES;
  }

  keep(): void {
    this.#requests += 1;
    this.#owed += this.#perRequest;
    for (; this.#owed >= 1; this.#owed -= 1) {
      this.#kept.push({ request: this.#requests, context: new Array<number>(NUMBERS).fill(this.#requests) });
    }
  }

  get keptMb(): number {
    return (this.#kept.length * KEPT_BYTES) / 2 ** 20;
  }
}
