import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import type { MonitorReader } from '../monitor-reader.js';

/** What a page asked to see. */
export interface DashboardView {
  /** What charts and figures cover. Up to five coarse slots are shown as fine ones. */
  readonly windowMs: number;
  /** Names beside the most-used ones; ten at the most. */
  readonly series: readonly string[];
}

const MOST_ASKED = 10;
const LONGEST_NAME = 200;

/** Five coarse slots in fine ones, and the most-used names: what a page without wishes sees. */
export function defaultView(reader: MonitorReader): DashboardView {
  return { windowMs: 5 * reader.coarseMs, series: [] };
}

/**
 * Reads `?window=1h&series=a,b`. A window longer than the monitor's own is that one.
 *
 * @throws InvalidOptionError for what is no duration, and for too many or too long names
 */
export function viewOf(query: URLSearchParams, reader: MonitorReader): DashboardView {
  return { windowMs: windowOf(query.get('window'), reader), series: namesOf(query.getAll('series')) };
}

/** What lies between two points of a view's charts. */
export function pointMsOf(windowMs: number, reader: MonitorReader): number {
  return windowMs <= 5 * reader.coarseMs ? reader.slotMs : reader.coarseMs;
}

function windowOf(text: string | null, reader: MonitorReader): number {
  if (text === null) return defaultView(reader).windowMs;
  const asked = toMs('window', text as Duration, { zero: false });
  return Math.min(Math.max(asked, reader.slotMs), reader.windowMs);
}

function namesOf(lists: readonly string[]): readonly string[] {
  const names = new Set(lists.flatMap((list) => list.split(',')).filter((name) => name !== ''));
  if (names.size > MOST_ASKED) throw new InvalidOptionError('series', `${MOST_ASKED} names at the most`, names.size);
  for (const name of names) {
    if (name.length > LONGEST_NAME) {
      throw new InvalidOptionError('series', `names of at most ${LONGEST_NAME} characters`, name.length);
    }
  }
  return [...names];
}
