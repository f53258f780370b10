import { type ClosedSlot, mergedSlot } from './closed-slot.js';
import { Distribution } from './distribution.js';
import { FINE_PER_COARSE, SLOTS, type SlotRange } from './slot-grid.js';
import type { Unit } from './unit.js';

/**
 * The closed slots of one series: the last fine ones, the coarse ones they have rolled into, and everything since the start. A
 * slot in which nothing was recorded takes no room and no time.
 */
export class SlotHistory {
  readonly #fine: (ClosedSlot | undefined)[] = [];
  readonly #coarse: (ClosedSlot | undefined)[] = [];
  readonly #lifetime: Distribution;
  /** The coarse slot whose fine ones are not merged yet. */
  #unmerged = -1;

  constructor(unit: Unit) {
    this.#lifetime = new Distribution(unit);
  }

  close(slot: ClosedSlot): void {
    const coarse = Math.floor(slot.index / FINE_PER_COARSE);
    if (coarse !== this.#unmerged) {
      // Before a fine slot takes the place of one that belongs to it.
      if (this.#unmerged >= 0) this.#merge(this.#unmerged);
      this.#unmerged = coarse;
    }
    const held = this.#fine[slot.index % SLOTS];
    // A clock of the host's may have been set back: then a slot comes again.
    this.#fine[slot.index % SLOTS] = held?.index === slot.index ? mergedSlot(slot.index, [held, slot]) : slot;
    this.#lifetime.addSlot(slot);
  }

  addTo(into: Distribution, { kind, first, last }: SlotRange): void {
    for (let index = first; index <= last; index++) {
      if (kind === 'fine') this.#addFine(into, index, index);
      else this.#addCoarse(into, index);
    }
  }

  /** Values of one coarse slot. */
  countIn(coarse: number): number {
    if (coarse !== this.#unmerged) {
      const slot = this.#coarse[coarse % SLOTS];
      return slot?.index === coarse ? slot.count : 0;
    }
    const first = coarse * FINE_PER_COARSE;
    return this.#fineSlots(first, first + FINE_PER_COARSE - 1).reduce((sum, { count }) => sum + count, 0);
  }

  addLifetimeTo(into: Distribution): void {
    into.add(this.#lifetime);
  }

  /** Values since the start. */
  get count(): number {
    return this.#lifetime.count;
  }

  get sum(): number {
    return this.#lifetime.sum;
  }

  get over(): number {
    return this.#lifetime.over;
  }

  #addCoarse(into: Distribution, index: number): void {
    if (index === this.#unmerged) {
      this.#addFine(into, index * FINE_PER_COARSE, (index + 1) * FINE_PER_COARSE - 1);
      return;
    }
    const slot = this.#coarse[index % SLOTS];
    if (slot?.index === index) into.addSlot(slot);
  }

  #addFine(into: Distribution, first: number, last: number): void {
    for (const slot of this.#fineSlots(first, last)) into.addSlot(slot);
  }

  #fineSlots(first: number, last: number): ClosedSlot[] {
    const found: ClosedSlot[] = [];
    for (let index = first; index <= last; index++) {
      const slot = this.#fine[index % SLOTS];
      if (slot?.index === index) found.push(slot);
    }
    return found;
  }

  #merge(coarse: number): void {
    const slots = this.#fineSlots(coarse * FINE_PER_COARSE, (coarse + 1) * FINE_PER_COARSE - 1);
    const merged = mergedSlot(coarse, slots);
    if (merged) this.#coarse[coarse % SLOTS] = merged;
  }
}
