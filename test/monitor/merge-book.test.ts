import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../src/monitor/distribution.js';
import { exportSeries, type MonitorExport } from '../../src/monitor/exports/histogram-export.js';
import { type FindMergeTarget, MergeBook, type MergeResult } from '../../src/monitor/exports/merge-book.js';
import type { Unit } from '../../src/monitor/unit.js';
import { seedOf } from '../random.js';
import { distributionOf, fullReader, ReaderDouble } from './reader-double.js';

/** Series that take what is merged. */
class Root {
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
class Leaf {
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

const countsOf = (values: Distribution): [number, number][] => {
  const counts: [number, number][] = [];
  values.forEachBucket((bucket, count) => counts.push([bucket, count]));
  return counts;
};

describe('merging', () => {
  it('adds every series of a source, with its labels and unit', () => {
    const root = new Root();
    const reader = fullReader();
    const total = reader.list.reduce((sum, one) => sum + one.samples.length, 0);
    expect(root.merge(exportSeries(reader, 'a'))).toEqual({ added: total, skipped: 0 });
    expect(root.all.size).toBe(reader.list.length);
    for (const { name, labels, unit, samples } of reader.list) {
      const own = distributionOf(unit, samples);
      const merged = root.get(name, labels);
      expect(merged.unit).toBe(unit);
      expect(countsOf(merged)).toEqual(countsOf(own));
      expect(merged.sum).toBeCloseTo(own.sum, 6);
      expect([merged.count, merged.min, merged.max]).toEqual([own.count, own.min, own.max]);
    }
  });

  it('adds what came since the last export, and nothing twice', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10, 20);
    const first = leaf.export();
    expect(root.merge(first)).toEqual({ added: 2, skipped: 0 });
    expect(root.merge(first)).toEqual({ added: 0, skipped: 0 });
    const second = leaf.record(5, 300).export();
    expect(root.merge(second)).toEqual({ added: 2, skipped: 0 });
    expect(root.merge(first)).toEqual({ added: 0, skipped: 0 });
    expect(root.merge(second)).toEqual({ added: 0, skipped: 0 });
    expect(root.get('ask')).toMatchObject({ count: 4, sum: 335, min: 5, max: 300 });
  });

