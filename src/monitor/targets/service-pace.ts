import { SLOTS } from '../slot-grid.js';
import { type CountedSpan, lateMs, spanMs } from './counted-spans.js';

/** What the spans up to one of them tell of how the service copes. */
export interface ServicePace {
  /** It had answered nearly all requests of a span within that span: whatever takes longer since then is late. */
  readonly isKnownQuick: boolean;
  /** Requests waited in line: what was under way when the span began is no mere latency. */
  readonly isQueued: boolean;
  /** They have waited so long that they are asked for anew. */
  readonly isStuck: boolean;
}

/** How long an answer may take before it is taken for one that waits, where nothing better is known. */
const PATIENCE_MS = 300_000;
/** With fewer answers, their times say little. */
const ENOUGH = 15;
/** A span of fewer requests shows nothing of what a service can do. */
const ENOUGH_STARTED = 10;
const NEARLY_ALL = 0.9;

/**
 * How the service coped, span by span.
 *
 * In steady state what is under way is the rate of requests times their latency (Little, 1961), and no backlog. A queue shows by
 * what is in common to all that wait in it: even the quickest answers of a span took clearly longer than half of those of an
 * earlier one (a standing queue by the minimum of its delays: Nichols, Jacobson: "Controlling Queue Delay", 2012). Where some pass
 * the others it shows when fewer were answered within five minutes than had been under way.
 */
export function servicePaces(spans: readonly CountedSpan[], coarseMs: number): ServicePace[] {
  const limits = limitsOf(coarseMs);
  let isKnownQuick = false;
  let base = Number.POSITIVE_INFINITY;
  let silentMs = 0;
  return spans.map((span, i) => {
    isKnownQuick ||= hasKeptUpQuickly(span, spans[i + 1]?.inFlight ?? span.inFlight + span.started - span.ended);
    const silentBefore = silentMs;
    silentMs = span.ended === 0 && span.started > 0 ? silentMs + span.ms : 0;
    const isSilent = isKnownQuick
      ? silentBefore >= limits.spanMs && silentMs > 0 && span.ms >= limits.lateMs
      : silentMs >= limits.silenceMs;
    const pace = {
      isKnownQuick,
      isQueued: isDelayed(span, base, limits.spanMs) || (!isKnownQuick && isUncleared(spans, i, limits.patienceMs)),
      isStuck: isSilent || (span.quickestMs ?? 0) >= base + limits.patienceMs,
    };
    if (span.answered >= ENOUGH) base = Math.min(base, span.typicalMs ?? base);
    return pace;
  });
}

interface Limits {
  readonly spanMs: number;
  readonly lateMs: number;
  readonly patienceMs: number;
  /** So long nothing may end before the service counts as stuck: the first of them may have begun at the end of a span. */
  readonly silenceMs: number;
}

/** A short window can't wait for long, and in a long one half a span is longer than any patience. */
function limitsOf(coarseMs: number): Limits {
  const windowMs = coarseMs * SLOTS;
  const span = spanMs(coarseMs);
  const late = lateMs(coarseMs);
  const patienceMs = Math.max(late, Math.min(PATIENCE_MS, windowMs / 2));
  return { spanMs: span, lateMs: late, patienceMs, silenceMs: Math.min(patienceMs + span, 0.9 * windowMs) };
}

/** By Little's law most of its requests took less than half a span. */
function hasKeptUpQuickly({ isQuick, started, answered }: CountedSpan, inFlightAfter: number): boolean {
  if (isQuick !== true || started < ENOUGH_STARTED) return false;
  return answered >= NEARLY_ALL * started && inFlightAfter <= started / 2;
}

function isDelayed({ isQuick, answered, quickestMs }: CountedSpan, base: number, span: number): boolean {
  if (isQuick !== false || answered < ENOUGH || quickestMs === null) return false;
  return quickestMs >= Math.max(1.5 * base, base + span / 8);
}

/** Whether fewer have ended within `patienceMs` than were under way when a span began. Not yet, while there is still time. */
function isUncleared(spans: readonly CountedSpan[], from: number, patienceMs: number): boolean {
  let left = spans[from]!.inFlight;
  let ms = 0;
  for (let i = from; i < spans.length && ms < patienceMs && left > 0; i++) {
    left -= spans[i]!.ended;
    ms += spans[i]!.ms;
  }
  return left > 0 && ms >= patienceMs;
}

/** Whether about as many requests ended in a span as began. */
export function keepsUp({ started, ended }: CountedSpan): boolean {
  return ended >= NEARLY_ALL * started;
}
