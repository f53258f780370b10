/** Highest frequency a counter holds. */
export const MAX_FREQUENCY = 15;

const ROWS = 4;
const MIN_WORDS = 16;
const MAX_WORDS = 1 << 24;
/** Words per entry held: at two words of eight counters, the four counters of a key are rarely all shared. */
const WORDS_PER_ENTRY = 2;
/** Accesses per word between two halvings. */
const PERIOD_PER_WORD = 16;

/**
 * How often keys were seen that are not held any more: a count-min sketch of 4-bit counters (G. Cormode and
 * S. Muthukrishnan, "An Improved Data Stream Summary", 2005) with the periodic halving of TinyLFU (G. Einziger, R. Friedman,
 * B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017).
 *
 * Entries that are held count for themselves, so that a hit touches no sketch; a key's count comes here when it leaves.
 * Memory: 8 to 16 bytes per entry held at the peak. The hash is seeded: without the seed nobody can craft keys that share counters.
 */
export class FrequencySketch {
  readonly #seed: number;
  #words = new Uint32Array(MIN_WORDS);
  #accesses = 0;
  /** Number of halvings so far, modulo 2^16. */
  epoch = 0;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Bytes of the counters. */
  get byteLength(): number {
    return this.#words.byteLength;
  }

  /** Makes the sketch wide enough for so many entries. Growing forgets: it happens while a cache fills. */
  reserve(entries: number): void {
    const wanted = Math.min(entries * WORDS_PER_ENTRY, MAX_WORDS);
    if (wanted <= this.#words.length) return;
    let length = this.#words.length;
    while (length < wanted) length *= 2;
    this.#words = new Uint32Array(length);
    this.#accesses = 0;
  }

  /** Counts accesses towards the next halving, and halves all counters when it is due (at most once a call). */
  pass(accesses: number): void {
    const period = PERIOD_PER_WORD * this.#words.length;
    this.#accesses += accesses;
    if (this.#accesses < period) return;
    this.#accesses = period / 2;
    this.epoch = (this.epoch + 1) & 0xffff;
    const words = this.#words;
    for (let i = 0; i < words.length; i++) words[i] = (words[i]! >>> 1) & 0x77777777;
  }

  /** The frequency of the key with this hash, at times too high, never too low within one period. 0 to 15. */
  estimate(hash: number): number {
    let least = MAX_FREQUENCY;
    for (let row = 0; row < ROWS; row++) {
      const count = (this.#words[this.#slot(hash, row)]! >>> shift(hash, row)) & MAX_FREQUENCY;
      if (count < least) least = count;
    }
    return least;
  }

  /** Notes that the key has been seen so often (conservative update: no counter rises above it). */
  raise(hash: number, frequency: number): void {
    for (let row = 0; row < ROWS; row++) {
      const slot = this.#slot(hash, row);
      const at = shift(hash, row);
      const word = this.#words[slot]!;
      if (((word >>> at) & MAX_FREQUENCY) < frequency) {
        this.#words[slot] = (word & ~(MAX_FREQUENCY << at)) | (frequency << at);
      }
    }
  }

  clear(): void {
    this.#words = new Uint32Array(MIN_WORDS);
    this.#accesses = 0;
  }

  /** The seeded hash by which a key is known here. */
  hash(key: string): number {
    let hash = this.#seed;
    for (let i = 0; i < key.length; i++) {
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  /** Finalizer of MurmurHash3 (A. Appleby, public domain) over hash and row. */
  #slot(hash: number, row: number): number {
    let mixed = Math.imul(hash + Math.imul(row + 1, 0x9e3779b1), 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) & (this.#words.length - 1);
  }
}

/** Which of a word's eight counters. */
function shift(hash: number, row: number): number {
  return ((hash >>> (row * 3)) & 7) * 4;
}
