import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MonitorExport } from '../../src/monitor/exports/histogram-export.js';
import { seedOf } from '../random.js';
import { countsOf, Leaf, Root } from './merge-world.js';
import { distributionOf } from './reader-double.js';

describe('merging', () => {
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
});
