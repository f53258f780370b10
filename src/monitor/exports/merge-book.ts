import type { Unit } from '../unit.js';
import { type CheckedExport, type CheckedSeries, checkExport } from './checked-export.js';
import { type Counted, countsOf, grownBy, hasFallen } from './merged-counts.js';

/** Where counts of a series go. */
export interface MergeTarget {
  /** Counts by bucket, what their values sum up to, and their smallest and largest as far as it is known. */
  addBuckets(buckets: ReadonlyMap<number, number>, sum: number, min: number, max: number): void;
}

/** Finds the series that counts are added to; `undefined` when it takes none. */
export type FindMergeTarget = (
  name: string,
  labels: Readonly<Record<string, string>>,
  unit: Unit,
) => MergeTarget | undefined;

/** What became of an export: numbers of values. */
export interface MergeResult {
  /** Values that were not known yet, and are counted now. */
  readonly added: number;
  /** Values that were not known yet, and could not be counted. */
  readonly skipped: number;
}

/** How much a {@link MergeBook} remembers. */
export interface MergeBounds {
  /** Default 256. */
  readonly mostSources?: number;
  /** Buckets of all sources together. Default 4,000,000, about 40 MB. */
  readonly mostBuckets?: number;
}

interface Source {
  at: number;
  readonly series: Map<string, Counted>;
}

const MOST_SOURCES = 256;
/** Sources whose counts are forgotten, and which are known by name still. */
const MOST_FORGOTTEN = 4_096;
const MOST_BUCKETS = 4_000_000;

/**
 * Adds the exports of other monitors. An export counts from its source's start; the book remembers what it has added of each source
 * and adds the difference, so that exports may come twice, late, or out of order.
 *
 * It remembers 256 sources. The one that was merged the longest ago makes room for the next: mostly a process that is gone. One that
 * comes back all the same is not added any more (`skipped`), since what of it is new is not known; that holds for the last 4,096 that
 * were forgotten. So merge no more than 256 processes that live at a time into one monitor.
 */
export class MergeBook {
  readonly #mostSources: number;
  readonly #mostBuckets: number;
  /** The one that was merged last comes last. */
  readonly #sources = new Map<string, Source>();
  readonly #forgotten = new Set<string>();
  #buckets = 0;

  constructor({ mostSources = MOST_SOURCES, mostBuckets = MOST_BUCKETS }: MergeBounds = {}) {
    this.#mostSources = mostSources;
    this.#mostBuckets = mostBuckets;
  }

  /**
   * @param exported - a `MonitorExport`, whole, from whatever source
   * @param into - asked for each series that has grown, before anything is added
   * @throws InvalidOptionError for anything else than an export; then nothing has changed
   */
  merge(exported: unknown, into: FindMergeTarget): MergeResult {
    const checked = checkExport(exported);
    if (this.#forgotten.has(checked.source)) return { added: 0, skipped: countOf(checked.series) };
    const known = this.#sources.get(checked.source);
    const fell = known !== undefined && hasFallen(known.series, checked.series);
    // An older one, or one that was cut down on its way.
    if (fell && checked.at <= known.at) return { added: 0, skipped: 0 };
    // Counts that fell, in a later export: the process has started anew under its old name, and counts from 0.
    const last = fell ? undefined : known?.series;
    const grown = checked.series.map((series) => ({ series, growth: grownBy(series, last?.get(series.key)) }));
    const found = grown
      .filter(({ growth }) => growth !== undefined)
      .map(({ series, growth }) => ({
        series,
        growth: growth!,
        target: into(series.name, series.labels, series.unit),
      }));
    const source = this.#remember(checked, fell);
    let added = 0;
    let skipped = 0;
    for (const { series, growth, target } of found) {
      if (target === undefined) {
        skipped += growth.count;
        continue;
      }
      target.addBuckets(mapOf(growth), growth.sum, growth.min, growth.max);
      this.#keep(source, series);
      added += growth.count;
    }
    this.#forgetOldest();
    return { added, skipped };
  }

  #remember({ source: name, at }: CheckedExport, isNew: boolean): Source {
    const known = this.#sources.get(name);
    if (known !== undefined && isNew) this.#drop(name, known);
    const source = known !== undefined && !isNew ? known : { at, series: new Map<string, Counted>() };
    source.at = Math.max(source.at, at);
    this.#sources.delete(name);
    this.#sources.set(name, source);
    return source;
  }

  #keep(source: Source, series: CheckedSeries): void {
    this.#buckets += series.buckets.length - (source.series.get(series.key)?.buckets.length ?? 0);
    source.series.set(series.key, countsOf(series));
  }

  #forgetOldest(): void {
    for (const [name, source] of this.#sources) {
      const isOver = this.#sources.size > this.#mostSources || this.#buckets > this.#mostBuckets;
      if (!isOver || this.#sources.size === 1) return;
      this.#drop(name, source);
      this.#forgotten.add(name);
      if (this.#forgotten.size <= MOST_FORGOTTEN) continue;
      const [oldest] = this.#forgotten;
      this.#forgotten.delete(oldest!);
    }
  }

  #drop(name: string, source: Source): void {
    for (const { buckets } of source.series.values()) this.#buckets -= buckets.length;
    this.#sources.delete(name);
  }
}

function mapOf({ buckets, counts }: Counted): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i < buckets.length; i++) map.set(buckets[i]!, counts[i]!);
  return map;
}

function countOf(series: readonly CheckedSeries[]): number {
  return series.reduce((sum, { count }) => sum + count, 0);
}
