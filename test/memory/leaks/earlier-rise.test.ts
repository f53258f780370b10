import { describe, expect, it } from 'vitest';
import { roseBefore } from '../../../src/memory/leaks/earlier-rise.js';

/** Values a second apart, that come to a rise from 0 to 8 in 8 s. */
function isExcused(before: readonly number[]): boolean {
  const values = [...before, 0, 1, 2, 3, 4, 5, 6, 7, 8];
  const points = values.map((value, i) => ({ atMs: i * 1_000, value }));
  return roseBefore(points, { from: 0, to: 8, tookMs: 8_000 });
}

const LEVEL: readonly number[] = Array.from({ length: 20 }, () => 0);

describe('an earlier rise', () => {
  it.each<[string, readonly number[], boolean]>([
    ['to the same height in the same time', [0, 1, 2, 3, 4, 5, 6, 7, 8], true],
    ['in half the time', [0, 2, 4, 6, 8], true],
    ['in twice the time', Array.from({ length: 17 }, (_, i) => i / 2), true],
    ['that stayed there for long', [0, 2, 4, 6, ...LEVEL.map(() => 8)], true],
    ['to three quarters of it', [0, 1, 2, 3, 4, 5, 6], true],
    ['far beyond it', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], true],
    ['to half of it', [0, 1, 2, 3, 4], false],
    ['in a jump', [0, 0, 9, 9, 9], false],
    ['in four times the time', Array.from({ length: 33 }, (_, i) => i / 4), false],
    ['that there was none of', [], false],
  ])('%s excuses it: ', (_, rise, excuses) => {
    expect(isExcused([...LEVEL, ...rise, ...LEVEL])).toBe(excuses);
  });

  it('excuses nothing while it has not come down', () => {
    const values = [...LEVEL, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8];
    const points = values.map((value, i) => ({ atMs: i * 1_000, value }));
    expect(roseBefore(points, { from: 0, to: 8, tookMs: 8_000 })).toBe(false);
  });

  it('that all began with excuses one soon after, and none later', () => {
    expect(isExcused([8, 8, 8, 8])).toBe(true);
    expect(isExcused([5, 6, 7, 8])).toBe(true);
    expect(isExcused([8, 8, 8, 8, ...LEVEL])).toBe(false);
    expect(isExcused([4, 4, 4, 4])).toBe(false);
  });
});
