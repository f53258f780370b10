import { type CountedSpan, countedSpans, type DemandReader, lateMs } from './counted-spans.js';
import { keepsUp, type ServicePace, servicePaces } from './service-pace.js';

/** What was asked for and answered in about a minute, or in a coarse slot where that is longer. */
export interface DemandSpan {
  readonly ms: number;
  /** Requests that began in it, and those that had been waiting since long before. */
  readonly asked: number;
  /** Answered of those. */
  readonly answered: number;
  /** Of those, under way at the end, and perhaps still in time to count. */
  readonly undecided: number;
  /** Requests that ended in it, whenever they were asked for; of these, the ones that failed. */
  readonly ended: number;
  readonly failed: number;
}

/** What was under way when a span began, and counts for the one before it. */
interface HandedOver {
  readonly inTime: number;
  readonly undecided: number;
}

const NOTHING: HandedOver = { inTime: 0, undecided: 0 };

/**
 * The requests of the window by the span they were asked for in, oldest first, the one under way last. One that failed was asked
 * for, and not answered.
 *
 * What is under way at the end of a span counts for it once it is answered, as long as the service is known to be quick or keeps up
 * quickly: requests that begin in one and end in the next are no backlog. With a service that is known to be quick, what takes longer
 * than half a span is late (a rate-latency server: Le Boudec, Thiran: "Network Calculus", 2001, section 1.3), and so is what waits
 * in a queue. Else what is under way may be mere latency, and is undecided.
 */
export function demandSpans(reader: DemandReader, name: string): DemandSpan[] {
  const spans = countedSpans(reader, name);
  const paces = servicePaces(spans, reader.coarseMs);
  const late = lateMs(reader.coarseMs);
  const handed = spans.map((span, i) => {
    const isEarly = i === spans.length - 1 && span.ms < late;
    return handedOver(spans[i - 1], span, paces[i]!, isEarly);
  });
  return spans.map((span, i) => {
    const after = handed[i + 1] ?? underWay(span, paces[i]!);
    return {
      ms: span.ms,
      asked: span.started + (paces[i]!.isStuck ? span.inFlight : 0),
      answered: span.answered - handed[i]!.inTime + after.inTime,
      undecided: after.undecided,
      ended: span.ended,
      failed: span.ended - span.answered,
    };
  });
}

/** @param isEarly - what was handed over has not had the time yet to be late */
function handedOver(
  before: CountedSpan | undefined,
  span: CountedSpan,
  { isQueued, isKnownQuick }: ServicePace,
  isEarly: boolean,
): HandedOver {
  if (isQueued) return NOTHING;
  const most = Math.min(span.inFlight, before?.started ?? span.inFlight);
  const answered = Math.min(most, span.answered);
  const pending = (most - answered) * answeredShare(span);
  if (!isKnownQuick) {
    // Where they do not keep up, those may have been the quick ones only.
    const inTime = span.isQuick === true && keepsUp(span) ? answered : 0;
    return { inTime, undecided: pending + answered - inTime };
  }
  if (isEarly && span.isQuick !== false && before?.isQuick !== false) return { inTime: answered, undecided: pending };
  return span.isQuick === true ? { inTime: answered, undecided: 0 } : NOTHING;
}

/** At the end of the last span: nothing is known yet of what is under way now. */
function underWay(span: CountedSpan, { isQueued, isKnownQuick }: ServicePace): HandedOver {
  if (isQueued || (isKnownQuick && span.isQuick === false)) return NOTHING;
  const most = Math.min(span.started, span.inFlight + span.started - span.ended);
  return { inTime: 0, undecided: most * answeredShare(span) };
}

/** What is under way will fare no better than what has ended. */
function answeredShare({ answered, ended }: CountedSpan): number {
  return ended === 0 ? 1 : answered / ended;
}
