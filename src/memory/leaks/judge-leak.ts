import { judgeJumps } from './judge-jumps.js';
import { judgeSpan } from './judge-span.js';
import type { SeriesVerdict } from './leak-verdict.js';
import { coarser, type LiveSlot, SLOTS_PER_WINDOW } from './live-slots.js';

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
  /** What is remembered of the time before the window: the stretches, and the outline of the time before those. */
  readonly before?: readonly LiveSlot[];
  readonly outline?: readonly LiveSlot[];
  /** Bytes that count as there at the beginning besides the series' own. */
  readonly besides?: number;
  /** Bytes that may be added before a limit is reached. Asked where something rises for sure. Without it a limit is near. */
  readonly left?: () => number;
}

/** A series under judgement, with all that is remembered of it. */
export interface JudgedSeries {
  readonly settings: JudgeSettings;
  readonly besides: number;
  readonly left: () => number;
  /** Oldest first. */
  all(): readonly LiveSlot[];
}

/** Windows that are judged as one besides: what is slow, comes in bursts, or hides below a sawtooth shows in the longer ones. */
const LONGER = [4, 16];

/**
 * Judges the stretches of a window, and with those before it four windows and sixteen; then it looks for jumps that repeat. The first of
 * them that is a leak says so; if none is, the verdict is that on the shortest time there is enough of. Some hundredths of a
 * millisecond.
 */
export function judgeLeak(
  points: readonly LiveSlot[],
  settings: JudgeSettings,
  { before = [], outline = [], besides = 0, left = () => 0 }: JudgeContext = {},
): SeriesVerdict {
  const last = points.at(-1);
  if (!last) return { kind: 'insufficient', why: 'points' };
  const series: JudgedSeries = { settings, besides, left, all: () => [...outline, ...before, ...points] };
  const earlier = before.slice(-SLOTS_PER_WINDOW).filter(({ slot }) => slot > last.slot - 2 * SLOTS_PER_WINDOW);
  let verdict = judgeSpan(series, { windows: 1, points, earlier });
  const remembered = [...before, ...points];
  for (const windows of LONGER) {
    if (verdict.kind === 'leak') return verdict;
    const slots = coarser(remembered, windows);
    const found = judgeSpan(series, {
      windows,
      points: slots.filter(({ slot }) => slot > -SLOTS_PER_WINDOW),
      earlier: slots.filter(({ slot }) => slot <= -SLOTS_PER_WINDOW && slot > -2 * SLOTS_PER_WINDOW),
    });
    if (found.kind === 'leak' || (verdict.kind === 'insufficient' && found.kind !== 'insufficient')) verdict = found;
  }
  // Of few points each rise is a jump.
  if (verdict.kind === 'leak' || verdict.kind === 'insufficient') return verdict;
  return judgeJumps(series) ?? verdict;
}
