/** What was recorded in one slot of time, with the buckets that count nothing left out. */
export interface ClosedSlot {
  /** Number of the slot: its start divided by the length of slots of its kind. */
  readonly index: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Values above the response-time target. */
  readonly over: number;
  /** Buckets in rising order, and how often each was met. */
  readonly buckets: Uint16Array;
  readonly counts: Uint32Array;
}

/** One slot out of several, in any order. `undefined` when there are none. */
export function mergedSlot(index: number, slots: readonly ClosedSlot[]): ClosedSlot | undefined {
  if (slots.length === 0) return undefined;
  const merged = new Map<number, number>();
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let over = 0;
  for (const slot of slots) {
    count += slot.count;
    sum += slot.sum;
    min = Math.min(min, slot.min);
    max = Math.max(max, slot.max);
    over += slot.over;
    for (let i = 0; i < slot.buckets.length; i++) {
      const bucket = slot.buckets[i]!;
      merged.set(bucket, (merged.get(bucket) ?? 0) + slot.counts[i]!);
    }
  }
  const buckets = Uint16Array.from([...merged.keys()].sort((a, b) => a - b));
  return {
    index,
    count,
    sum,
    min,
    max,
    over,
    buckets,
    counts: Uint32Array.from(buckets, (bucket) => merged.get(bucket)!),
  };
}
