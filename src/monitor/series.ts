import type { Clock } from '../core/clock.js';
import { BUCKETS, bucketOf, HIGHEST, middleOf } from './bucket-layout.js';
import type { ClosedSlot } from './closed-slot.js';
import { Distribution } from './distribution.js';
import type { SeriesReader } from './monitor-reader.js';
import { FINE_PER_COARSE, fineSlot, type SlotGrid, type SlotRange, slotsOf } from './slot-grid.js';
import { SlotHistory } from './slot-history.js';
import { UNITS, type Unit } from './unit.js';

/** Values of one name and one set of labels, bound once: what hot paths record on. */
export interface SeriesHandle {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  /** Counts a value, in the unit. NaN, negative and infinite values are counted as rejected. Never throws, allocates nothing. */
  record(value: number): void;
}

/** Whether anything is recorded at all: one for all series of a monitor. */
export interface RecordingGate {
  open: boolean;
}

/** What the series of a monitor share. */
export interface SeriesParts {
  readonly clock: Clock;
  readonly grid: SlotGrid;
  readonly gate: RecordingGate;
}

const FIRST_BUCKETS = 512;
/** What a 32-bit counter holds; a coarse slot adds up twelve. */
const MOST_IN_BUCKET = Math.floor(2 ** 32 / 12) - 1;
const SUM = 0;
const MIN = 1;
const MAX = 2;

/**
 * Records values into the open slot: a bucket of HdrHistogram's layout and four totals. What time it is costs a comparison with
 * the end of the slot; a slot that is over is packed and handed to the history by the first value, or read, after it.
 */
export class Series implements SeriesHandle, SeriesReader {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  rejected = 0;
  clamped = 0;
  readonly #clock: Clock;
  readonly #grid: SlotGrid;
  readonly #gate: RecordingGate;
  readonly #steps: number;
  readonly #target: number;
  readonly #history: SlotHistory;
  /** In a typed array, since a number field that is no small integer may be allocated anew by each write. */
  readonly #totals = new Float64Array(3);
  #counts = new Uint32Array(FIRST_BUCKETS);
  #count = 0;
  #over = 0;
  #slot: number;
  #slotEnd: number;

  /** @param target - values above it are counted apart, exactly. Infinity for none */
  constructor(name: string, labels: Readonly<Record<string, string>>, unit: Unit, target: number, parts: SeriesParts) {
    this.name = name;
    this.labels = labels;
    this.unit = unit;
    this.#clock = parts.clock;
    this.#grid = parts.grid;
    this.#gate = parts.gate;
    this.#steps = UNITS[unit].steps;
    this.#target = target;
    this.#history = new SlotHistory(unit);
    this.#slot = fineSlot(parts.grid, parts.clock.now());
    this.#slotEnd = (this.#slot + 1) * parts.grid.slotMs;
    this.#clearTotals();
  }

