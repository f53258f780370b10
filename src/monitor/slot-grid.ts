/** Fine slots that make a coarse one, and slots of either kind that are kept. */
export const FINE_PER_COARSE = 12;
export const SLOTS = 60;

/** How a monitor divides time. Slots are numbered from the epoch on, so all series of all processes have the same ones. */
export interface SlotGrid {
  readonly startedAt: number;
  /** The longest window: {@link SLOTS} coarse slots. */
  readonly windowMs: number;
  readonly coarseMs: number;
  readonly slotMs: number;
}

export function slotGrid(windowMs: number, startedAt: number): SlotGrid {
  const coarseMs = windowMs / SLOTS;
  return { startedAt, windowMs, coarseMs, slotMs: coarseMs / FINE_PER_COARSE };
}

/** Slots of one kind, first to last, the one under way included. */
export interface SlotRange {
  readonly kind: 'fine' | 'coarse';
  readonly first: number;
  readonly last: number;
  /** What they cover: up to now, and not before the monitor's start. */
  readonly coveredMs: number;
}

/**
 * The whole slots that cover the last `windowMs`: fine ones for up to five coarse slots, coarse ones beyond. So a window is up
 * to one slot longer than asked for, never shorter.
 */
export function slotsOf(grid: SlotGrid, now: number, windowMs: number): SlotRange {
  const fine = windowMs <= grid.slotMs * SLOTS;
  const length = fine ? grid.slotMs : grid.coarseMs;
  const last = fine ? fineSlot(grid, now) : coarseSlot(grid, now);
  const wanted = Math.min(windowMs, grid.windowMs);
  const first = Math.max(last - SLOTS, Math.floor((now - wanted) / length));
  const coveredMs = now - Math.max(first * length, grid.startedAt);
  return { kind: fine ? 'fine' : 'coarse', first, last, coveredMs };
}

export function fineSlot(grid: SlotGrid, now: number): number {
  return Math.floor(now / grid.slotMs);
}

export function coarseSlot(grid: SlotGrid, now: number): number {
  return Math.floor(fineSlot(grid, now) / FINE_PER_COARSE);
}
