import type { LeakKind, LeakReport } from './leak-report.js';
import type { RankTrend } from './rank-trend.js';

/**
 * Why nothing is reported:
 *
 * - `insufficient`: too few major collections in the window (`points`), or they stand in too small a part of it (`time`)
 * - `flat`: it does not rise, or not for sure
 * - `noisy`: it seems to rise by enough, but goes up and down too much to be sure
 * - `small`: it rises for sure, by less than counts
 * - `recent`: it rises for sure and by enough, but not yet for two windows, and a limit is more than 48 windows away
 * - `registered`: what is registered says that it holds so much more
 * - `refilling`: it was about as high before, and came down again
 * - `step`: a jump, or two or three, level between them, explain it better than a straight line, and no such jumps go on
 * - `warming-up`: the rise is coming to its end
 */
export type LeakDoubt =
  | { readonly kind: 'insufficient'; readonly why: 'points' | 'time' }
  | { readonly kind: 'flat' | 'noisy' | 'small' | 'recent' | 'registered' | 'refilling' | 'step' | 'warming-up' };

/** What is thought of a series. */
export type SeriesVerdict = LeakDoubt | { readonly kind: 'leak'; readonly trend: SeriesTrend };

/** What is thought of what is alive, with the reason where nothing is reported. */
export type LeakVerdict = LeakDoubt | { readonly kind: 'leak'; readonly report: LeakReport };

/** Of the heap, and of what its objects hold outside of it. */
export type LeakVerdicts = Readonly<Record<LeakKind, LeakVerdict>>;

/** A rise that has no harmless explanation. */
export interface SeriesTrend extends Pick<RankTrend, 'slope' | 'lowest' | 'highest' | 'confidence'> {
  /** Rise from the first point to the last, as a share of what was there at the first. */
  readonly growth: number;
  /** Major collections. */
  readonly collections: number;
  /** From the first point to the last. */
  readonly spanMs: number;
}