  record(value: number): void {
    if (!this.#gate.open) return;
    const now = this.#clock.coarse();
    if (now >= this.#slotEnd) this.#roll(now);
    // A text or bigint of a caller without types would be added in its own way.
    const steps = typeof value === 'number' ? value * this.#steps + 0.5 : Number.NaN;
    if (!(steps >= 0.5 && steps < HIGHEST + 1)) {
      this.#recordUnusual(value);
      return;
    }
    const bucket = bucketOf(steps);
    if (bucket >= this.#counts.length) this.#reach(bucket);
    this.#counts[bucket]!++;
    this.#count++;
    const totals = this.#totals;
    totals[SUM]! += value;
    if (value < totals[MIN]!) totals[MIN] = value;
    if (value > totals[MAX]!) totals[MAX] = value;
    if (value > this.#target) this.#over++;
  }

  /** Adds what another process has counted, as if it had come in now. Bounds are those of its values, as far as it knows them. */
  addBuckets(buckets: ReadonlyMap<number, number>, sum: number, min: number, max: number): void {
    if (!this.#gate.open || buckets.size === 0) return;
    this.#rollTo(this.#clock.now());
    for (const [bucket, count] of buckets) {
      if (bucket >= this.#counts.length) this.#reach(bucket);
      // More than a slot can count in one bucket, which only a forged export can hold.
      const kept = Math.min(count, MOST_IN_BUCKET - this.#counts[bucket]!);
      this.clamped += count - kept;
      this.#counts[bucket]! += kept;
      this.#count += kept;
      if (middleOf(bucket) / this.#steps > this.#target) this.#over += kept;
    }
    const totals = this.#totals;
    totals[SUM]! += sum;
    totals[MIN] = Math.min(totals[MIN]!, min);
    totals[MAX] = Math.max(totals[MAX]!, max);
  }

  lifetime(): Distribution {
    const all = new Distribution(this.unit);
    this.#history.addLifetimeTo(all);
    if (this.#count > 0) all.addSlot(this.#packed());
    return all;
  }

  /** Values since the start. */
  get count(): number {
    return this.#history.count + this.#count;
  }

  get overTarget(): number {
    return this.#history.over + this.#over;
  }

  /** What they add up to, in the unit. */
  get sum(): number {
    return this.#history.sum + this.#totals[SUM]!;
  }

  addTo(into: Distribution, range: SlotRange): void {
    this.#rollTo(this.#clock.now());
    this.#history.addTo(into, range);
    const open = range.kind === 'fine' ? this.#slot : Math.floor(this.#slot / FINE_PER_COARSE);
    if (this.#count > 0 && open >= range.first && open <= range.last) into.addSlot(this.#packed());
  }

  window(windowMs: number): Distribution {
    const values = new Distribution(this.unit);
    this.addTo(values, slotsOf(this.#grid, this.#clock.now(), windowMs));
    return values;
  }

  /** Values of one coarse slot. */
  countIn(coarse: number): number {
    this.#rollTo(this.#clock.now());
    const isOpen = Math.floor(this.#slot / FINE_PER_COARSE) === coarse;
    return this.#history.countIn(coarse) + (isOpen ? this.#count : 0);
  }

  /** For reads: also back, where a clock of the host's was set back. */
  #rollTo(now: number): void {
    if (now >= this.#slotEnd || now < this.#slotEnd - this.#grid.slotMs) this.#roll(now);
  }

  #roll(now: number): void {
    if (this.#count > 0) {
      this.#history.close(this.#packed());
      this.#counts.fill(0);
      this.#clearTotals();
    }
    this.#slot = fineSlot(this.#grid, now);
    this.#slotEnd = (this.#slot + 1) * this.#grid.slotMs;
  }

  #packed(): ClosedSlot {
    const buckets: number[] = [];
    for (let bucket = 0; bucket < this.#counts.length; bucket++) if (this.#counts[bucket]! > 0) buckets.push(bucket);
    return {
      index: this.#slot,
      count: this.#count,
      sum: this.#totals[SUM]!,
      min: this.#totals[MIN]!,
      max: this.#totals[MAX]!,
      over: this.#over,
      buckets: Uint16Array.from(buckets),
      counts: Uint32Array.from(buckets, (bucket) => this.#counts[bucket]!),
    };
  }

  #clearTotals(): void {
    this.#count = 0;
    this.#over = 0;
    this.#totals[SUM] = 0;
    this.#totals[MIN] = Number.POSITIVE_INFINITY;
    this.#totals[MAX] = Number.NEGATIVE_INFINITY;
  }

  #recordUnusual(value: number): void {
    if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) {
      this.clamped++;
      this.record(HIGHEST / this.#steps);
    } else this.rejected++;
  }

  #reach(bucket: number): void {
    const larger = new Uint32Array(Math.min(BUCKETS, Math.max(FIRST_BUCKETS, 2 ** Math.ceil(Math.log2(bucket + 1)))));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
