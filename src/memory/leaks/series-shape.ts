import { rankTrend, type TimedValue } from './rank-trend.js';

/** A rise that is made of up to this many jumps is no trend. */
const MOST_JUMPS = 3;
/** Points to one jump, at least: fewer would be explained by jumps alone, whatever they are. */
const POINTS_PER_JUMP = 4;

/**
 * Whether one to three jumps, level between them, explain the points better than a straight line.
 *
 * Source: least squares over all places of the jumps (Bellman 1961), compared by the Bayesian information criterion (Schwarz 1978).
 *
 * @param grain - differences below it are no differences
 */
export function isStepped(points: readonly TimedValue[], grain: number): boolean {
  const n = points.length;
  const score = (squares: number, parameters: number): number =>
    n * Math.log(squares / n + grain * grain) + parameters * Math.log(n);
  const line = score(lineSquares(points), 2);
  const levels = levelSquares(points.map(({ value }) => value));
  for (let jumps = 1; jumps <= MOST_JUMPS && jumps * POINTS_PER_JUMP <= n; jumps++) {
    // A level more for each jump, and its place.
    if (score(levels[jumps]!, 2 * jumps + 1) < line) return true;
  }
  return false;
}

/** Slope of the second half as a share of that of the first: 1 on a straight line, towards 0 where growth comes to its end. */
export function lateShare(points: readonly TimedValue[]): number {
  const middle = Math.floor(points.length / 2);
  const early = rankTrend(points.slice(0, points.length - middle), 0.5).slope;
  const late = rankTrend(points.slice(middle), 0.5).slope;
  if (late <= 0) return 0;
  return early <= 0 ? Number.POSITIVE_INFINITY : late / early;
}

function lineSquares(points: readonly TimedValue[]): number {
  const n = points.length;
  const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / n;
  let across = 0;
  let together = 0;
  let up = 0;
  for (const { atMs, value } of points) {
    across += (atMs - meanAt) ** 2;
    together += (atMs - meanAt) * (value - mean);
    up += (value - mean) ** 2;
  }
  return across === 0 ? up : Math.max(0, up - together ** 2 / across);
}

/** Squares about the best levels: at index `j` of `j` jumps. */
function levelSquares(values: readonly number[]): number[] {
  const n = values.length;
  const about = (from: number, to: number): number => {
    const part = values.slice(from, to);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  // best[to]: of the first `to` values, with the jumps so far.
  let best = Array.from({ length: n + 1 }, (_, to) => (to === 0 ? Number.POSITIVE_INFINITY : about(0, to)));
  const found = [best[n]!];
  for (let jumps = 1; jumps <= MOST_JUMPS; jumps++) {
    const fewer = best;
    best = fewer.map((_, to) => {
      let least = Number.POSITIVE_INFINITY;
      for (let from = jumps; from < to; from++) least = Math.min(least, fewer[from]! + about(from, to));
      return least;
    });
    found.push(best[n]!);
  }
  return found;
}
