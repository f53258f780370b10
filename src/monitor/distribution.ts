import { BUCKETS, bucketOf, lowestOf, middleOf, widthOf } from './bucket-layout.js';
import type { ClosedSlot } from './closed-slot.js';
import { UNITS, type Unit } from './unit.js';

/** Counted values of one unit, merged from any number of slots and series: what percentiles are read from. */
export class Distribution {
  readonly unit: Unit;
  count = 0;
  /** Exact sum, smallest and largest value, in the unit. */
  sum = 0;
  min: number = Number.POSITIVE_INFINITY;
  max: number = Number.NEGATIVE_INFINITY;
  /** Values above the response-time target, exactly; of the operation's series only. */
  over = 0;
  /** The buckets in use lie between these. */
  #low: number = BUCKETS;
  #high = -1;
  #counts = new Float64Array(0);

  constructor(unit: Unit) {
    this.unit = unit;
  }

  /** Adds `count` values of one bucket. The totals beside it are the caller's to add. */
  addBucket(bucket: number, count: number): void {
    if (bucket >= this.#counts.length) this.#reach(bucket);
    if (bucket < this.#low) this.#low = bucket;
    if (bucket > this.#high) this.#high = bucket;
    this.#counts[bucket]! += count;
  }

  /** Empty again, with the room it had. */
  clear(): void {
    this.#counts.fill(0, this.#low, this.#high + 1);
    this.#low = BUCKETS;
    this.#high = -1;
    this.count = 0;
    this.sum = 0;
    this.over = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }

  addTotals(count: number, sum: number, min: number, max: number): void {
    this.count += count;
    this.sum += sum;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }

  addSlot(slot: ClosedSlot): void {
    // Room for all at once: they come in rising order.
    const highest = slot.buckets.at(-1);
    if (highest !== undefined) this.addBucket(highest, 0);
    for (let i = 0; i < slot.buckets.length; i++) this.addBucket(slot.buckets[i]!, slot.counts[i]!);
    this.addTotals(slot.count, slot.sum, slot.min, slot.max);
    this.over += slot.over;
  }

  /** @throws RangeError for one of another unit: their buckets mean other values */
  add(other: Distribution): void {
    if (other.unit !== this.unit)
      throw new RangeError(`values in ${other.unit} can't be added to values in ${this.unit}`);
    if (other.#high >= 0) this.addBucket(other.#high, 0);
    for (let bucket = other.#low; bucket <= other.#high; bucket++) this.#counts[bucket]! += other.#counts[bucket] ?? 0;
    if (other.#low < this.#low) this.#low = other.#low;
    this.addTotals(other.count, other.sum, other.min, other.max);
    this.over += other.over;
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }

  /**
   * The value that `share` (0 to 1) of all values do not exceed, by nearest rank: the middle of its bucket, never outside of
   * smallest and largest. `null` when there are none.
   */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.max, Math.max(this.min, this.valueOf(bucket)));
    }
    return this.max;
  }

  /** How many values are at most `value`: those of its own bucket count as equal to it, so within 0.8 % of the value. */
  atMost(value: number): number {
    if (value >= this.max) return this.count;
    if (value < this.min) return 0;
    const { steps } = UNITS[this.unit];
    const last = Math.min(bucketOf(value * steps + 0.5), this.#high);
    let seen = 0;
    for (let bucket = this.#low; bucket <= last; bucket++) seen += this.#counts[bucket]!;
    return seen;
  }

  /** Every bucket that counts something, smallest values first. */
  forEachBucket(visit: (bucket: number, count: number) => void): void {
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      const count = this.#counts[bucket]!;
      if (count > 0) visit(bucket, count);
    }
  }

  /** The value that stands for a bucket, in the unit. Counts are whole where the bucket holds a whole number. */
  valueOf(bucket: number): number {
    const { steps } = UNITS[this.unit];
    const middle = middleOf(bucket) / steps;
    if (this.unit !== 'count') return middle;
    const whole = Math.round(middle);
    const lowest = lowestOf(bucket);
    // Values are rounded to their step, so half a step below the bucket is in it too.
    return whole * steps >= lowest && whole * steps < lowest + widthOf(bucket) ? whole : middle;
  }

  #reach(bucket: number): void {
    const larger = new Float64Array(Math.min(BUCKETS, Math.max(256, 2 ** Math.ceil(Math.log2(bucket + 1)))));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
