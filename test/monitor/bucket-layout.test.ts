import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, HIGHEST, lowestOf, middleOf, widthOf } from '../../src/monitor/bucket-layout.js';
import { seedOf } from '../random.js';

const oracle = build({
  bitBucketSize: 'packed',
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST,
  numberOfSignificantValueDigits: 2,
}) as unknown as {
  countsArrayIndex(value: number): number;
  medianEquivalentValue(value: number): number;
  lowestEquivalentValue(value: number): number;
};

/** Values of every magnitude alike, the edges of powers of two more often. */
const steps = fc.oneof(
  fc.integer({ min: 0, max: 2_000 }),
  fc.double({ min: 0, max: 47.999, noNaN: true }).map((power) => Math.floor(2 ** power)),
  fc
    .tuple(fc.integer({ min: 0, max: 47 }), fc.integer({ min: -2, max: 2 }))
    .map(([power, off]) => Math.max(0, 2 ** power + off)),
);

describe('the bucket layout', () => {
  it('is that of HdrHistogram at two digits, over its whole range', () => {
    fc.assert(
      fc.property(steps, (value) => {
        const bucket = bucketOf(value);
        expect(bucket).toBe(oracle.countsArrayIndex(value));
        expect(lowestOf(bucket)).toBe(oracle.lowestEquivalentValue(value));
        expect(middleOf(bucket)).toBe(oracle.medianEquivalentValue(value));
      }),
      { numRuns: 20_000, seed: seedOf('bucket layout') },
    );
  });

  it('has buckets without gaps, each at most 1/128 of its values wide', () => {
    for (let bucket = 1; bucket < BUCKETS; bucket++) {
      expect(lowestOf(bucket)).toBe(lowestOf(bucket - 1) + widthOf(bucket - 1));
      expect(widthOf(bucket)).toBeLessThanOrEqual(Math.max(1, lowestOf(bucket) / 128));
    }
    expect(lowestOf(BUCKETS - 1) + widthOf(BUCKETS - 1)).toBe(HIGHEST + 1);
  });

  it('cuts fractions of a step off', () => {
    expect(bucketOf(0.5)).toBe(0);
    expect(bucketOf(1.999)).toBe(1);
    expect(bucketOf(2 ** 40 + 0.5)).toBe(bucketOf(2 ** 40));
  });
});
