import { describe, expect, it } from 'vitest';
import { Distribution } from '../../src/monitor/distribution.js';
import type { Series } from '../../src/monitor/series.js';
import type { Unit } from '../../src/monitor/unit.js';
import { SeededRandom, seedOf } from '../random.js';
import { seriesWorld } from './series-world.js';

function recorded(values: readonly number[], unit: Unit = 'ms'): Series {
  const series = seriesWorld().book.get('ask', undefined, unit);
  for (const value of values) series.record(value);
  return series;
}

/** By nearest rank, of the values themselves. */
function exact(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

const SHARES = [0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

describe('percentiles', () => {
  const random = new SeededRandom(seedOf('percentiles'));
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const shapes: Record<string, () => number> = {
    'log-uniform': () => Math.exp(random.next() * Math.log(1e7)) * 0.2,
    bimodal: () => (random.chance(0.7) ? 2 + random.next() : 900 + 300 * random.next()),
    'heavy-tailed (Pareto)': () => 5 / (1 - random.next()) ** (1 / 1.1),
    'log-normal': () => Math.exp(7 + normal()),
  };

  it.each(Object.entries(shapes))('of %s data are within 0.5 % of the exact ones', (_, draw) => {
    const values = Array.from({ length: 50_000 }, draw);
    const all = recorded(values).lifetime();
    for (const share of SHARES) {
      const expected = exact(values, share);
      expect(Math.abs(all.percentile(share)! / expected - 1), `p${share * 100} ${expected}`).toBeLessThanOrEqual(0.005);
    }
  });

  it('of ratios below 1 are right', () => {
    const values = Array.from({ length: 20_000 }, () => 0.001 + 0.999 * random.next());
    const all = recorded(values, 'ratio').lifetime();
    for (const share of SHARES) {
      expect(Math.abs(all.percentile(share)! / exact(values, share) - 1)).toBeLessThanOrEqual(0.005);
    }
    expect(recorded([0.29], 'ratio').lifetime().percentile(0.5)).toBe(0.29);
    expect(recorded([0], 'ratio').lifetime().percentile(0.5)).toBe(0);
  });

  it('of counts are whole where the counts are, and fractions where they are not', () => {
    for (const value of [0, 1, 2, 3, 7, 100, 127, 128, 129, 255, 256, 1_000]) {
      const series = recorded([value, value, 0, 2 * value + 5], 'count');
      expect(series.lifetime().percentile(0.5), String(value)).toSatisfy(
        (read: number) => Number.isInteger(read) && Math.abs(read - value) <= 0.005 * value,
      );
    }
    expect(recorded([0.25, 0.87, 0.99], 'count').lifetime().percentile(0.5)).toBeCloseTo(0.87, 2);
    const single = recorded([812_345], 'count').lifetime();
    expect(single.percentile(0.95)).toBe(812_345);
  });

  it('of bytes reach beyond 32 bits', () => {
    const all = recorded([3 * 2 ** 40, 2 ** 33, 17], 'bytes').lifetime();
    expect(all.percentile(1)).toBe(3 * 2 ** 40);
    expect(Math.abs(all.percentile(0.5)! / 2 ** 33 - 1)).toBeLessThan(0.005);
    expect(all.percentile(0.1)).toBe(17);
  });

  it('never lie outside of smallest and largest value, which are exact', () => {
    const all = recorded([1.2345, 1.2346]).lifetime();
    expect([all.min, all.max, all.sum]).toEqual([1.2345, 1.2346, 1.2345 + 1.2346]);
    for (const share of SHARES) expect(all.percentile(share)).toSatisfy((p: number) => p >= 1.2345 && p <= 1.2346);
  });

  it('of nothing are null', () => {
    expect(new Distribution('ms').percentile(0.95)).toBeNull();
    expect(new Distribution('ms').mean).toBeNull();
  });
});

describe('a series', () => {
  it('counts values that are none as rejected, and records the others', () => {
    const series = recorded([Number.NaN, -1, -1e-9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5]);
    series.record('7' as never);
    series.record(undefined as never);
    expect([series.rejected, series.count, series.lifetime().sum]).toEqual([7, 1, 5]);
    expect(series.lifetime().max).toBe(5);
  });

  it('counts values past its range as the highest, and says so', () => {
    const series = recorded([1e300, 1]);
    expect([series.clamped, series.rejected, series.count]).toEqual([1, 0, 2]);
    expect(series.lifetime().max).toBeCloseTo((2 ** 48 - 1) / 1_000, 0);
  });

  it('counts what is above the target exactly, of the operation alone', () => {
    const { book } = seriesWorld({ target: 3_000 });
    const request = book.get('request', undefined, 'ms');
    const other = book.get('ask', undefined, 'ms');
    for (const value of [2_999.999, 3_000, 3_000.001, 9_000]) {
      request.record(value);
      other.record(value);
    }
    expect([request.overTarget, other.overTarget]).toEqual([2, 0]);
  });

  it('counts how many values are at most one of them', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => i + 1);
    const all = recorded(values).lifetime();
    for (const value of [0.5, 1, 10, 500, 999, 1_000, 5_000]) {
      const expected = values.filter((each) => each <= value).length;
      expect(Math.abs(all.atMost(value) - expected)).toBeLessThanOrEqual(0.008 * expected);
    }
  });

  it('records nothing while its gate is shut', () => {
    const { book, gate } = seriesWorld();
    const series = book.get('ask', undefined, 'ms');
    gate.open = false;
    series.record(5);
    series.record(Number.NaN);
    expect([series.count, series.rejected]).toEqual([0, 0]);
  });

  it('takes in what another process has counted', () => {
    const one = recorded([1, 10, 4_000]);
    const { book } = seriesWorld();
    const other = book.get('request', undefined, 'ms');
    other.record(2);
    const buckets = new Map<number, number>();
    const all = one.lifetime();
    all.forEachBucket((bucket, count) => buckets.set(bucket, count));
    other.addBuckets(buckets, all.sum, all.min, all.max);
    const merged = other.lifetime();
    expect([merged.count, merged.sum, merged.min, merged.max, other.overTarget]).toEqual([4, 4_013, 1, 4_000, 1]);
  });
});
