import type { BreakerState } from '../core/breaker.js';
import type { ProcessorParts } from './processor-parts.js';

/** Figures of an `AsyncProcessor`: counts since its start, and how things stand. */
export interface ProcessorStats {
  /** Slots that are taken. */
  readonly active: number;
  /** Calls that wait for a slot, a rate limit, a cool-down or a breaker. */
  readonly queued: number;
  /** Slots in all: fixed, or what the service bears by now. */
  readonly limit: number;
  readonly completed: number;
  readonly failed: number;
  /** Attempts beyond the first. */
  readonly retried: number;
  /** Attempts that took longer than their timeout. */
  readonly timedOut: number;
  /** Calls that had to leave the queue, or were not let in. */
  readonly dropped: number;
  /** Functions that did not stop when told, and lost their slots. */
  readonly abandoned: number;
  /** Time for which calls were held back by a rate limit or a cool-down, in ms of the clock, whatever their number. */
  readonly rateLimitedMs: number;
  /** What a cool-down has still to run. */
  readonly coolDownMs: number;
  /** Absent without a breaker. */
  readonly breaker: BreakerState['kind'] | undefined;
  /** 95 % of the last 1,024 calls ran for at most so long; `undefined` before the first. */
  readonly p95Ms: number | undefined;
}

/** @param activeElsewhere - calls that are under way while the processor is off or observes */
export function statsOf({ gate, counts, breaker }: ProcessorParts, activeElsewhere: number): ProcessorStats {
  const { completed, failed, retried, timedOut, dropped, abandoned, times } = counts;
  return {
    active: gate.active + activeElsewhere,
    queued: gate.queued,
    limit: gate.limit,
    completed,
    failed,
    retried,
    timedOut,
    dropped,
    abandoned,
    rateLimitedMs: gate.heldBackMs,
    coolDownMs: gate.pausedMs,
    breaker: breaker?.state,
    p95Ms: times.p95(),
  };
}
