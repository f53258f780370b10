import type { EvictionPolicy, PolicyFactory, PolicyLimits, PolicyNode } from './eviction-policy.js';
import { FrequencySketch, MAX_FREQUENCY } from './frequency-sketch.js';
import { RankHeap } from './rank-heap.js';
import { RecencyList } from './recency-list.js';
import { RecencyShadow } from './recency-shadow.js';
import { WindowClimber } from './window-climber.js';

/** `node.queue` outside the main part; inside it is the place in the heap. */
const IN_WINDOW = -1;
const OUT = -2;

/** `node.freq` packs: bit 0 hit since last looked at, bits 1 to 4 frequency, bit 5 in the sample, bits 6 to 21 the sketch's epoch it is valid for. */
const HIT = 1;
const FREQUENCY_BITS = MAX_FREQUENCY << 1;
const SAMPLED = 32;
const EPOCH_SHIFT = 6;

/** Hit nodes one eviction may re-rank before it takes the next one regardless: no eviction sweeps the whole cache. */
const MAX_RERANKED = 64;
/** Up to this part of `maxBytes` a new node is kept at least until the next one; a larger one must earn its room at once. */
const ALWAYS_KEPT = 1 / 16;
/** The window is looked at after as many accesses as there are entries, but not more often than this. */
const LEAST_ROUND = 125;
const MAX_COST = 1e12;
/** The average of known costs follows this many loads. */
const COST_MEMORY = 1000;

/**
 * Keeps what saves most loader time per byte, and withstands scans.
 *
 * - A new node enters a *window*, kept by recency (LRU). Its size follows the traffic (`WindowClimber`, `RecencyShadow`).
 * - What falls out of the window must be worth more than the least worth of the *main* part (W-TinyLFU: G. Einziger,
 *   R. Friedman, B. Manes, 2017). Its latest access does not count in that comparison: being new is no merit, and a loop longer
 *   than the cache does not wash through.
 * - worth = frequency x cost / share of the bounds. The main part is a heap by `inflation + worth`, where the
 *   inflation is the rank evicted last (GDSF: L. Cherkasova, "Improving WWW Proxies Performance with Greedy-Dual-Size-
 *   Frequency Caching Policy", 1998), so that worth ages. Ranks follow lazily: a node hit since is re-ranked when it surfaces.
 *
 * A hit is one `Map.get`, a few bits and two counters. `set` is O(log n), amortised over hits.
 */
class CostPolicy<N extends PolicyNode> implements EvictionPolicy<N> {
  readonly #limits: PolicyLimits<N>;
  readonly #maxBytes: number;
  readonly #map = new Map<string, N>();
  readonly #main = new RankHeap<N>();
  readonly #sketch: FrequencySketch;
  readonly #shadow: RecencyShadow;
  #climber = new WindowClimber();
  readonly #window = new RecencyList<N>();
  #bytes = 0;
  #inflation = 0;
  #meanCost = 0;
  #costsSeen = 0;
  #hits = 0;
  #misses = 0;
  #hitsCounted = 0;
  #rounds = 0;
  /** Cost of the hits and of the misses of the running sample. A typed array: adding to it allocates nothing. */
  readonly #sample = new Float64Array(2);

  constructor(limits: PolicyLimits<N>, seed: number) {
    this.#limits = limits;
    // Sums of whole bytes stay exact below 2^53, so that even without a bound the books cannot drift.
    this.#maxBytes = Math.min(limits.maxBytes, Number.MAX_SAFE_INTEGER);
    this.#sketch = new FrequencySketch(seed);
    this.#shadow = new RecencyShadow(limits.maxEntries, this.#maxBytes);
  }

