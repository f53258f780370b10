import type { Exemplar } from './exemplar.js';
import { coarseSlot, SLOTS, type SlotGrid } from './slot-grid.js';

/** Kept for each name and coarse slot, and of all names and slots together. */
const PER_SLOT = 20;
const MOST = 5_000;

interface SlotList {
  readonly slot: number;
  /** The smallest of the list, once it is full: what is not larger is not kept. */
  least: number;
  readonly list: Kept[];
}

/** With the moment at which it was recorded: its window is that of its value. */
interface Kept {
  readonly recordedAt: number;
  readonly exemplar: Exemplar;
}

/** One more than coarse slots: the window reaches into the oldest. */
const RING = SLOTS + 1;

/** The largest values of each coarse slot with what is known of them: the slowest requests. */
export class ExemplarBook {
  readonly #grid: SlotGrid;
  readonly #names = new Map<string, (SlotList | undefined)[]>();
  #size = 0;

  constructor(grid: SlotGrid) {
    this.#grid = grid;
  }

  /** Whether a value would be kept: asked before an exemplar is made of it. */
  admits(name: string, value: number, now: number): boolean {
    const slot = coarseSlot(this.#grid, now);
    const held = this.#names.get(name)?.[slot % RING];
    return held === undefined || held.slot !== slot || held.list.length < PER_SLOT || value > held.least;
  }

  add(exemplar: Exemplar, now: number): void {
    const { list, held } = this.#open(exemplar.name, coarseSlot(this.#grid, now));
    const kept = { recordedAt: now, exemplar: Object.freeze(exemplar) };
    if (list.length < PER_SLOT) {
      list.push(kept);
      this.#size++;
    } else list[smallestOf(list)] = kept;
    held.least = list.length < PER_SLOT ? Number.NEGATIVE_INFINITY : list[smallestOf(list)]!.exemplar.value;
    if (this.#size > MOST) this.#dropOldest();
  }

  /** The largest since a moment, largest first. */
  largest(name: string, since: number, limit: number): Exemplar[] {
    const first = coarseSlot(this.#grid, since);
    const found: Exemplar[] = [];
    for (const held of this.#names.get(name) ?? []) {
      if (!held || held.slot < first) continue;
      for (const { recordedAt, exemplar } of held.list) if (recordedAt >= since) found.push(exemplar);
    }
    return found.sort((a, b) => b.value - a.value).slice(0, limit);
  }

  #open(name: string, slot: number): { held: SlotList; list: Kept[] } {
    let slots = this.#names.get(name);
    if (!slots) {
      slots = [];
      this.#names.set(name, slots);
    }
    let held = slots[slot % RING];
    if (held?.slot !== slot) {
      this.#size -= held?.list.length ?? 0;
      held = { slot, least: Number.NEGATIVE_INFINITY, list: [] };
      slots[slot % RING] = held;
    }
    return { held, list: held.list };
  }

  /** Makes room by the oldest slot of all names. */
  #dropOldest(): void {
    let oldest = Number.POSITIVE_INFINITY;
    for (const slots of this.#names.values()) for (const held of slots) if (held) oldest = Math.min(oldest, held.slot);
    for (const [name, slots] of this.#names) {
      for (let i = 0; i < slots.length; i++) {
        if (slots[i]?.slot !== oldest) continue;
        this.#size -= slots[i]!.list.length;
        slots[i] = undefined;
      }
      if (slots.every((held) => held === undefined)) this.#names.delete(name);
    }
  }
}

function smallestOf(list: readonly Kept[]): number {
  let smallest = 0;
  for (let i = 1; i < list.length; i++) if (list[i]!.exemplar.value < list[smallest]!.exemplar.value) smallest = i;
  return smallest;
}
