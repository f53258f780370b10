import { expect, it } from 'vitest';
import { SeriesOutline } from '../../../src/memory/leaks/series-outline.js';
import { SeededRandom, seedOf } from '../../random.js';

const outlineOf = (values: readonly number[], most: number): number[][] => {
  const outline = new SeriesOutline(most);
  values.forEach((value, atMs) => {
    outline.add({ atMs, value });
  });
  return outline.points.map(({ atMs, value }) => [atMs, value]);
};

it('an outline has every point as long as there is room', () => {
  expect(outlineOf([1, 5, 2], 3)).toEqual([
    [0, 1],
    [1, 5],
    [2, 2],
  ]);
});

it('an outline leaves out what lies on a line, and keeps corners', () => {
  const values = [0, 0, 0, 0, 0, 10, 10, 10, 10, 8, 6, 4, 2, 0, 0, 0];
  expect(outlineOf(values, 6)).toEqual([
    [0, 0],
    [4, 0],
    [5, 10],
    [8, 10],
    [13, 0],
    [15, 0],
  ]);
});

it('an outline of a long series is bounded, in order, and near to it', () => {
  const random = new SeededRandom(seedOf('outline'));
  const wave = (at: number): number => 100 * Math.sin(at / 500);
  const points = outlineOf(
    Array.from({ length: 10_000 }, (_, at) => wave(at) + random.next()),
    100,
  );
  expect(points).toHaveLength(100);
  points.forEach(([at], i) => void expect(at).toBeGreaterThan(points[i - 1]?.[0] ?? -1));
  let furthest = 0;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    const middle = (from[0]! + to[0]!) / 2;
    furthest = Math.max(furthest, Math.abs((from[1]! + to[1]!) / 2 - wave(middle)));
  }
  expect(furthest).toBeLessThan(10);
});
