import type { TimedValue } from './rank-trend.js';

/** The lowest of what was alive after the major collections of a stretch of time. */
export interface LiveSlot extends TimedValue {
  /** When that lowest was read. */
  readonly atMs: number;
  readonly value: number;
  /** Major collections in that time. */
  readonly collections: number;
  /** Which stretch, counted from the epoch. */
  readonly slot: number;
}

/** Stretches that a window is cut into. */
export const SLOTS_PER_WINDOW = 16;
/** Windows that are remembered. */
const WINDOWS_KEPT = 16;

/**
 * What was alive, by stretches of a 16th of the window. The lowest of each is kept: a cache that is filled and emptied faster than that
 * shows its floor, which a leak raises. Bounded however often garbage is collected.
 */
export class LiveSlots {
  readonly #slotMs: number;
  #slots: LiveSlot[] = [];

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS_PER_WINDOW;
  }

  /** Returns whether a stretch was completed by it. */
  add(atMs: number, value: number): boolean {
    const slot = Math.floor(atMs / this.#slotMs);
    const last = this.#slots.at(-1);
    if (last && slot <= last.slot) {
      const lowest = value < last.value ? { atMs, value } : { atMs: last.atMs, value: last.value };
      this.#slots[this.#slots.length - 1] = { ...lowest, collections: last.collections + 1, slot: last.slot };
      return false;
    }
    const first = slot - SLOTS_PER_WINDOW * WINDOWS_KEPT;
    this.#slots = this.#slots.filter((kept) => kept.slot >= first);
    this.#slots.push({ atMs, value, collections: 1, slot });
    return last !== undefined;
  }

  /** The stretches that are over, oldest first: those of the window before `now`, and those before it that are remembered. */
  read(now: number): { readonly window: readonly LiveSlot[]; readonly before: readonly LiveSlot[] } {
    const present = Math.floor(now / this.#slotMs);
    const first = present - SLOTS_PER_WINDOW;
    return {
      window: this.#slots.filter(({ slot }) => slot >= first && slot < present),
      before: this.#slots.filter(({ slot }) => slot < first),
    };
  }
}
