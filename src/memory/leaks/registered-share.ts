import type { LiveSlot } from './live-slots.js';
import { type RankTrend, rankTrend } from './rank-trend.js';

/** Bytes that one byte of what is registered may stand for: it estimates what it holds, and is off by a quarter at most as a rule. */
const BYTES_PER_REGISTERED = 4 / 3;

/** What is left of a figure without what is registered: a cache that fills is no leak, and is trimmed when memory is short. */
export function withoutRegistered({ value, registered }: LiveSlot): number {
  return value - BYTES_PER_REGISTERED * registered;
}

/** The trend of what is left; `undefined` where what is registered stays as it is. */
export function unregistered(points: readonly LiveSlot[], sureness: number): RankTrend | undefined {
  const first = points[0]?.registered;
  if (points.every(({ registered }) => registered === first)) return undefined;
  const rest = points.map((point) => ({ atMs: point.atMs, value: withoutRegistered(point) }));
  return rankTrend(rest, sureness);
}
