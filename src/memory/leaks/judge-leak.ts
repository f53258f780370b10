import type { SeriesVerdict } from './leak-verdict.js';
import type { LiveSlot } from './live-slots.js';
import { rankTrend } from './rank-trend.js';
import { isRefilling, isStepped, lateShare } from './series-shape.js';

/** What a series is judged by. */
export interface JudgeSettings {
  readonly windowMs: number;
  /** Major collections in the window. */
  readonly minPoints: number;
  /** Share of what was there at the beginning. */
  readonly growth: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** What a series is compared with. */
export interface JudgeContext {
  /** What is remembered of the time before the window. */
  readonly before?: readonly LiveSlot[];
  /** Bytes that count as there at the beginning besides the series' own. */
  readonly besides?: number;
}

/** Fewer stretches of the window than this with a point are no series. */
const LEAST_SLOTS = 6;
/** Part of the window that has to lie between the first point and the last. */
const LEAST_SPAN = 0.6;
/** Less is compiled code and the like, and of no consequence. */
const LEAST_RISE_BYTES = 2 ** 20;
/** Growth that has this share of its former pace in the second half is not coming to its end. */
const LEAST_LATE_SHARE = 0.6;
/** Of the rise: what is smaller is as good as equal when jumps are looked for. */
const GRAIN = 0.01;

/** Judges the stretches of a window, at most some dozen. Below 0.1 ms. */
export function judgeLeak(
  points: readonly LiveSlot[],
  settings: JudgeSettings,
  { before = [], besides = 0 }: JudgeContext = {},
): SeriesVerdict {
  const collections = points.reduce((sum, point) => sum + point.collections, 0);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || collections < settings.minPoints) return { kind: 'insufficient', why: 'points' };
  const spanMs = last.atMs - first.atMs;
  if (points.length < LEAST_SLOTS || spanMs < LEAST_SPAN * settings.windowMs) {
    return { kind: 'insufficient', why: 'time' };
  }
  const { slope, lowest, highest, valueAt, confidence } = rankTrend(points, settings.confidence);
  const rise = slope * spanMs;
  const growth = rise / Math.max(1, valueAt(first.atMs) + besides);
  const isSure = lowest > 0 && confidence >= settings.confidence;
  if (growth < settings.growth || rise < LEAST_RISE_BYTES) return { kind: isSure ? 'small' : 'flat' };
  if (isStepped(points, GRAIN * rise)) return { kind: 'step' };
  if (!isSure) return { kind: 'noisy' };
  if (isRefilling(points, before, rise)) return { kind: 'refilling' };
  if (lateShare(points) < LEAST_LATE_SHARE) return { kind: 'warming-up' };
  return { kind: 'leak', trend: { slope, lowest, highest, confidence, growth, collections, spanMs } };
}
