import { AdaptiveLimit } from './adaptive-limit.js';
import { AsyncEventSource } from './async-event-source.js';
import { CallBreaker } from './call-breaker.js';
import type { Caller } from './caller.js';
import { CoolDown } from './cool-down.js';
import { DeadlineHeap } from './deadline-heap.js';
import { DirectCaller } from './direct-caller.js';
import { Feedback } from './feedback.js';
import { Gate } from './gate.js';
import { LayeredCaller } from './layered-caller.js';
import { ProcessorCounts } from './processor-counts.js';
import { openRateLimiter } from './rate/open-rate-limiter.js';
import type { RateLimiter } from './rate/rate-limiter.js';
import type { ProcessorSettings } from './resolve-options.js';
import { RetryBudget } from './retry/retry-budget.js';
import { Retrying } from './retrying.js';
import { WaitingQueue } from './waiting-queue.js';

/** What a processor is made of. */
export interface ProcessorParts {
  readonly events: AsyncEventSource;
  readonly heap: DeadlineHeap;
  readonly counts: ProcessorCounts;
  readonly queue: WaitingQueue;
  readonly gate: Gate;
  readonly limiter: RateLimiter | undefined;
  readonly breaker: CallBreaker | undefined;
  readonly feedback: Feedback | undefined;
  /** Through every layer. */
  readonly layered: Caller;
  /** Present where slots are all there is. */
  readonly direct: DirectCaller | undefined;
}

/** Composes the layers that the settings ask for, once: what is absent is not asked again. */
export function composeParts(settings: ProcessorSettings): ProcessorParts {
  const { clock, random, name, logger, rules } = settings;
  const events = new AsyncEventSource(name, logger, clock);
  const heap = new DeadlineHeap(clock, (error) => events.trouble(error, 'a deadline'));
  const counts = new ProcessorCounts(events);
  const queue = openQueue(settings, events, counts);
  const limiter =
    settings.rateLimit &&
    openRateLimiter(settings.rateLimit, {
      clock,
      random,
      emit: (event, data) => events.emit(event, data),
      trouble: (error, during) => events.trouble(error, during),
    });
  const breaker =
    settings.breaker &&
    new CallBreaker(
      settings.breaker,
      clock,
      random,
      ({ kind }, reason) => {
        events.emit('breaker', { state: kind, reason });
        if (kind === 'open') gate.refuseAll();
        gate.advance();
      },
      () => gate.advance(),
    );
  const gate = new Gate({ limit: settings.concurrency, queue, limiter, breaker, heap, clock });
  const adaptive =
    settings.adaptive &&
    new AdaptiveLimit(settings.adaptive, (limit, before, why) => {
      gate.limit = limit;
      events.emit('limit', { limit, before, why });
    });
  const learns = settings.retries || limiter !== undefined || breaker !== undefined || adaptive !== undefined;
  const feedback = learns
    ? new Feedback({ clock, gate, events, limiter, breaker, adaptive, coolDown: new CoolDown(rules) })
    : undefined;
  const retrying = settings.retries ? new Retrying(rules, new RetryBudget(settings.budget, clock), events) : undefined;
  const { timeoutMs, graceMs } = settings;
  const layers = { clock, gate, heap, events, counts, limiter, breaker, feedback, retrying, timeoutMs, graceMs };
  const isPlain = !learns && timeoutMs === Number.POSITIVE_INFINITY;
  return {
    events,
    heap,
    counts,
    queue,
    gate,
    limiter,
    breaker,
    feedback,
    layered: new LayeredCaller(layers),
    direct: isPlain ? new DirectCaller(gate, counts, clock) : undefined,
  };
}

/** Calls that are counted and nothing else: no slot is scarce behind this gate. */
export function observingCaller(
  { clock, graceMs }: ProcessorSettings,
  { heap, events, counts }: ProcessorParts,
  gate: Gate,
): Caller {
  const absent = { limiter: undefined, breaker: undefined, feedback: undefined, retrying: undefined };
  return new LayeredCaller({
    ...{ clock, gate, heap, events, counts, graceMs, timeoutMs: Number.POSITIVE_INFINITY },
    ...absent,
  });
}

function openQueue(
  { queue: { max, policy, ageingMs } }: ProcessorSettings,
  events: AsyncEventSource,
  counts: ProcessorCounts,
): WaitingQueue {
  return new WaitingQueue({
    max,
    policy,
    ageingMs,
    onDrop: ({ priority, group, since }, why, now) => {
      counts.dropped++;
      events.emit('drop', { why, priority, group, waitedMs: Math.max(0, now - since) });
    },
  });
}
