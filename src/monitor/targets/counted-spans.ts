import type { DemandSlot, MonitorReader } from '../monitor-reader.js';

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
  /** Whether at least half of what was answered in it took at most {@link lateMs}; `null` when nothing was. */
  readonly isQuick: boolean | null;
  /** The shortest time of an answer, and about the median; `null` when nothing was answered. */
  readonly quickestMs: number | null;
  readonly typicalMs: number | null;
}

const MINUTE = 60_000;
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

/** The spans of the window, oldest first, the one under way last. */
export function countedSpans(reader: DemandReader, name: string): CountedSpan[] {
  const slots = reader.demand(name);
  const medianAt = medians(reader, name);
  const late = lateMs(reader.coarseMs);
  const perSpan = slotsPerSpan(reader.coarseMs);
  const spans: CountedSpan[] = [];
  // From the end: the last minute is a whole one.
  for (let end = slots.length; end > 0; end -= perSpan) {
    spans.push(countedSpan(slots.slice(Math.max(0, end - perSpan), end), medianAt, late));
  }
  return spans.reverse();
}

function countedSpan(slots: readonly DemandSlot[], medianAt: (at: number) => number, late: number): CountedSpan {
  const ended = sum(slots, (slot) => slot.ended);
  const answered = sum(slots, answeredIn);
  const quick = sum(slots, (slot) => (medianAt(slot.at) <= late ? answeredIn(slot) : 0));
  const shortest = slots.flatMap(({ quickestMs }) => quickestMs ?? []);
  return {
    ms: sum(slots, ({ ms }) => ms),
    started: sum(slots, ({ started }) => started),
    ended,
    answered,
    inFlight: slots[0]!.inFlight,
    isQuick: answered === 0 ? null : quick >= answered / 2,
    quickestMs: shortest.length === 0 ? null : Math.min(...shortest),
    typicalMs: answered === 0 ? null : sum(slots, (slot) => medianAt(slot.at) * answeredIn(slot)) / answered,
  };
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
