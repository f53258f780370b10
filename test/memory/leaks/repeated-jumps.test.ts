import { expect, it } from 'vitest';
import { repeatedJumps } from '../../../src/memory/leaks/repeated-jumps.js';

/** Points a second apart, in a window of 16 s. */
function jumpsOf(values: readonly number[]): number | undefined {
  const points = values.map((value, slot) => ({ atMs: slot * 1_000, value, registered: 0, collections: 1, slot }));
  return repeatedJumps(points, { windowMs: 16_000, leastBytes: 3 })?.[0]?.atMs;
}

const levels = (...parts: readonly (readonly [value: number, times: number])[]): number[] =>
  parts.flatMap(([value, times]) => Array.from({ length: times }, () => value));

it.each<[string, readonly number[], number | undefined]>([
  ['four at one pace', levels([10, 5], [20, 5], [30, 5], [40, 5], [50, 5]), 4_000],
  ['four of five', levels([0, 5], [10, 5], [20, 5], [30, 5], [40, 5], [50, 5]), 9_000],
  ['four, each twice as high and late', levels([10, 5], [20, 5], [40, 10], [80, 20], [160, 14]), 4_000],
  ['three', levels([10, 5], [20, 5], [30, 5], [40, 5]), undefined],
  ['four that are not kept', levels([10, 5], [20, 5], [30, 5], [20, 5], [30, 5], [20, 5], [30, 5]), undefined],
  ['four that have stopped', levels([10, 5], [20, 5], [30, 5], [40, 5], [50, 14]), undefined],
  ['four of which one is late', levels([10, 5], [20, 5], [30, 5], [40, 15], [50, 5]), undefined],
  ['four long ago', levels([10, 5], [20, 9], [30, 9], [40, 9], [50, 18]), undefined],
  ['a rise without any', Array.from({ length: 30 }, (_, i) => 4 * i), undefined],
  ['nothing', [], undefined],
])('of jumps, %s repeat: ', (_, values, from) => {
  expect(jumpsOf(values)).toBe(from);
});
