import type { DemandSlot, MonitorReader } from '../monitor-reader.js';

type Reader = Pick<MonitorReader, 'demand' | 'timeline' | 'stats' | 'coarseMs'>;

/** What was asked for and answered in about a minute, or in a coarse slot where that is longer. */
export interface DemandSpan {
  readonly ms: number;
  /** Requests that began in it, and those that had been waiting since before. */
  readonly asked: number;
  /** Answered of those. */
  readonly answered: number;
  /** Of those, under way at the end, and perhaps still in time to count. */
  readonly undecided: number;
  /** Requests that ended in it, whenever they were asked for. */
  readonly ended: number;
}

/** A span as it was counted. */
interface Counted {
  readonly ms: number;
  readonly started: number;
  readonly ended: number;
  /** Under way when it began. */
  readonly inFlight: number;
  /** Whether at least half of what ended in it took at most {@link late}; `null` when nothing ended. */
  readonly isQuick: boolean | null;
}

/** What was under way when a span began, and counts for the one before it. */
interface HandedOver {
  readonly inTime: number;
  readonly undecided: number;
}

const MINUTE = 60_000;

/** How many slots make a span: rates a minute can't be told from less than about a minute. */
function slotsPerSpan(coarseMs: number): number {
  return Math.max(1, Math.ceil(MINUTE / coarseMs));
}

/** The length of a whole span. */
export function spanMs(coarseMs: number): number {
  return slotsPerSpan(coarseMs) * coarseMs;
}

/** A request that takes longer than this was not answered in the span in which it was asked for. */
function late(coarseMs: number): number {
  return spanMs(coarseMs) / 2;
}

/**
 * The requests of the window by the span they were asked for in, oldest first, the one under way last.
 *
 * What is under way at the end of a span counts for it once it is answered, unless most answers take longer than half a span:
 * requests that begin in one and end in the next are no backlog. Where answers take longer, or there are none, what was under way
 * at the beginning was waiting, and is asked for anew. So a server falls short here when it lags behind by more than half a span
 * (a rate-latency server: Le Boudec, Thiran: "Network Calculus", 2001, section 1.3).
 */
export function demandSpans(reader: Reader, name: string): DemandSpan[] {
  const spans = counted(reader, name);
  const lateMs = late(reader.coarseMs);
  const handed = spans.map((span, i) => handedOver(spans[i - 1], span, i === spans.length - 1 && span.ms < lateMs));
  return spans.map((span, i) => {
    const { inTime, undecided } = handed[i]!;
    const after = handed[i + 1] ?? underWay(span);
    // Where new requests are answered quickly nothing queues; where nothing moves nobody asks: what is under way then is stuck.
    const isBacklog = span.isQuick !== true && undecided === 0 && span.started + span.ended > 0;
    return {
      ms: span.ms,
      asked: span.started + (isBacklog ? span.inFlight : 0),
      answered: span.ended - inTime + after.inTime,
      undecided: after.undecided,
      ended: span.ended,
    };
  });
}

/** @param isEarly - what was handed over has not had the time yet to be late */
function handedOver(before: Counted | undefined, span: Counted, isEarly: boolean): HandedOver {
  const most = Math.min(span.inFlight, before?.started ?? span.inFlight);
  const answered = Math.min(most, span.ended);
  if (isEarly && span.isQuick !== false && before?.isQuick !== false) {
    return { inTime: answered, undecided: most - answered };
  }
  return { inTime: span.isQuick === true ? answered : 0, undecided: 0 };
}

/** At the end of the last span: nothing is known yet of what is under way now. */
function underWay({ inFlight, started, ended, isQuick }: Counted): HandedOver {
  return { inTime: 0, undecided: isQuick === false ? 0 : Math.min(started, inFlight + started - ended) };
}

function counted(reader: Reader, name: string): Counted[] {
  const slots = reader.demand(name);
  const quickAt = quickSlots(reader, name);
  const perSpan = slotsPerSpan(reader.coarseMs);
  const spans: Counted[] = [];
  // From the end: the last minute is a whole one.
  for (let end = slots.length; end > 0; end -= perSpan) {
    const parts = slots.slice(Math.max(0, end - perSpan), end);
    const ended = sum(parts, (slot) => slot.ended);
    const quick = sum(parts, (slot) => (quickAt(slot.at) ? slot.ended : 0));
    spans.push({
      ms: sum(parts, ({ ms }) => ms),
      started: sum(parts, ({ started }) => started),
      ended,
      inFlight: parts[0]!.inFlight,
      isQuick: ended === 0 ? null : quick >= ended / 2,
    });
  }
  return spans.reverse();
}

/** Tells by its beginning whether at least half of what ended in a slot was in time. */
function quickSlots(reader: Reader, name: string): (at: number) => boolean {
  const lateMs = late(reader.coarseMs);
  // Mostly nothing was late at all, and the slots need not be looked at each for itself.
  if ((reader.stats(name, { exemplars: 0 })?.max ?? 0) <= lateMs) return () => true;
  const medians = new Map(reader.timeline(name).map(({ at, p50 }) => [at, p50]));
  return (at) => (medians.get(at) ?? 0) <= lateMs;
}

function sum(slots: readonly DemandSlot[], figure: (slot: DemandSlot) => number): number {
  return slots.reduce((total, slot) => total + figure(slot), 0);
}
