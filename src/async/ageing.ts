import type { FairShare } from './fair-share.js';
import type { Lane } from './lane.js';
import type { PriorityLevel } from './priority-levels.js';

/** What decides whose turn it is, beside who waits. */
export interface Supply {
  readonly now: number;
  /** Slots that are free. */
  readonly free: number;
  /** Slots in all. */
  readonly limit: number;
  /** The rate is what is scarce, not the slots. */
  readonly isRateBound: boolean;
}

/** The lane of a level whose group's turn it is; `undefined` when all its groups must leave the free slots to others. */
export function turnAt(level: PriorityLevel, book: FairShare | undefined, supply: Supply): Lane | undefined {
  if (book === undefined) return level.sole;
  const fewest = level.bySlots.first();
  // Where the group with the fewest slots may not have one, no other may.
  if (fewest === undefined || !book.mayTake(fewest.group!, supply.free)) return undefined;
  if (!supply.isRateBound) return fewest;
  const earliest = level.byCost.first()!;
  return book.mayTake(earliest.group!, supply.free) ? earliest : fewest;
}

/**
 * Lets nobody wait for ever: the call whose turn it is at its level counts as one of the next higher level after `ageingMs`,
 * after twice as long as one of the level above that, and so on. Among levels that count as equal the group with the smaller
 * part goes first, of the same group the call that has waited longer.
 */
export class Ageing {
  readonly #ageingMs: number;
  /** No call has waited since before this, so that levels too low for it to matter need no look. */
  #oldest = Number.POSITIVE_INFINITY;

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs;
  }

  /** A call begins to wait. */
  came(since: number, isFirst: boolean): void {
    if (isFirst || since < this.#oldest) this.#oldest = since;
  }

  /** The lane whose turn it is. @param levels - highest first */
  turnAmong(levels: readonly PriorityLevel[], book: FairShare | undefined, supply: Supply): Lane | undefined {
    const { now } = supply;
    const mostSteps = this.#stepsOf(now - this.#oldest);
    let best: Lane | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    let oldest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < levels.length; at++) {
      if (at - mostSteps > bestRank) return best;
      const lane = turnAt(levels[at]!, book, supply);
      const since = lane?.head?.since;
      if (lane === undefined || since === undefined) continue;
      if (since < oldest) oldest = since;
      const rank = Math.max(0, at - this.#stepsOf(now - since));
      if (best === undefined || rank < bestRank || (rank === bestRank && goesBefore(lane, best, supply.isRateBound))) {
        best = lane;
        bestRank = rank;
      }
    }
    if (book === undefined) this.#oldest = oldest;
    return best;
  }

  #stepsOf(waitedMs: number): number {
    return waitedMs > 0 ? Math.floor(waitedMs / this.#ageingMs) : 0;
  }
}

/** Of two lanes at levels that count as equal. */
function goesBefore(lane: Lane, other: Lane, isRateBound: boolean): boolean {
  if (lane.group !== undefined && other.group !== undefined && lane.group !== other.group) {
    const [one, two] = isRateBound ? [lane.group.start, other.group.start] : [lane.group.active, other.group.active];
    if (one !== two) return one < two;
  }
  return lane.head!.since < other.head!.since;
}
