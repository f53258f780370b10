import { describe, expect, it } from 'vitest';
import {
  median,
  normalQuantile,
  normalShare,
  rankTrend,
  type TimedValue,
} from '../../../src/memory/leaks/rank-trend.js';
import { SeededRandom, seedOf } from '../../random.js';

const at = (values: readonly number[]): TimedValue[] => values.map((value, i) => ({ atMs: 1_000 * i, value }));

describe('the trend of points', () => {
  it('is the median of all slopes, and sure where all rise', () => {
    const { slope, lowest, highest, confidence, valueAt } = rankTrend(at([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 0.95);
    expect([slope, lowest, highest]).toEqual([0.001, 0.001, 0.001]);
    expect(valueAt(20_000)).toBeCloseTo(20);
    // 45 pairs rise, variance 125: z = 44 / 11.18.
    expect(confidence).toBeCloseTo(normalShare(44 / Math.sqrt(125)), 10);
  });

  it('is not moved by a third of wild points', () => {
    const values = Array.from({ length: 15 }, (_, i) => (i % 5 === 2 ? 1_000 : 10 * i));
    expect(rankTrend(at(values), 0.95).slope).toBeCloseTo(0.01, 3);
  });

  it('has the interval of Sen for a hand-worked case', () => {
    // 6 points, 15 slopes, variance 28.33: with 0.95 at each end the interval reaches from slope 3.1 to 11.9 of the 15.
    const { lowest, highest } = rankTrend(at([2, 1, 4, 3, 6, 5]), 0.95);
    const slopes: number[] = [];
    const values = [2, 1, 4, 3, 6, 5];
    values.forEach((a, i) => {
      values.slice(i + 1).forEach((b, j) => void slopes.push((b - a) / (j + 1) / 1_000));
    });
    slopes.sort((a, b) => a - b);
    expect([lowest, highest]).toEqual([slopes[2], slopes[12]]);
  });

  it('has no end where there are too few points for that sureness', () => {
    const { lowest, highest } = rankTrend(at([1, 2, 3]), 0.99);
    expect([lowest, highest]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('says nothing of equal values, of one, and of none', () => {
    expect(rankTrend(at([5, 5, 5, 5, 5]), 0.95)).toMatchObject({ slope: 0, confidence: 0 });
    expect(rankTrend(at([5]), 0.95)).toMatchObject({ slope: 0, confidence: 0 });
    expect(rankTrend([], 0.95)).toMatchObject({ slope: 0, confidence: 0 });
  });

  it('is as sure of a fall as it is unsure of a rise', () => {
    const up = rankTrend(at([1, 3, 2, 5, 4, 6]), 0.95);
    const down = rankTrend(at([6, 4, 5, 2, 3, 1]), 0.95);
    expect(up.confidence + down.confidence).toBeCloseTo(1, 6);
    expect(down.slope).toBeLessThan(0);
  });

  it('is less sure where points near each other hang together', () => {
    const alternating = [0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13];
    const waves = [0, 3, 5, 6, 6, 5, 5, 6, 8, 11, 13, 14];
    expect(rankTrend(at(waves), 0.95).confidence).toBeLessThan(rankTrend(at(alternating), 0.95).confidence);
  });

  it('holds the true slope as often as it says', () => {
    const random = new SeededRandom(seedOf('interval of the trend'));
    let held = 0;
    const runs = 3_000;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 16 }, (_, i) => i + 8 * (random.next() + random.next() + random.next()));
      const { lowest, highest } = rankTrend(at(values), 0.975);
      if (lowest <= 0.001 && highest >= 0.001) held++;
    }
    expect(held / runs).toBeGreaterThan(0.93);
    expect(held / runs).toBeLessThan(0.999);
  });

  it('holds the true slope less often where what points stray by lasts, and far more often than if that were not seen', () => {
    const random = new SeededRandom(seedOf('interval of the trend of points that hang together'));
    let held = 0;
    const runs = 3_000;
    for (let run = 0; run < runs; run++) {
      let strayed = 0;
      const values = Array.from({ length: 16 }, (_, i) => {
        strayed = 0.5 * strayed + random.next() + random.next() + random.next() - 1.5;
        return i + 8 * strayed;
      });
      const { lowest, highest } = rankTrend(at(values), 0.975);
      if (lowest <= 0.001 && highest >= 0.001) held++;
    }
    // 93.7 %; 81 % if that were not seen.
    expect(held / runs).toBeGreaterThan(0.91);
  });
});

it('the normal distribution is that of the tables', () => {
  expect(normalShare(0)).toBeCloseTo(0.5, 6);
  expect(normalShare(1.959964)).toBeCloseTo(0.975, 6);
  expect(normalShare(-2.326348)).toBeCloseTo(0.01, 6);
  for (const share of [0.6, 0.9, 0.975, 0.995, 0.9999])
    expect(normalShare(normalQuantile(share))).toBeCloseTo(share, 3);
});

it('the median of an even number is between the two in the middle', () => {
  expect([median([]), median([3]), median([4, 1, 3, 2])]).toEqual([0, 3, 2.5]);
});
