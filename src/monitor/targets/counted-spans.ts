import type { DemandSlot, MonitorReader } from '../monitor-reader.js';
import { SLOTS } from '../slot-grid.js';

/** What requests are counted by. */
export type DemandReader = Pick<MonitorReader, 'demand' | 'timeline' | 'stats' | 'coarseMs'>;

/** Requests of about a minute, or of a coarse slot where that is longer, as they were counted. */
export interface CountedSpan {
  readonly ms: number;
  readonly started: number;
  /** Answered or failed. */
  readonly ended: number;
  readonly answered: number;
  /** Under way when it began. */
  readonly inFlight: number;
  /** The share of what began in it so long ago that it should have ended, and is still under way. */
  readonly overdueShare: number;
  /** Whether at least half of what was answered in it took at most {@link lateMs}; `null` when nothing was. */
  readonly isQuick: boolean | null;
  /**
   * The shortest time of an answer, less the longest time that none had begun lately: what is answered after such a pause are the
   * slow ones. And about the median. `null` when nothing was answered.
   */
  readonly quickestMs: number | null;
  readonly typicalMs: number | null;
}

const MINUTE = 60_000;
/** How long an answer may take before it is taken for one that waits, where nothing better is known. */
const PATIENCE_MS = 5 * MINUTE;
const ANSWERED = { error: '' };

/** How many slots make a span: rates a minute can't be told from less than about a minute. */
function slotsPerSpan(coarseMs: number): number {
  return Math.max(1, Math.ceil(MINUTE / coarseMs));
}

/** The length of a whole span. */
export function spanMs(coarseMs: number): number {
  return slotsPerSpan(coarseMs) * coarseMs;
}

/** A request that takes longer than this was not answered in the span in which it was asked for. */
export function lateMs(coarseMs: number): number {
  return spanMs(coarseMs) / 2;
}

/** A short window can't wait for five minutes, and in a long one half a span is longer. */
export function patienceMs(coarseMs: number): number {
  return Math.max(lateMs(coarseMs), Math.min(PATIENCE_MS, 0.9 * coarseMs * SLOTS));
}

/** The spans of the window, oldest first, the one under way last. */
export function countedSpans(reader: DemandReader, name: string): CountedSpan[] {
  const slots = reader.demand(name);
  const medianAt = medians(reader, name);
  const perSpan = slotsPerSpan(reader.coarseMs);
  const spans: CountedSpan[] = [];
  const { at = 0, ms = 0 } = slots.at(-1) ?? {};
  // Slots that had ended by then.
  const overdueBefore = at + ms - patienceMs(reader.coarseMs) - reader.coarseMs + 1;
  const pauseBefore = pauses(slots, patienceMs(reader.coarseMs));
  const looks = { medianAt, pauseBefore, late: lateMs(reader.coarseMs), overdueBefore };
  // From the end: the last minute is a whole one.
  for (let end = slots.length; end > 0; end -= perSpan) {
    spans.push(countedSpan(slots.slice(Math.max(0, end - perSpan), end), looks));
  }
  return spans.reverse();
}

interface Looks {
  readonly late: number;
  readonly overdueBefore: number;
  medianAt(at: number): number;
  pauseBefore(slot: DemandSlot): number;
}

function countedSpan(slots: readonly DemandSlot[], { medianAt, pauseBefore, late, overdueBefore }: Looks): CountedSpan {
  const ended = sum(slots, (slot) => slot.ended);
  const answered = sum(slots, answeredIn);
  const quick = sum(slots, (slot) => (medianAt(slot.at) <= late ? answeredIn(slot) : 0));
  const shortest = slots.flatMap((slot) => (slot.quickestMs === null ? [] : slot.quickestMs - pauseBefore(slot)));
  return {
    ms: sum(slots, ({ ms }) => ms),
    started: sum(slots, ({ started }) => started),
    ended,
    answered,
    inFlight: slots[0]!.inFlight,
    overdueShare: overdueShare(slots.filter(({ at }) => at < overdueBefore)),
    isQuick: answered === 0 ? null : quick >= answered / 2,
    quickestMs: shortest.length === 0 ? null : Math.min(...shortest),
    typicalMs: answered === 0 ? null : sum(slots, (slot) => medianAt(slot.at) * answeredIn(slot)) / answered,
  };
}

/** The longest time without a new request, while some were under way, of the last `ms` up to the beginning of a slot. */
function pauses(slots: readonly DemandSlot[], ms: number): (slot: DemandSlot) => number {
  const paused = slots.filter(({ idleMs, inFlight }) => idleMs > 0 && inFlight > 0);
  return ({ at }) => {
    const lately = paused.filter((slot) => slot.at <= at && slot.at > at - ms);
    return lately.reduce((longest, { idleMs }) => Math.max(longest, idleMs), 0);
  };
}

function overdueShare(slots: readonly DemandSlot[]): number {
  const started = sum(slots, (slot) => slot.started);
  return started === 0 ? 0 : sum(slots, ({ open }) => open) / started;
}

function answeredIn({ ended, failed }: DemandSlot): number {
  return ended - failed;
}

/** How long half of what was answered in a slot took at most, by its beginning. */
function medians(reader: DemandReader, name: string): (at: number) => number {
  const stats = reader.stats(name, { exemplars: 0, labels: ANSWERED });
  // Mostly nothing was late at all, and the slots need not be looked at each for itself.
  if (stats === null || stats.max <= lateMs(reader.coarseMs)) return () => stats?.p50 ?? 0;
  const bySlot = new Map(reader.timeline(name, { labels: ANSWERED }).map(({ at, p50 }) => [at, p50]));
  return (at) => bySlot.get(at) ?? 0;
}

function sum(slots: readonly DemandSlot[], figure: (slot: DemandSlot) => number): number {
  return slots.reduce((total, slot) => total + figure(slot), 0);
}
