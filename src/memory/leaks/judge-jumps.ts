import { roseBefore } from './earlier-rise.js';
import type { JudgedSeries } from './judge-leak.js';
import { isSureRise, LEAST_RISE_BYTES } from './judge-span.js';
import type { SeriesVerdict } from './leak-verdict.js';
import { type LiveSlot, SLOTS_PER_WINDOW } from './live-slots.js';
import { rankTrend, type TimedValue } from './rank-trend.js';
import { withoutRegistered } from './registered-share.js';
import { repeatedJumps } from './repeated-jumps.js';

/** Of the growth that counts: the least that the last jump has to add. */
const LEAST_JUMP = 0.3;

/** Looks for jumps that repeat in all that is remembered. Returns `undefined` where there is no leak of that kind. */
export function judgeJumps({ settings, besides, ...series }: JudgedSeries): SeriesVerdict | undefined {
  const all = series.all();
  const last = all.at(-1)!;
  const leastBytes = Math.max(LEAST_RISE_BYTES, LEAST_JUMP * settings.growth * (last.value + besides));
  const points = repeatedJumps(all, { windowMs: settings.windowMs, leastBytes });
  const first = points?.[0];
  if (!points || !first) return undefined;
  const from = first.value;
  const least = settings.growth * (from + besides);
  if (withoutRegistered(last) - withoutRegistered(first) < least) return undefined;
  const trend = rankTrend(evenly(points), settings.confidence);
  if (!isSureRise(trend, settings)) return undefined;
  const spanMs = last.atMs - first.atMs;
  if (roseBefore(all, { from, to: last.value, tookMs: spanMs })) return undefined;
  const { slope, lowest, highest, confidence } = trend;
  const collections = points.reduce((sum, point) => sum + point.collections, 0);
  const growth = (slope * spanMs) / Math.max(1, from + besides);
  return { kind: 'leak', trend: { slope, lowest, highest, confidence, growth, collections, spanMs } };
}

/** What was alive at equal times, as many as a window has. */
function evenly(points: readonly LiveSlot[]): TimedValue[] {
  const startMs = points[0]!.atMs;
  const stepMs = (points.at(-1)!.atMs - startMs) / (SLOTS_PER_WINDOW - 1);
  let index = 0;
  return Array.from({ length: SLOTS_PER_WINDOW }, (_, i) => {
    const atMs = startMs + i * stepMs;
    while (index + 1 < points.length && points[index + 1]!.atMs <= atMs) index++;
    return { atMs, value: points[index]!.value };
  });
}
