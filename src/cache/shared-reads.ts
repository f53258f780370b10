import type { CacheKey } from './cache-key.js';
import type { CacheState } from './cache-state.js';
import type { MissReason, Tier } from './events.js';
import type { MemoryEntry } from './memory-entry.js';
import type { CachedEntry, MemoryReads } from './memory-reads.js';
import { checkKeys } from './option-checks.js';
import type { SharedReading } from './shared-source.js';

/** What a look into both tiers found. */
export type FoundAnywhere =
  | { readonly state: 'fresh' | 'stale'; readonly entry: MemoryEntry; readonly tier: Tier }
  | {
      readonly state: 'none';
      readonly reason: MissReason;
      /** The checksum of what the shared tier has and is no good, 0 for nothing. */
      readonly seen: number;
    };

/** Reads of both tiers that never load. */
export class SharedReads {
  readonly #state: CacheState;
  readonly #reads: MemoryReads;

  constructor(state: CacheState, reads: MemoryReads) {
    this.#state = state;
    this.#reads = reads;
  }

  /** Looks into memory, then into the shared tier. Counts nothing but the access. */
  async find(inner: string, after: number, counts = true): Promise<FoundAnywhere> {
    const found = this.#reads.look(inner, after, counts);
    if (found.state !== 'none') return { ...found, tier: 'memory' };
    return this.judged(await this.#state.withTier((tier) => tier.read(inner)), after);
  }

  /** Looks into the shared tier, in the order of the keys. */
  async remoteMany(inners: readonly string[], after: number): Promise<FoundAnywhere[]> {
    const readings = await this.#state.withTier((tier) => tier.readMany(inners));
    return readings.map((reading) => this.judged(reading, after));
  }

  /** What a reading of the shared tier means to this reader. */
  judged(reading: SharedReading, after: number): FoundAnywhere {
    if (reading.entry === undefined) return { state: 'none', reason: reading.reason, seen: reading.seen };
    const { entry } = reading;
    const seen = entry.shared?.sum ?? 0;
    if (after > 0 && !this.#reads.isAfter(entry, after)) return { state: 'none', reason: 'token', seen };
    // Others who waited for the same reading may have taken their time.
    const found = this.#state.memory.judge(entry, this.#state.options.clock.coarse());
    if (found.state === 'none') return { state: 'none', reason: found.reason, seen };
    return { state: found.state, entry, tier: 'remote' };
  }

  /** The fresh value, counted as a hit or a miss. */
  async fresh(key: CacheKey): Promise<{ readonly value: unknown } | undefined> {
    const inner = this.#state.innerKey(key);
    return this.#counted(inner, await this.find(inner, 0));
  }

  #counted(inner: string, found: FoundAnywhere): { readonly value: unknown } | undefined {
    if (found.state === 'none' || found.state === 'stale') {
      this.#reads.miss(inner, 'entry' in found ? 'expired' : found.reason);
      return undefined;
    }
    this.#reads.countHit(found.entry, undefined, found.tier);
    return { value: this.#reads.valueOf(found.entry) };
  }

  /** The fresh values among keys, each counted as a hit or a miss: memory, then one read of the shared tier. */
  async freshMany(keys: Iterable<CacheKey>): Promise<Map<CacheKey, unknown>> {
    const wanted = new Map<string, CacheKey>();
    for (const key of checkKeys(keys)) wanted.set(this.#state.innerKey(key), key);
    const found = await this.findMany([...wanted.keys()], 0);
    const values = new Map<CacheKey, unknown>();
    for (const [inner, key] of wanted) {
      const hit = this.#counted(inner, found.get(inner)!);
      if (hit) values.set(key, hit.value);
    }
    return values;
  }

  /** Looks for many keys: in memory, then with one read in the shared tier. */
  async findMany(inners: readonly string[], after: number): Promise<Map<string, FoundAnywhere>> {
    const found = new Map<string, FoundAnywhere>();
    const missing: string[] = [];
    for (const inner of inners) {
      const here = this.#reads.look(inner, after);
      if (here.state === 'none') missing.push(inner);
      else found.set(inner, { ...here, tier: 'memory' });
    }
    if (missing.length > 0) {
      const there = await this.remoteMany(missing, after);
      missing.forEach((inner, i) => {
        found.set(inner, there[i]!);
      });
    }
    return found;
  }

  /** The entry of a key, stale or fresh. Counts nothing. */
  async entry(key: CacheKey): Promise<CachedEntry<unknown> | undefined> {
    const found = await this.find(this.#state.innerKey(key), 0, false);
    if (found.state === 'none') return undefined;
    return this.#reads.shown(found.entry, found.state, found.tier);
  }
}