  it('adds what came within the same millisecond', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10);
    const first = leaf.export();
    const second = { ...leaf.record(20).export(), at: first.at };
    root.merge(first);
    expect(root.merge(second)).toEqual({ added: 1, skipped: 0 });
    expect(root.merge(first)).toEqual({ added: 0, skipped: 0 });
    expect(root.merge(second)).toEqual({ added: 0, skipped: 0 });
  });

  it('adds sources up', () => {
    const root = new Root();
    root.merge(new Leaf('a').record(10).export());
    root.merge(new Leaf('b').record(20).export());
    expect(root.get('ask')).toMatchObject({ count: 2, sum: 30, min: 10, max: 20 });
  });

  it('knows the bounds of what came since to the width of a bucket', () => {
    const root = new Root();
    const added: { sum: number; min: number; max: number }[] = [];
    const find: FindMergeTarget = () => ({ addBuckets: (_, sum, min, max) => void added.push({ sum, min, max }) });
    const leaf = new Leaf('a').record(1, 1_000);
    root.book.merge(leaf.export(), find);
    root.book.merge(leaf.record(10.3, 100.3).export(), find);
    root.book.merge(leaf.record(0.5).export(), find);
    expect(added[0]).toEqual({ sum: 1_001, min: 1, max: 1_000 });
    expect(added[1]!.sum).toBeCloseTo(110.6, 9);
    expect(Math.abs(added[1]!.min / 10.3 - 1)).toBeLessThan(0.005);
    expect(Math.abs(added[1]!.max / 100.3 - 1)).toBeLessThan(0.005);
    expect(added[2]!.min).toBe(0.5);
    root.book.merge(leaf.record(100.3).export(), find);
    // Of one value they are that value.
    expect(added[3]!.sum).toBeCloseTo(100.3, 9);
    expect(added[3]).toEqual({ sum: added[3]!.sum, min: added[3]!.sum, max: expect.closeTo(100.3, 0) });
    expect(added).toHaveLength(4);
  });

  it('counts a process that has started anew under its old name from 0', () => {
    const root = new Root();
    const before = new Leaf('a').record(10, 20, 30);
    root.merge(before.export());
    const after = new Leaf('a').record(40);
    after.reader.time = before.reader.time + 1;
    expect(root.merge(after.export())).toEqual({ added: 1, skipped: 0 });
    expect(root.merge(after.record(50).export())).toEqual({ added: 1, skipped: 0 });
    expect(root.get('ask')).toMatchObject({ count: 5, sum: 150 });
  });

  it('counts all of it anew where only one series shows that it has', () => {
    const root = new Root();
    const before = new Leaf('a').record(10);
    before.reader.add('embed', 'ms', [1]);
    root.merge(before.export());
    const after = new Leaf('a').record(10, 10);
    after.reader.time = before.reader.time + 1;
    expect(root.merge(after.export())).toEqual({ added: 2, skipped: 0 });
    after.reader.add('embed', 'ms', [1]);
    expect(root.merge(after.export())).toEqual({ added: 1, skipped: 0 });
  });

  it('asks for a series only when it has grown', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10);
    leaf.reader.add('embed', 'ms', [1]);
    root.merge(leaf.export());
    const asked: string[] = [];
    root.book.merge(leaf.record(20).export(), (name) => void asked.push(name));
    expect(asked).toEqual(['ask']);
  });

  it('does not mind a clock that was set back', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10);
    root.merge(leaf.export());
    leaf.reader.time -= 60_000;
    expect(root.merge(leaf.record(20).export())).toEqual({ added: 1, skipped: 0 });
    const old = leaf.export();
    leaf.reader.time += 30_000;
    root.merge(leaf.record(30).export());
    expect(root.merge(old)).toEqual({ added: 0, skipped: 0 });
  });

  it('says of how many values a series took none, and tries them again', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10, 20);
    leaf.reader.add('embed', 'ms', [1]);
    root.closed.add('embed');
    expect(root.merge(leaf.export())).toEqual({ added: 2, skipped: 1 });
    expect(root.merge(leaf.export())).toEqual({ added: 0, skipped: 1 });
    root.closed.delete('embed');
    expect(root.merge(leaf.export())).toEqual({ added: 1, skipped: 0 });
  });

  it('adds nothing when a series can not be had, and all of it later', () => {
    const root = new Root();
    const leaf = new Leaf('a').record(10);
    leaf.reader.add('embed', 'ms', [1]);
    const fails: FindMergeTarget = (name, labels, unit) => {
      if (name === 'embed') throw new Error('no room');
      return root.find(name, labels, unit);
    };
    const exported = leaf.export();
    expect(() => root.book.merge(exported, fails)).toThrow('no room');
    expect(root.all.size).toBe(0);
    expect(root.merge(exported)).toEqual({ added: 2, skipped: 0 });
  });

  it('forgets the source that was merged the longest ago, and does not count it again', () => {
    const root = new Root({ mostSources: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((source) => new Leaf(source).record(10)) as [Leaf, Leaf, Leaf];
    for (const leaf of [a, b, a, c]) root.merge(leaf.export());
    expect(root.get('ask').count).toBe(3);
    expect(root.merge(b.record(20).export())).toEqual({ added: 0, skipped: 2 });
    for (const leaf of [a, c]) expect(root.merge(leaf.record(20).export())).toEqual({ added: 1, skipped: 0 });
    expect(root.get('ask').count).toBe(5);
  });

  it('forgets sources before their counts take too much room', () => {
    const root = new Root({ mostBuckets: 5 });
    const [a, b] = ['a', 'b'].map((source) => new Leaf(source).record(1, 10, 100)) as [Leaf, Leaf];
    root.merge(a.export());
    root.merge(a.record(1_000).export());
    expect(root.merge(a.record(1).export())).toEqual({ added: 1, skipped: 0 });
    root.merge(b.export());
    expect(root.merge(b.record(1).export())).toEqual({ added: 1, skipped: 0 });
    expect(root.merge(a.export())).toEqual({ added: 0, skipped: 5 });
    const c = new Leaf('c').record(1, 10);
    root.merge(c.export());
    for (const leaf of [b, c]) expect(root.merge(leaf.record(1).export())).toEqual({ added: 1, skipped: 0 });
  });

  it('does not count what a process had counted before it started anew towards that room', () => {
    const root = new Root({ mostBuckets: 5 });
    const other = new Leaf('other').record(1);
    root.merge(other.export());
    let time = other.reader.time;
    for (let restart = 0; restart < 5; restart++) {
      const leaf = new Leaf('a').record(10 ** restart, 5);
      leaf.reader.time = time;
      root.merge(leaf.export());
      time = leaf.reader.time;
    }
    expect(root.merge(other.record(1).export())).toEqual({ added: 1, skipped: 0 });
  });

  it('never counts a value twice or loses one, in whatever order exports come', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('record' as const),
        leaf: fc.nat(2),
        values: fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 5 }),
      }),
      fc.record({ kind: fc.constant('merge' as const), leaf: fc.nat(2) }),
      fc.record({ kind: fc.constant('again' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const root = new Root();
        const leaves = ['a', 'b', 'c'].map((source) => new Leaf(source));
        const sent: MonitorExport[] = [];
        for (const one of steps) {
          if (one.kind === 'record') leaves[one.leaf]!.record(...one.values);
          else if (one.kind === 'merge') {
            sent.push(leaves[one.leaf]!.export());
            root.merge(sent.at(-1));
          } else if (sent.length > 0)
            expect(root.merge(sent[one.which % sent.length])).toEqual({ added: 0, skipped: 0 });
        }
        for (const leaf of leaves) root.merge(leaf.export());
        const samples = leaves.flatMap(({ reader }) => reader.list.flatMap((series) => series.samples));
        const expected = distributionOf('ms', samples);
        const merged = root.get('ask');
        expect(countsOf(merged)).toEqual(countsOf(expected));
        expect(merged.count).toBe(expected.count);
        if (samples.length === 0) return;
        expect([merged.min, merged.max]).toEqual([expected.min, expected.max]);
        expect(Math.abs(merged.sum - expected.sum)).toBeLessThan(1e-6 * (1 + expected.sum));
      }),
      { numRuns: 150, seed: seedOf('merging in any order') },
    );
  });

  it('merges what was merged before, as a monitor between leaf and root does', () => {
    const middle = new Root();
    const leaf = new Leaf('a').record(10.3, 500.7);
    middle.merge(leaf.export());
    middle.merge(leaf.record(10.4, 499, 499.5).export());
    const reader = new ReaderDouble();
    const series = reader.add('ask', 'ms', []);
    series.lifetime = () => middle.get('ask');
    const root = new Root();
    expect(root.merge(exportSeries(reader, 'middle'))).toEqual({ added: 5, skipped: 0 });
  });
});
