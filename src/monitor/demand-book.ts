import type { DemandSlot } from './monitor-reader.js';
import { coarseSlot, SLOTS, type SlotGrid } from './slot-grid.js';

/** Requests of one name: how many began, ended, failed and were under way, by coarse slot. */
class Demand {
  inFlight = 0;
  readonly #grid: SlotGrid;
  readonly #started = new Float64Array(SLOTS + 1);
  readonly #ended = new Float64Array(SLOTS + 1);
  readonly #failed = new Float64Array(SLOTS + 1);
  readonly #quickest = new Float64Array(SLOTS + 1).fill(Number.POSITIVE_INFINITY);
  readonly #inFlightAtStart = new Float64Array(SLOTS + 1);
  readonly #open = new Float64Array(SLOTS + 1);
  readonly #idleMs = new Float64Array(SLOTS + 1);
  readonly #first: number;
  #last: number;
  #lastStart: number;

  constructor(grid: SlotGrid, now: number) {
    this.#grid = grid;
    this.#first = coarseSlot(grid, now);
    this.#last = this.#first;
    this.#lastStart = now;
  }

  start(now: number): void {
    const i = this.#at(now);
    this.#started[i]!++;
    this.#open[i]!++;
    this.#lastStart = now;
    this.inFlight++;
  }

  end(at: number, ms: number, hasFailed: boolean): void {
    const i = this.#at(at + ms);
    const began = coarseSlot(this.#grid, at);
    if (began >= this.#first && began >= this.#last - SLOTS) this.#open[began % (SLOTS + 1)]!--;
    this.#ended[i]!++;
    if (hasFailed) this.#failed[i]!++;
    else if (ms < this.#quickest[i]!) this.#quickest[i] = ms;
    this.inFlight--;
  }

  read(now: number): DemandSlot[] {
    this.#at(now);
    const { coarseMs, startedAt } = this.#grid;
    const slots: DemandSlot[] = [];
    for (let slot = Math.max(this.#first, this.#last - SLOTS); slot <= this.#last; slot++) {
      const i = slot % (SLOTS + 1);
      const from = Math.max(slot * coarseMs, startedAt);
      slots.push({
        at: slot * coarseMs,
        ms: Math.min(now, (slot + 1) * coarseMs) - from,
        started: this.#started[i]!,
        ended: this.#ended[i]!,
        failed: this.#failed[i]!,
        inFlight: this.#inFlightAtStart[i]!,
        open: this.#open[i]!,
        idleMs: this.#idleMs[i]!,
        quickestMs: this.#quickest[i]! < Number.POSITIVE_INFINITY ? this.#quickest[i]! : null,
      });
    }
    return slots;
  }

  /** Where the slot of now is counted. Slots that went by without a request still had those under way. */
  #at(now: number): number {
    const slot = coarseSlot(this.#grid, now);
    for (let next = Math.max(this.#last + 1, slot - SLOTS); next <= slot; next++) {
      const i = next % (SLOTS + 1);
      this.#started[i] = 0;
      this.#ended[i] = 0;
      this.#failed[i] = 0;
      this.#open[i] = 0;
      this.#quickest[i] = Number.POSITIVE_INFINITY;
      this.#inFlightAtStart[i] = this.inFlight;
      this.#idleMs[i] = next * this.#grid.coarseMs - this.#lastStart;
    }
    this.#last = Math.max(this.#last, slot);
    return this.#last % (SLOTS + 1);
  }
}

/** How many requests of each timer name began and ended when, and how many are under way. */
export class DemandBook {
  readonly #grid: SlotGrid;
  readonly #most: number;
  readonly #operation: string;
  readonly #names = new Map<string, Demand>();

  /**
   * @param most - names that are counted; timers of further ones are left out here
   * @param operation - is always counted, however many others there are
   */
  constructor(grid: SlotGrid, most: number, operation: string) {
    this.#grid = grid;
    this.#most = most;
    this.#operation = operation;
  }

  start(name: string, now: number): void {
    let demand = this.#names.get(name);
    if (!demand) {
      if (this.#names.size >= this.#most && name !== this.#operation) return;
      demand = new Demand(this.#grid, now);
      this.#names.set(name, demand);
    }
    demand.start(now);
  }

  /** @param at - when it began */
  end(name: string, at: number, ms: number, hasFailed: boolean): void {
    this.#names.get(name)?.end(at, ms, hasFailed);
  }

  inFlight(name: string): number {
    return this.#names.get(name)?.inFlight ?? 0;
  }

  /** Slots of the window since the first request, oldest first; `undefined` for a name without timers. */
  read(name: string, now: number): DemandSlot[] | undefined {
    return this.#names.get(name)?.read(now);
  }
}

/** Values of the series of a name by coarse slot: all of them, and those of failed requests. */
export interface RecordedIn {
  countIn(slot: number): number;
  failedIn(slot: number): number;
}

/**
 * Requests by coarse slot, those included that were recorded without a timer here: by hand, or merged from another process. Of
 * these only the end is known, so they began in the slot in which they ended.
 */
export function demandOf(
  grid: SlotGrid,
  now: number,
  timed: readonly DemandSlot[],
  recorded: RecordedIn,
): DemandSlot[] {
  const last = coarseSlot(grid, now);
  const first = Math.max(last - SLOTS, coarseSlot(grid, grid.startedAt));
  const bySlot = new Map(timed.map((slot) => [Math.round(slot.at / grid.coarseMs), slot]));
  const slots: DemandSlot[] = [];
  for (let slot = first; slot <= last; slot++) {
    const own = bySlot.get(slot) ?? NOTHING;
    const others = Math.max(0, recorded.countIn(slot) - own.ended);
    const othersFailed = Math.min(others, Math.max(0, recorded.failedIn(slot) - own.failed));
    const at = slot * grid.coarseMs;
    slots.push({
      at,
      ms: Math.min(now, at + grid.coarseMs) - Math.max(at, grid.startedAt),
      started: own.started + others,
      ended: own.ended + others,
      failed: own.failed + othersFailed,
      inFlight: own.inFlight,
      open: own.open,
      idleMs: own.idleMs,
      quickestMs: own.quickestMs,
    });
  }
  return slots;
}

const NOTHING = { started: 0, ended: 0, failed: 0, inFlight: 0, open: 0, idleMs: 0, quickestMs: null } as const;
