import { describe, expect, it } from 'vitest';
import { exportSeries } from '../../src/monitor/exports/histogram-export.js';
import type { FindMergeTarget } from '../../src/monitor/exports/merge-book.js';
import { countsOf, Leaf, Root } from './merge-world.js';
import { distributionOf, fullReader, ReaderDouble } from './reader-double.js';

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
    expect(added[3]).toEqual({ sum: added[3]!.sum, min: added[3]!.sum, max: added[3]!.sum });
    root.book.merge(leaf.record(99.9, 99.9).export(), find);
    // Below the middle of their bucket, as their mean says.
    expect(added[4]!.min).toBeCloseTo(99.9, 9);
    expect(added).toHaveLength(5);
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
    const first = leaf.export();
    root.merge(first);
    leaf.reader.time -= 60_000;
    expect(root.merge(leaf.record(20).export())).toEqual({ added: 1, skipped: 0 });
    expect(root.merge(first)).toEqual({ added: 0, skipped: 0 });
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
