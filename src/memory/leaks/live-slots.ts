import type { TimedValue } from './rank-trend.js';
import { SeriesOutline } from './series-outline.js';

/** The lowest of what was alive after the major collections of a stretch of time. */
export interface LiveSlot extends TimedValue {
  /** When that lowest was read. */
  readonly atMs: number;
  readonly value: number;
  /** Bytes that what is registered said it held then. */
  readonly registered: number;
  /** Major collections in that time. */
  readonly collections: number;
  /** Which stretch, counted from the epoch. */
  readonly slot: number;
}

/** What is remembered of a series, all of it oldest first. */
export interface LiveHistory {
  /** The stretches of the window that are over. */
  readonly window: readonly LiveSlot[];
  /** Those before it. */
  readonly before: readonly LiveSlot[];
  /** Of the time before those: where it turned. */
  readonly outline: readonly LiveSlot[];
}

/** Stretches that a window is cut into. */
export const SLOTS_PER_WINDOW = 16;
/** Windows that are remembered stretch by stretch. */
const WINDOWS_KEPT = 16;
/** Turns of the time before: a weekly rhythm has some dozen. */
const OUTLINE_POINTS = 256;

/**
 * What was alive, by stretches of a 16th of the window. The lowest of each is kept: a cache that is filled and emptied faster than that
 * shows its floor, which a leak raises. Bounded however often garbage is collected. A clock that is set back stands still instead.
 */
export class LiveSlots {
  readonly #slotMs: number;
  readonly #slots: LiveSlot[] = [];
  readonly #outline = new SeriesOutline<LiveSlot>(OUTLINE_POINTS);
  #setBackMs = 0;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS_PER_WINDOW;
  }

  /** Returns whether a stretch was completed by it. */
  add(clockMs: number, value: number, registered = 0): boolean {
    this.#setBackMs = Math.max(this.#setBackMs, this.#latestMs - clockMs);
    const atMs = clockMs + this.#setBackMs;
    this.#latestMs = atMs;
    const slot = Math.floor(atMs / this.#slotMs);
    const last = this.#slots.at(-1);
    if (last && slot === last.slot) {
      const lowest = value < last.value ? { atMs, value, registered } : last;
      this.#slots[this.#slots.length - 1] = { ...lowest, collections: last.collections + 1, slot };
      return false;
    }
    const first = slot - SLOTS_PER_WINDOW * WINDOWS_KEPT;
    for (let old = this.#slots[0]; old && old.slot < first; old = this.#slots[0]) {
      this.#outline.add(old);
      this.#slots.shift();
    }
    this.#slots.push({ atMs, value, registered, collections: 1, slot });
    return last !== undefined;
  }

  read(now: number): LiveHistory {
    const present = Math.floor(Math.max(now + this.#setBackMs, this.#latestMs) / this.#slotMs);
    const end = this.#before(present, this.#slots.length);
    const start = this.#before(present - SLOTS_PER_WINDOW, end);
    return {
      window: this.#slots.slice(start, end),
      before: this.#slots.slice(0, start),
      outline: this.#outline.points,
    };
  }

  /** How many of the first stretches are before that one. */
  #before(slot: number, of: number): number {
    let count = of;
    while (count > 0 && this.#slots[count - 1]!.slot >= slot) count--;
    return count;
  }
}

/** `times` stretches to one, the last of them full, counted back from 0: the lowest of each. */
export function coarser(slots: readonly LiveSlot[], times: number): LiveSlot[] {
  const end = slots.at(-1)?.slot ?? 0;
  const merged: LiveSlot[] = [];
  for (let i = 0; i < slots.length; ) {
    let lowest = slots[i]!;
    let collections = 0;
    const slot = -Math.floor((end - lowest.slot) / times);
    for (; i < slots.length && -Math.floor((end - slots[i]!.slot) / times) === slot; i++) {
      const next = slots[i]!;
      collections += next.collections;
      if (next.value < lowest.value) lowest = next;
    }
    merged.push({ atMs: lowest.atMs, value: lowest.value, registered: lowest.registered, collections, slot });
  }
  return merged;
}
