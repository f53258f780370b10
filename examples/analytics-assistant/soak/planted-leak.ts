import { randomBytes } from 'node:crypto';

/** One kept thing: a string of its own, 16 bytes of header, an object around it and its place in the list: 1 kB in all. */
const KB_STRING_CHARS = 952;
const KEPT_BYTES = 1_024;

interface Kept {
  readonly request: number;
  readonly context: string;
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
      this.#kept.push({
        request: this.#requests,
        context: randomBytes(KB_STRING_CHARS).toString('latin1'),
      });
    }
  }

  get keptMb(): number {
    return (this.#kept.length * KEPT_BYTES) / 2 ** 20;
  }
}
