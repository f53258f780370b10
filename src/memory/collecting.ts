import type { Clock } from '../core/clock.js';
import { type Collector, collectorOf } from './collector.js';
import type { ForcedCollection } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import type { CollectPolicy } from './memory-options.js';
import type { MemoryReader } from './memory-reader.js';
import type { MemoryAction } from './optimization.js';

/** What collections on purpose are made with. */
export interface CollectingParts {
  readonly clock: Clock;
  readonly reader: MemoryReader;
  readonly policy: CollectPolicy;
  readonly intervalMs: number;
  /** When the last major collection was seen, by whomever it was asked for; -Infinity while none was. */
  lastMajorAt(): number;
  /** What was freed since then, and waits for the next one. */
  pendingBytes(): number;
  onCollected(collection: ForcedCollection): void;
  onTrouble(error: unknown, during: string): void;
  /** For tests. Default: what the policy allows. */
  readonly collector?: (policy: CollectPolicy) => Collector | undefined;
}

/** A collection that came by itself this long ago has taken what there was, unless something was freed since. */
const RECENT_MS = 5_000;
/** At most 2 % of the time goes to collections on purpose. */
const REST = 50;

/** Calls the collector, at most as often as is allowed: what is alive stays, however often it is looked through. */
export class Collecting {
  readonly #parts: CollectingParts;
  #collector: Collector | undefined;
  #isFound = false;
  #lastAt = Number.NEGATIVE_INFINITY;
  #restMs = 0;
  #count = 0;
  #ms = 0;

  constructor(parts: CollectingParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#count;
  }

  get ms(): number {
    return this.#ms;
  }

  /** The collector itself, without the bounds; `undefined` where there is none. Made available at the first use. */
  get collector(): Collector | undefined {
    if (!this.#isFound) {
      this.#isFound = true;
      this.#collector = (this.#parts.collector ?? collectorOf)(this.#parts.policy);
    }
    return this.#collector;
  }

  async run(level: MemoryLevel): Promise<MemoryAction> {
    const { clock, reader, intervalMs, lastMajorAt, pendingBytes, onCollected, onTrouble } = this.#parts;
    const startedAt = clock.now();
    const { collector } = this;
    if (collector === undefined) return { kind: 'gc', outcome: 'skipped', why: 'policy' };
    if (isBefore(startedAt, this.#lastAt, this.#restMs)) return { kind: 'gc', outcome: 'skipped', why: 'too-soon' };
    if (isBefore(startedAt, lastMajorAt(), RECENT_MS) && pendingBytes() === 0) {
      return { kind: 'gc', outcome: 'skipped', why: 'just-collected' };
    }
    // Taken before it begins, so that no second call comes in between.
    this.#lastAt = startedAt;
    this.#restMs = intervalMs;
    const before = reader.heap();
    try {
      await collector.collect();
    } catch (error) {
      onTrouble(error, 'a garbage collection');
      return { kind: 'gc', outcome: 'failed' };
    }
    const after = reader.heap();
    const ms = Math.max(0, clock.now() - startedAt);
    this.#count++;
    this.#ms += ms;
    this.#restMs = Math.max(intervalMs, ms * REST);
    const freedBytes =
      Math.max(0, before.usedBytes - after.usedBytes) + Math.max(0, before.externalBytes - after.externalBytes);
    onCollected({ level, ms, freedBytes });
    return { kind: 'gc', outcome: 'collected', level, ms, freedBytes };
  }
}

/** Whether less than `ms` have passed since then. A host's clock may be set back: then nothing is known of how long ago. */
function isBefore(now: number, then: number, ms: number): boolean {
  return now >= then && now - then < ms;
}
