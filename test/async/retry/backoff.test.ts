import { describe, expect, it } from 'vitest';
import { fullJitter } from '../../../src/async/retry/backoff.js';
import { SeededRandom, seedOf } from '../../random.js';

describe('fullJitter', () => {
  it('doubles its bound with each attempt, up to the longest wait', () => {
    const nearlyOne = (): number => 1 - 2 ** -20;
    const bounds = [1, 2, 3, 4, 5, 6].map((attempt) => Math.round(fullJitter(attempt, 500, 6_000, nearlyOne)));
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 6_000, 6_000]);
    expect(Math.round(fullJitter(5_000, 500, 6_000, nearlyOne))).toBe(6_000);
    expect(fullJitter(3, 500, 6_000, () => 0)).toBe(0);
  });

  it('is uniform below its bound', () => {
    const random = new SeededRandom(seedOf('uniform jitter'));
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) tenths[Math.floor(fullJitter(2, 50, 1_000, () => random.next()) / 10)]!++;
    // 2,000 each: 6 standard deviations are 255.
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(255);
  });

  it('waits not at all with a backoff of 0', () => {
    expect(fullJitter(4, 0, 1_000, () => 0.9)).toBe(0);
  });
});
