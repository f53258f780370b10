import { SLOTS } from '../slot-grid.js';
import { type CountedSpan, lateMs, patienceMs, spanMs } from './counted-spans.js';

/** What the spans up to one of them tell of how the service copes. */
export interface ServicePace {
  /** It had answered nearly all requests of a span within that span: whatever takes longer since then is late. */
  readonly isKnownQuick: boolean;
  /** Requests wait in line: what was under way when the span began is no mere latency. */
  readonly isQueued: boolean;
  /** They have waited so long that they are asked for anew. */
  readonly isStuck: boolean;
}

/** With fewer answers, the quickest of them, and their median, say little; the less so in part of a span. */
const ENOUGH = 15;
const ENOUGH_OF_A_PART = 30;
/** A span of fewer requests shows nothing of what a service can do. */
const ENOUGH_STARTED = 10;
const NEARLY_ALL = 0.9;
/** Less than this was under way after a quick span, as a share of what began in it: by Little's law, its requests took as much of it. */
const QUICK = 0.125;

/**
 * How the service coped, span by span.
 *
 * In steady state what is under way is the rate of requests times their latency (Little: "A Proof for the Queuing Formula", 1961),
 * and no backlog. A queue shows by what all that wait in it have in common: even the quickest answers of a span took clearly longer
 * than half of those of an earlier one (the standing queue is in the minimum of the delays: Nichols, Jacobson: "Controlling Queue
 * Delay", 2012).
 */
export function servicePaces(spans: readonly CountedSpan[], coarseMs: number): ServicePace[] {
  const limits = limitsOf(coarseMs);
  let isKnownQuick = false;
  let isQueued = false;
  let base = Number.POSITIVE_INFINITY;
  let surestBase = Number.POSITIVE_INFINITY;
  let silentMs = 0;
  return spans.map((span, i) => {
    isKnownQuick ||= hasKeptUpQuickly(span, spans[i + 1]?.inFlight ?? span.inFlight + span.started - span.ended);
    // A queue stays one until there are answers enough to tell.
    const enough = i < spans.length - 1 ? ENOUGH : ENOUGH_OF_A_PART;
    isQueued = span.answered < enough ? isQueued && span.inFlight > 0 : isDelayed(span, surestBase, limits.spanMs);
    const silentBefore = silentMs;
    silentMs = span.ended === 0 && span.started > 0 ? silentMs + span.ms : 0;
    const isSilent = isKnownQuick
      ? silentBefore >= limits.spanMs && silentMs > 0 && span.ms >= limits.lateMs
      : silentMs >= limits.silenceMs;
    const isStuck = isSilent || (span.quickestMs ?? 0) >= base + limits.patienceMs;
    base = Math.min(base, span.typicalMs ?? base);
    if (span.answered >= ENOUGH) surestBase = Math.min(surestBase, span.typicalMs ?? surestBase);
    return { isKnownQuick, isQueued, isStuck };
  });
}

interface Limits {
  readonly spanMs: number;
  readonly lateMs: number;
  readonly patienceMs: number;
  /** So long nothing may end before the service counts as stuck: the first of them may have begun at the end of a span. */
  readonly silenceMs: number;
}

function limitsOf(coarseMs: number): Limits {
  const span = spanMs(coarseMs);
  const patience = patienceMs(coarseMs);
  const silenceMs = Math.min(patience + span, NEARLY_ALL * coarseMs * SLOTS);
  return { spanMs: span, lateMs: lateMs(coarseMs), patienceMs: patience, silenceMs };
}

function hasKeptUpQuickly({ isQuick, started, answered }: CountedSpan, inFlightAfter: number): boolean {
  if (isQuick !== true || started < ENOUGH_STARTED) return false;
  return answered >= (1 - QUICK / 2) * started && inFlightAfter <= QUICK * started;
}

function isDelayed({ isQuick, quickestMs }: CountedSpan, base: number, span: number): boolean {
  return isQuick === false && (quickestMs ?? 0) >= Math.max(1.25 * base, base + span / 8);
}

/** Whether about as many requests ended in a span as began. */
export function keepsUp({ started, ended }: CountedSpan): boolean {
  return ended >= NEARLY_ALL * started;
}
