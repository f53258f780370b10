import { type CountedSpan, countedSpans, type DemandReader, lateMs, spanMs } from './counted-spans.js';
import { keepsUp, type ServicePace, servicePaces } from './service-pace.js';

/** What was asked for and answered in about a minute, or in a coarse slot where that is longer. */
export interface DemandSpan {
  readonly ms: number;
  readonly started: number;
  /** Requests that began in it, and those that had been waiting since long before. */
  readonly asked: number;
  /** Answered of those. */
  readonly answered: number;
  /** Of those, under way at the end, and perhaps still in time to count. */
  readonly undecided: number;
  /** It is under way, and shows no rate yet: slow answers may come in waves. */
  readonly isTentative: boolean;
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
 * What is under way at the end of a span counts for it once it is answered, where the service keeps up quickly: requests that begin
 * in one and end in the next are no backlog. Where the service is known to be quick, what takes longer than half a span is late (a
 * rate-latency server: Le Boudec, Thiran: "Network Calculus", 2001, section 1.3), and so is what waits in a queue. Else what is
 * under way may be mere latency: it is undecided, until it is overdue.
 */
export function demandSpans(reader: DemandReader, name: string): DemandSpan[] {
  const spans = countedSpans(reader, name);
  const paces = servicePaces(spans, reader.coarseMs);
  const isLast = (i: number): boolean => i === spans.length - 1;
  const late = lateMs(reader.coarseMs);
  const whole = spanMs(reader.coarseMs);
  const handed = spans.map((span, i) => handedOver(spans[i - 1], span, paces[i]!, isLast(i) && span.ms < late));
  return spans.map((span, i) => {
    const pace = paces[i]!;
    const after = handed[i + 1] ?? underWay(span, pace);
    const answered = span.answered - handed[i]!.inTime + after.inTime;
    const most = span.started * (1 - span.overdueShare) - answered;
    return {
      ms: span.ms,
      started: span.started,
      asked: span.started + (pace.isStuck ? span.inFlight * Math.min(1, span.ms / whole) : 0),
      answered,
      undecided: pace.isKnownQuick ? after.undecided : Math.max(0, Math.min(after.undecided, most)),
      isTentative: isLast(i) && span.ms < whole && !(isSteady(span, pace) && handed[i]!.undecided === 0),
      ended: span.ended,
      failed: span.ended - span.answered,
    };
  });
}

/** @param isEarly - what was handed over has not had the time yet to be late */
function handedOver(
  before: CountedSpan | undefined,
  span: CountedSpan,
  pace: ServicePace,
  isEarly: boolean,
): HandedOver {
  if (pace.isQueued) return NOTHING;
  const most = Math.min(span.inFlight, before?.started ?? span.inFlight);
  const answered = Math.min(most, span.answered);
  const undecided = (most - answered) * answeredShare(span);
  if (pace.isKnownQuick && isEarly && span.isQuick !== false && before?.isQuick !== false) {
    return { inTime: answered, undecided };
  }
  // Else those that were answered may be the ones that came later.
  if (span.isQuick === true && answered === most && isSteady(span, pace)) return { inTime: most, undecided: 0 };
  return pace.isKnownQuick ? NOTHING : { inTime: 0, undecided: undecided + answered };
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

/** Whether its rate of answers is that of the service. */
function isSteady(span: CountedSpan, { isKnownQuick }: ServicePace): boolean {
  return isKnownQuick || (span.isQuick === true && keepsUp(span));
}
