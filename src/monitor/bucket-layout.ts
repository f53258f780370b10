/**
 * The bucket layout of HdrHistogram at two significant digits: 256 sub-buckets in the first bucket, then 128 to each power of
 * two, so that no bucket is wider than 1/128 of its values and its middle is at most 0.4 % from any of them. Values are whole
 * steps (see {@link UNITS}). Source: https://github.com/HdrHistogram/HdrHistogram
 */

/** Buckets to each power of two. */
export const HALF = 128;
const MAGNITUDE = 7;
const FIRST_MASK = 2 * HALF - 1;
/** Leading zeros of the largest value of the first bucket. */
const BASE_ZEROS = 24;
const TWO_32 = 2 ** 32;
/** How far values of 32 bits and more are shifted to be looked up as smaller ones. */
const SHIFT = 16;
const TWO_SHIFT = 2 ** SHIFT;

/** The largest value that is told apart, in steps (in microseconds: 8.9 years). Larger ones count as this. */
export const HIGHEST: number = 2 ** 48 - 1;

/** The bucket of a value, 0 to {@link HIGHEST} steps; fractions of a step are cut off. */
export function bucketOf(steps: number): number {
  if (steps < TWO_32) {
    const n = steps >>> 0;
    const power = BASE_ZEROS - Math.clz32(n | FIRST_MASK);
    return (power << MAGNITUDE) + (n >>> power);
  }
  return (SHIFT << MAGNITUDE) + bucketOf(steps / TWO_SHIFT);
}

/** Buckets there are in all. */
export const BUCKETS: number = bucketOf(HIGHEST) + 1;

/** The smallest value of a bucket, in steps. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF) return bucket;
  return (HALF + (bucket % HALF)) * 2 ** (Math.floor(bucket / HALF) - 1);
}

/** How many values, in steps, share a bucket. */
export function widthOf(bucket: number): number {
  return bucket < 2 * HALF ? 1 : 2 ** (Math.floor(bucket / HALF) - 1);
}

/** The value that stands for a bucket: its middle, in steps. */
export function middleOf(bucket: number): number {
  return lowestOf(bucket) + Math.floor(widthOf(bucket) / 2);
}
