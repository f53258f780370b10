import { Distribution } from '../../src/monitor/distribution.js';
import { exportSeries, type MonitorExport } from '../../src/monitor/exports/histogram-export.js';
import { type FindMergeTarget, MergeBook, type MergeResult } from '../../src/monitor/exports/merge-book.js';
import type { Unit } from '../../src/monitor/unit.js';
import { ReaderDouble } from './reader-double.js';

/** Series that take what is merged. */
export class Root {
  readonly book: MergeBook;
  readonly all = new Map<string, Distribution>();
  /** Names of series that take nothing. */
  readonly closed = new Set<string>();

  constructor(options?: ConstructorParameters<typeof MergeBook>[0]) {
    this.book = new MergeBook(options);
  }

  readonly find: FindMergeTarget = (name, labels, unit) => {
    if (this.closed.has(name)) return undefined;
    return {
      addBuckets: (buckets, sum, min, max) => {
        const values = this.get(name, labels, unit);
        let count = 0;
        for (const [bucket, n] of buckets) {
          values.addBucket(bucket, n);
          count += n;
        }
        values.addTotals(count, sum, min, max);
      },
    };
  };

  get(name: string, labels: Readonly<Record<string, string>> = {}, unit: Unit = 'ms'): Distribution {
    const key = JSON.stringify([name, labels]);
    const values = this.all.get(key) ?? new Distribution(unit);
    this.all.set(key, values);
    return values;
  }

  merge(exported: unknown): MergeResult {
    return this.book.merge(exported, this.find);
  }
}

/** A process that records, and exports through JSON as it would over a wire. */
export class Leaf {
  readonly reader = new ReaderDouble();

  constructor(readonly source: string) {}

  record(...values: number[]): this {
    this.reader.add('ask', 'ms', values);
    return this;
  }

  export(): MonitorExport {
    this.reader.time += 1_000;
    return JSON.parse(JSON.stringify(exportSeries(this.reader, this.source))) as MonitorExport;
  }
}

/** Counts by bucket, smallest first. */
export const countsOf = (values: Distribution): [number, number][] => {
  const counts: [number, number][] = [];
  values.forEachBucket((bucket, count) => counts.push([bucket, count]));
  return counts;
};
