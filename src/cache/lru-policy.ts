import QuickLRU from 'quick-lru';
import type { EvictionPolicy, PolicyFactory, PolicyLimits, PolicyNode } from './eviction-policy.js';

/** Hit nodes one eviction may spare before it takes the next one regardless: an eviction never sweeps the whole cache. */
const MAX_SPARED = 64;

/** Generations are numbered modulo 2^30, so that the number stays a small integer for ever. */
const GENERATION_MASK = 0x3fff_ffff;

/**
 * Least recently used, on quick-lru's two generations of a `Map`: a hit in the young one moves nothing, a hit in the old
 * one moves the node to the young one.
 *
 * quick-lru alone holds between `maxSize` and twice as many entries, counts them in O(n), evicts in O(n), and reports a
 * key that was set again while it was old as evicted later on. So the books are kept here, room is made before a node
 * goes in, and a replaced node is deleted first. Hence young + old never exceed `maxEntries`, the old generation is empty
 * whenever quick-lru turns the generations, and quick-lru itself never drops anything.
 *
 * Victims come from one long-lived iterator over quick-lru's ascending order. A node that was hit since it was placed
 * gets a second chance (CLOCK: F. J. Corbato, "A Paging Experiment with the Multics System", 1968), which makes up for
 * hits in the young generation that moved nothing, also under a byte bound, where generations may never turn.
 *
 * `node.queue` is the generation the node was placed in, `node.freq` 1 = hit since.
 */
class LruPolicy<N extends PolicyNode> implements EvictionPolicy<N> {
  readonly #lru: QuickLRU<string, N>;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #onEvict: (node: N) => void;
  #size = 0;
  #bytes = 0;
  #generation = 0;
  #young = 0;
  #hand: Iterator<[string, N]> | undefined;
  #placedSinceHand = 0;

  constructor(limits: PolicyLimits<N>) {
    this.#maxEntries = limits.maxEntries;
    // Sums of whole bytes stay exact below 2^53, so that even without a bound the books cannot drift.
    this.#maxBytes = Math.min(limits.maxBytes, Number.MAX_SAFE_INTEGER);
    this.#onEvict = limits.onEvict;
    this.#lru = new QuickLRU({ maxSize: limits.maxEntries });
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): N | undefined {
    const node = this.#lru.get(key);
    if (node === undefined) return undefined;
    if (node.queue === this.#generation) {
      node.freq = 1;
    } else {
      // quick-lru has just moved it to the young generation: that is its reward.
      node.freq = 0;
      this.#placed(node);
    }
    return node;
  }

  peek(key: string): N | undefined {
    return this.#lru.peek(key);
  }

  set(node: N): void {
    this.delete(node.key);
    if (!(node.bytes <= this.#maxBytes)) {
      this.#onEvict(node);
      return;
    }
    const victims: N[] = [];
    while (this.#size >= this.#maxEntries || this.#bytes + node.bytes > this.#maxBytes)
      victims.push(this.#takeVictim()!);
    this.#attach(node);
    // Told once the node is in: whoever hears of it may write the same key again.
    for (const victim of victims) this.#onEvict(victim);
  }

  delete(key: string): N | undefined {
    const node = this.#lru.peek(key);
    if (node !== undefined) this.#detach(node);
    return node;
  }

  clear(): void {
    this.#lru.clear();
    this.#size = 0;
    this.#bytes = 0;
    this.#young = 0;
    this.#hand = undefined;
  }

  evict(): N | undefined {
    const victim = this.#takeVictim();
    if (victim !== undefined) this.#onEvict(victim);
    return victim;
  }

  #takeVictim(): N | undefined {
    let spared = 0;
    while (this.#size > 0) {
      const next = this.#nextCandidate();
      if (next === undefined) continue;
      this.#detach(next);
      if (next.freq === 0 || spared === MAX_SPARED) return next;
      spared++;
      this.#attach(next);
    }
    return undefined;
  }

  *nodes(): IterableIterator<N> {
    for (const entry of this.#lru.entriesAscending()) yield entry[1];
  }

  #nextCandidate(): N | undefined {
    if (this.#hand === undefined) {
      this.#hand = this.#lru.entriesAscending();
      this.#placedSinceHand = 0;
    }
    const next = this.#hand.next();
    if (next.done !== true) return next.value[1];
    this.#hand = undefined;
    return undefined;
  }

  #attach(node: N): void {
    this.#lru.set(node.key, node);
    this.#size++;
    this.#bytes += node.bytes;
    node.freq = 0;
    this.#placed(node);
  }

  #detach(node: N): void {
    this.#lru.delete(node.key);
    this.#size--;
    this.#bytes = this.#size === 0 ? 0 : this.#bytes - node.bytes;
    if (node.queue === this.#generation) this.#young--;
  }

  /** Follows quick-lru: it turns the generations when the young one holds `maxSize` entries. */
  #placed(node: N): void {
    node.queue = this.#generation;
    if (++this.#young >= this.#maxEntries) {
      this.#generation = (this.#generation + 1) & GENERATION_MASK;
      this.#young = 0;
      this.#hand = undefined;
    } else if (++this.#placedSinceHand > 2 * this.#size + MAX_SPARED) {
      // An idle iterator keeps alive every table its Map has outgrown since.
      this.#hand = undefined;
    }
  }
}

/**
 * Least recently used (approximated), the plain policy: cheapest per hit, blind to size, cost and frequency. A scan longer than
 * the cache flushes it: `costPolicy` withstands that.
 *
 * Both bounds hold after every `set`. A node larger than `maxBytes` is refused, and what stood under its key is gone.
 */
export const lruPolicy: PolicyFactory = <N extends PolicyNode>(limits: PolicyLimits<N>): EvictionPolicy<N> =>
  new LruPolicy(limits);
