/** Most keys followed. Up to so many entries LRU is followed exactly, beyond by a sample. */
const MOST_KEYS = 512;
/** By how much of all loader time LRU has to be ahead to be called so: less is noise. */
const LEAD = 0.02;
/** What a sample counts in the one after it. */
const MEMORY = 0.75;

interface Shadow {
  key: string;
  hash: number;
  bytes: number;
  newer: Shadow | undefined;
  older: Shadow | undefined;
}

/**
 * Tells whether plain LRU with the same bounds would save more: it runs one, of keys only, on a sample of the keys chosen by their
 * hash. Sources: C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park, "Cache Modeling and Optimization using Miniature
 * Simulations", USENIX ATC 2017; the use for adapting a window: G. Einziger et al., "Adaptive Software Cache Management", 2018.
 *
 * A climber alone finds no slope where every short window does equally badly; this finds the far side of such a plain.
 * Memory: at most 512 keys, whose records are used again.
 */
export class RecencyShadow {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #map = new Map<string, Shadow>();
  #newest: Shadow | undefined;
  #oldest: Shadow | undefined;
  /** The record forgotten last, for the next key: this stands on the hit path of the cache. */
  #spare: Shadow | undefined;
  #bytes = 0;
  /** One key in so many is followed, in a shadow of that part of the bounds. A power of two. */
  #every = 1;
  /** Loader time asked for, saved by the cache, saved by the shadow. A typed array: adding to it allocates nothing. */
  readonly #sums = new Float64Array(3);

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Number of keys followed. */
  get size(): number {
    return this.#map.size;
  }

  /** Whether the key of this hash belongs to the sample. */
  samples(hash: number): boolean {
    return (hash & (this.#every - 1)) === 0;
  }

  /** Notes that the cache had a key, if the shadow has it too. Returns whether it has. The quick way: needs no hash. */
  touch(key: string, bytes: number, cost: number): boolean {
    const known = this.#map.get(key);
    if (known === undefined) return false;
    const gain = cost > 0 ? cost : 1;
    this.#sums[0]! += gain;
    this.#sums[1]! += gain;
    this.#sums[2]! += gain;
    if (known !== this.#newest || known.bytes !== bytes) this.#renew(known, bytes);
    return true;
  }

  /** Notes an access to a key of the sample, and whether the cache had it. */
  access(key: string, hash: number, bytes: number, cost: number, isHit: boolean): void {
    const gain = cost > 0 ? cost : 1;
    this.#sums[0]! += gain;
    if (isHit) this.#sums[1]! += gain;
    const known = this.#map.get(key);
    if (known !== undefined) {
      this.#sums[2]! += gain;
      this.#renew(known, bytes);
    } else if (bytes <= this.#maxBytes / this.#every) {
      this.#add(key, hash, bytes);
    }
    this.#shrink();
    if (this.#map.size > MOST_KEYS) this.#thinOut();
  }

  /** Whether LRU is ahead by what has been seen lately. Ends a sample. */
  takeLead(): boolean {
    const [total, ours, shadows] = this.#sums as unknown as [number, number, number];
    for (let i = 0; i < this.#sums.length; i++) this.#sums[i]! *= MEMORY;
    return shadows - ours > LEAD * total;
  }

  clear(): void {
    this.#map.clear();
    this.#newest = this.#oldest = this.#spare = undefined;
    this.#bytes = 0;
    this.#every = 1;
    this.#sums.fill(0);
  }

  #add(key: string, hash: number, bytes: number): void {
    const shadow = this.#spare ?? { key, hash, bytes, newer: undefined, older: undefined };
    this.#spare = undefined;
    shadow.key = key;
    shadow.hash = hash;
    shadow.bytes = bytes;
    this.#map.set(key, shadow);
    this.#bytes += bytes;
    this.#link(shadow);
  }

  #renew(known: Shadow, bytes: number): void {
    this.#unlink(known);
    this.#bytes += bytes - known.bytes;
    known.bytes = bytes;
    this.#link(known);
    this.#shrink();
  }

  #shrink(): void {
    while (this.#oldest !== undefined && this.#isOver()) this.#forget(this.#oldest);
  }

  #isOver(): boolean {
    const entries = Math.max(1, this.#maxEntries / this.#every);
    return this.#map.size > entries || this.#bytes > this.#maxBytes / this.#every;
  }

  /** Halves the sample. */
  #thinOut(): void {
    this.#every *= 2;
    for (const shadow of this.#map.values()) if (!this.samples(shadow.hash)) this.#forget(shadow);
  }

  #forget(shadow: Shadow): void {
    this.#map.delete(shadow.key);
    this.#bytes -= shadow.bytes;
    this.#unlink(shadow);
    this.#spare = shadow;
  }

  #link(shadow: Shadow): void {
    shadow.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = shadow;
    else this.#newest.newer = shadow;
    this.#newest = shadow;
  }

  #unlink(shadow: Shadow): void {
    const { newer, older } = shadow;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    shadow.newer = shadow.older = undefined;
  }
}
