import { roseBefore } from './earlier-rise.js';
import type { JudgedSeries, JudgeSettings } from './judge-leak.js';
import type { SeriesVerdict } from './leak-verdict.js';
import type { LiveSlot } from './live-slots.js';
import { median, type RankTrend, rankTrend } from './rank-trend.js';
import { unregistered } from './registered-share.js';
import { isStepped, lateShare } from './series-shape.js';

/** One window, or several judged as one. */
export interface JudgedSpan {
  readonly windows: number;
  /** Oldest first, at most some dozen. */
  readonly points: readonly LiveSlot[];
  /** Of the same time before, as far as it is remembered. */
  readonly earlier: readonly LiveSlot[];
}

/** Fewer stretches of the time judged than this with a point are no series. */
const LEAST_SLOTS = 6;
/** Part of that time that has to lie between the first point and the last. */
const LEAST_SPAN = 0.6;
/** Less is compiled code and the like, and of no consequence. */
export const LEAST_RISE_BYTES: number = 2 ** 20;
/** Of the growth that counts: what is judged over several windows adds this much in each of them. A load that follows the day adds less. */
const LEAST_PACE = 0.4;
/** The same where a limit is soon reached. */
const LEAST_PACE_NEAR = 0.2;
/** Windows until a limit is reached: soon. What leaves more time is told of when it has gone on for two windows. */
const SOON = 48;
/** Growth that has this share of its former pace in the second half, or after as long a time again, is not coming to its end. */
const LEAST_LATE_SHARE = 0.6;
/** Of the pace: what rose by less in the window before has only just begun. */
const LEAST_EARLY_SHARE = 0.25;
/** Of the growth that counts: with less between the first third and the last of a longer time, the dear figures are not worth it. */
const HINT = 0.3;
/** Of the rise: what is smaller is as good as equal when jumps are looked for. */
const GRAIN = 0.01;

/** Judges the points of one stretch of time. */
export function judgeSpan(series: JudgedSeries, { windows, points, earlier }: JudgedSpan): SeriesVerdict {
  const { settings } = series;
  const collections = points.reduce((sum, point) => sum + point.collections, 0);
  if (collections < settings.minPoints) return { kind: 'insufficient', why: 'points' };
  const spanMs = spanOf(points);
  if (points.length < LEAST_SLOTS || spanMs < LEAST_SPAN * windows * settings.windowMs) {
    return { kind: 'insufficient', why: 'time' };
  }
  if (windows > 1 && thirdsRise(points) < leastGrowth(settings.growth, windows, true) * HINT * points[0]!.value) {
    return { kind: 'flat' };
  }
  const trend = rankTrend(points, settings.confidence);
  const { slope, lowest, highest, valueAt, confidence } = trend;
  const isSure = isSureRise(trend, settings);
  const rise = slope * spanMs;
  const from = valueAt(points[0]!.atMs);
  const growth = rise / Math.max(1, from + series.besides);
  const left = isSure ? bytesLeft(series) : Number.POSITIVE_INFINITY;
  const isNear = left <= slope * SOON * settings.windowMs;
  const least = leastGrowth(settings.growth, windows, isNear);
  if (growth < least || rise < LEAST_RISE_BYTES) return { kind: isSure ? 'small' : 'flat' };
  if (isStepped(points, GRAIN * rise)) return { kind: 'step' };
  if (!isSure) return { kind: 'noisy' };
  const values = points.map(({ value }) => value);
  // The line begins below what is bent upwards, where nothing ever was.
  const heights = { from: Math.max(from, Math.min(...values)), to: Math.min(from + rise, Math.max(...values)) };
  if (roseBefore(series.all(), { ...heights, tookMs: spanMs })) return { kind: 'refilling' };
  const own = unregistered(points, settings.confidence);
  if (own && !(isSureRise(own, settings) && own.slope * spanMs >= rise * (least / growth)))
    return { kind: 'registered' };
  const isKnown = earlier.length >= LEAST_SLOTS && spanOf(earlier) >= LEAST_SPAN * windows * settings.windowMs;
  const past = isKnown ? rankTrend(earlier, settings.confidence) : undefined;
  const wentOn = past !== undefined && past.lowest > 0;
  if (lateShare(points) < LEAST_LATE_SHARE || (wentOn && slope < past.slope * LEAST_LATE_SHARE)) {
    return { kind: 'warming-up' };
  }
  const hasLasted = windows > 1 || (wentOn && past.slope >= slope * LEAST_EARLY_SHARE);
  if (!isNear && !hasLasted) return { kind: 'recent' };
  return { kind: 'leak', trend: { slope, lowest, highest, confidence, growth, collections, spanMs } };
}

/** A limit that cannot be read counts as near. Whoever reports what is found reads it again, and says what is wrong with it. */
function bytesLeft({ left }: JudgedSeries): number {
  try {
    return left();
  } catch {
    return 0;
  }
}

/** Whether values rise, and by more than nothing. */
export function isSureRise({ lowest, confidence }: RankTrend, settings: JudgeSettings): boolean {
  return lowest > 0 && confidence >= settings.confidence;
}

/** From the middle of the first third to that of the last. */
function thirdsRise(points: readonly LiveSlot[]): number {
  const third = Math.floor(points.length / 3);
  const middle = (part: readonly LiveSlot[]): number => median(part.map(({ value }) => value));
  return middle(points.slice(-third)) - middle(points.slice(0, third));
}

function leastGrowth(growth: number, windows: number, isNear: boolean): number {
  const pace = growth * windows * (isNear ? LEAST_PACE_NEAR : LEAST_PACE);
  return isNear ? Math.min(growth, pace) : Math.max(growth, pace);
}

function spanOf(points: readonly LiveSlot[]): number {
  return (points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0);
}
