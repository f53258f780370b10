import type { StoreUsage, WindowLimits } from './rate-limit-store.js';
import type { SlidingWindow } from './sliding-window.js';

/** So long a process that is not alone starts nothing when the store is lost: by then the others have noticed too ({@link StoreLine} looks twice a second). */
const SILENT_MS = 2_000;
/** When the store is back, all others have noticed and told what they started within so long. */
const TOLD_WITHIN_MS = 5_000;

const NOTHING = Object.freeze({ requests: 0, tokens: 0 });

/** What a process's own window may hold. */
export interface Share {
  readonly requests: number;
  readonly tokens: number;
}

/**
 * What this process may start by itself while the store is away, so that all processes together stay within the limit.
 *
 * - At first nothing, until the others know too. Where nobody else was seen: at once, and what was free.
 * - In the first window after the loss: no more than it has in its window at that moment, and no more than its part, the limit divided
 *   by the processes that were seen. All windows together held at most the limit when the store was lost, and none grows.
 * - From then on: its part.
 * - When the store is back, it is told what was started meanwhile, and the rule holds beside the store's until the others have told it
 *   too. When the store has lost its counts, the rule holds for a window, beginning as above.
 *
 * Not known to it are processes that began to ask after this one's last answer, and a loss that only some processes notice: the others
 * go on with the store's whole limit then.
 */
export class LocalShare {
  /** That asked in the last minute, as the store said last. */
  processes = 1;
  readonly #limits: WindowLimits;
  /** Calls and tokens of others, as the store said last. */
  #others: Share = NOTHING;
  #holdsUntil = Number.NEGATIVE_INFINITY;
  #silentUntil = Number.NEGATIVE_INFINITY;
  #firstUntil = Number.NEGATIVE_INFINITY;
  #first: Share;
  #part: Share;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#first = limits;
    this.#part = limits;
  }

  /** What the store says. @param own - without the call that was just granted, which is `granted` */
  saw(usage: StoreUsage, own: SlidingWindow, granted: Share): void {
    this.processes = Math.max(1, Math.floor(usage.processes));
    this.#others = {
      requests: Math.max(0, usage.requests - own.requests - granted.requests),
      tokens: Math.max(0, usage.tokens - own.tokens - granted.tokens),
    };
  }

  /** The store is out of reach. */
  storeLost(now: number, own: SlidingWindow): void {
    this.#begin(now, own);
    this.#holdsUntil = Number.POSITIVE_INFINITY;
    if (this.processes > 1) this.#silentUntil = now + SILENT_MS;
  }

  storeBack(now: number): void {
    this.#holdsUntil = now + TOLD_WITHIN_MS;
    this.#silentUntil = Number.NEGATIVE_INFINITY;
  }

  /** The store is there, and counts from nothing. It may have forgotten the processes too. */
  countsLost(now: number, own: SlidingWindow, usage: StoreUsage): void {
    this.processes = Math.max(this.processes, Math.floor(usage.processes));
    this.#begin(now, own);
    this.#holdsUntil = Math.max(this.#holdsUntil, now + this.#limits.windowMs);
  }

  /** `undefined` where only the store's word counts. */
  at(now: number): Share | undefined {
    if (now >= this.#holdsUntil) return undefined;
    if (now < this.#silentUntil) return NOTHING;
    return now < this.#firstUntil ? this.#first : this.#part;
  }

  /** Milliseconds until another rule holds; Infinity where that is not known. */
  msUntilNext(now: number): number {
    const next = [this.#silentUntil, this.#firstUntil, this.#holdsUntil].filter((at) => at > now);
    return Math.ceil(Math.min(...next) - now);
  }

  #begin(now: number, own: SlidingWindow): void {
    const { requests, tokens, windowMs } = this.#limits;
    const n = this.processes;
    own.advance(now);
    this.#part = { requests: Math.floor(requests / n), tokens: Math.floor(tokens / n) };
    this.#first =
      n === 1
        ? { requests: requests - this.#others.requests, tokens: tokens - this.#others.tokens }
        : { requests: least(this.#part.requests, own.requests), tokens: least(this.#part.tokens, own.tokens) };
    this.#firstUntil = now + windowMs;
  }
}

/** Where there is no limit, there is none here either. */
function least(part: number, own: number): number {
  return part === Number.POSITIVE_INFINITY ? part : Math.min(part, own);
}