  get size(): number {
    return this.#map.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): N | undefined {
    const node = this.#map.get(key);
    if (node === undefined) return undefined;
    if (node.freq >>> EPOCH_SHIFT !== this.#sketch.epoch) this.#age(node);
    const freq = node.freq;
    node.freq = ((freq & FREQUENCY_BITS) === FREQUENCY_BITS ? freq : freq + 2) | HIT;
    this.#hits++;
    if (node.queue === IN_WINDOW) this.#window.touch(node);
    this.#sample[0]! += node.cost;
    if ((freq & SAMPLED) !== 0) this.#follow(node);
    return node;
  }

  peek(key: string): N | undefined {
    return this.#map.get(key);
  }

  set(node: N): void {
    const old = this.#map.get(node.key);
    const inMain = old !== undefined && old.queue >= 0;
    if (old === undefined) {
      this.#countMiss(node);
    } else {
      this.#frequency(old);
      node.freq = old.freq & ~HIT;
      this.#detach(old);
    }
    if (!(node.bytes <= this.#maxBytes)) {
      this.#limits.onEvict(node);
      return;
    }
    this.#map.set(node.key, node);
    this.#bytes += node.bytes;
    if (inMain) this.#enterMain(node);
    else {
      node.queue = IN_WINDOW;
      this.#window.add(node);
    }
    this.#sketch.reserve(this.#map.size);
    this.#makeRoom();
  }

  delete(key: string): N | undefined {
    const node = this.#map.get(key);
    if (node !== undefined) this.#detach(node);
    return node;
  }

  clear(): void {
    this.#map.clear();
    this.#main.clear();
    this.#sketch.clear();
    this.#shadow.clear();
    this.#climber = new WindowClimber();
    this.#window.clear();
    this.#bytes = this.#inflation = 0;
    this.#hits = this.#misses = this.#hitsCounted = this.#rounds = 0;
    this.#sample.fill(0);
  }

  evict(): N | undefined {
    const victim = this.#leastWorth() ?? this.#window.oldest;
    if (victim !== undefined) this.#pushOut(victim);
    return victim;
  }

  nodes(): IterableIterator<N> {
    return this.#map.values();
  }

  /** One eviction a turn, the books in order before each `onEvict`. */
  #makeRoom(): void {
    for (;;) {
      const over = this.#map.size > this.#limits.maxEntries || this.#bytes > this.#maxBytes;
      const candidate = this.#window.oldest;
      if (candidate === undefined || !this.#windowIsOver(candidate)) {
        if (!over) return;
        this.evict();
      } else if (!over) {
        this.#window.remove(candidate);
        this.#enterMain(candidate);
      } else {
        const victim = this.#leastWorth();
        this.#pushOut(victim !== undefined && this.#beats(candidate, victim) ? victim : candidate);
      }
    }
  }

  #windowIsOver(oldest: N): boolean {
    if (this.#window.size === 1 && oldest.bytes <= ALWAYS_KEPT * this.#maxBytes) return false;
    const share = this.#climber.share;
    return (
      this.#window.size > Math.max(1, share * this.#limits.maxEntries) || this.#window.bytes > share * this.#maxBytes
    );
  }

  #beats(candidate: N, victim: N): boolean {
    const before = Math.max(1, this.#frequency(candidate) - 1);
    return before * this.#density(candidate) > this.#worth(victim);
  }

  /** Tells the shadow of a hit; a node that has dropped out of the sample since it came is not followed any longer. */
  #follow(node: N): void {
    if (this.#shadow.touch(node.key, node.bytes, node.cost)) return;
    const hash = this.#sketch.hash(node.key);
    if (this.#shadow.samples(hash)) this.#shadow.access(node.key, hash, node.bytes, node.cost, true);
    else node.freq &= ~SAMPLED;
  }

  #countMiss(node: N): void {
    const { cost } = node;
    const hash = this.#sketch.hash(node.key);
    const isSampled = this.#shadow.samples(hash);
    if (isSampled) this.#shadow.access(node.key, hash, node.bytes, cost, false);
    this.#misses++;
    this.#sample[1]! += cost;
    if (cost > 0) {
      this.#costsSeen = Math.min(COST_MEMORY, this.#costsSeen + 1);
      this.#meanCost += (Math.min(cost, MAX_COST) - this.#meanCost) / this.#costsSeen;
    }
    this.#sketch.pass(1 + this.#hits - this.#hitsCounted);
    this.#hitsCounted = this.#hits;
    const frequency = Math.min(MAX_FREQUENCY, this.#sketch.estimate(hash) + 1);
    node.freq = (this.#sketch.epoch << EPOCH_SHIFT) | (isSampled ? SAMPLED : 0) | (frequency << 1);
    this.#adaptWindow();
  }

  #adaptWindow(): void {
    const accesses = this.#hits + this.#misses;
    const round = Math.max(LEAST_ROUND, this.#map.size);
    if (accesses < round * (this.#rounds + 1)) return;
    this.#rounds++;
    const costs = this.#sample[0]! + this.#sample[1]!;
    const saved = costs > 0 ? this.#sample[0]! : this.#hits;
    const sample = { saved, total: costs > 0 ? costs : accesses, rounds: this.#rounds };
    if (!this.#climber.observe(sample, this.#shadow.takeLead())) return;
    this.#hits = this.#misses = this.#hitsCounted = this.#rounds = 0;
    this.#sample.fill(0);
  }

  /** Halves the node's frequency once for every halving of the sketch since it was last looked at. */
  #age(node: N): void {
    const epoch = this.#sketch.epoch;
    const halvings = Math.min(MAX_FREQUENCY, (epoch - (node.freq >>> EPOCH_SHIFT)) & 0xffff);
    const frequency = ((node.freq & FREQUENCY_BITS) >>> 1) >>> halvings;
    node.freq = (epoch << EPOCH_SHIFT) | (frequency << 1) | (node.freq & (HIT | SAMPLED));
  }

  #frequency(node: N): number {
    if (node.freq >>> EPOCH_SHIFT !== this.#sketch.epoch) this.#age(node);
    return (node.freq & FREQUENCY_BITS) >>> 1;
  }

  /** Cost per share of the bounds. An unknown cost counts as the average. */
  #density(node: N): number {
    const cost = node.cost > 0 ? Math.min(node.cost, MAX_COST) : this.#meanCost || 1;
    return cost / (1 / this.#limits.maxEntries + node.bytes / this.#maxBytes);
  }

  #worth(node: N): number {
    return Math.max(1, this.#frequency(node)) * this.#density(node);
  }

  #leastWorth(): N | undefined {
    for (let reranked = 0; ; reranked++) {
      const first = this.#main.first();
      if (first === undefined || (first.freq & HIT) === 0 || reranked === MAX_RERANKED) return first;
      first.freq &= ~HIT;
      first.rank = this.#inflation + this.#worth(first);
      this.#main.raised(first);
    }
  }

  #enterMain(node: N): void {
    node.freq &= ~HIT;
    node.rank = this.#inflation + this.#worth(node);
    this.#main.add(node);
  }

  #detach(node: N): void {
    if (node.queue === IN_WINDOW) {
      this.#window.remove(node);
    } else {
      this.#main.remove(node);
      if (this.#main.size === 0) this.#inflation = 0;
    }
    node.queue = OUT;
    this.#map.delete(node.key);
    this.#bytes = this.#map.size === 0 ? 0 : this.#bytes - node.bytes;
  }

  #pushOut(node: N): void {
    if (node.queue >= 0) this.#inflation = Math.max(this.#inflation, node.rank);
    this.#detach(node);
    this.#sketch.raise(this.#sketch.hash(node.key), this.#frequency(node));
    this.#limits.onEvict(node);
  }
}

/** `costPolicy` with a given seed of its frequency sketch, for runs that must be repeatable. */
export function seededCostPolicy(seed: number): PolicyFactory {
  return <N extends PolicyNode>(limits: PolicyLimits<N>): EvictionPolicy<N> => new CostPolicy(limits, seed);
}

/**
 * Keeps the entries that save most loader time for the memory they take, by what `cost` and `bytes` of the nodes say; with equal
 * costs and sizes, those that give the most hits. Adapts between frequency and recency, withstands scans and loops.
 *
 * Both bounds hold after every `set`. A node larger than `maxBytes` is refused, and what stood under its key is gone.
 */
export const costPolicy: PolicyFactory = <N extends PolicyNode>(limits: PolicyLimits<N>): EvictionPolicy<N> =>
  new CostPolicy(limits, Math.random() * 0x1_0000_0000);
