import type { Clock } from '../core/clock.js';
import type { AdaptiveLimit } from './adaptive-limit.js';
import type { AsyncEventSource } from './async-event-source.js';
import type { CallBreaker } from './call-breaker.js';
import type { CoolDown } from './cool-down.js';
import type { Gate } from './gate.js';
import type { HeaderSource } from './rate/header-source.js';
import type { RateLimiter } from './rate/rate-limiter.js';
import { type Failure, failureOf, headersOf } from './retry/failure.js';
import { retryAfterMs } from './retry/retry-after.js';

/** An attempt, as far as what becomes of it tells the layers something. */
export interface AttemptMark {
  readonly startedAt: number;
  /** Of the breaker. */
  readonly pass: number;
  /** Of the adaptive limit. */
  readonly stamp: number;
}

/** What learns from the outcome of attempts. Absent layers learn nothing. */
export interface FeedbackParts {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly events: AsyncEventSource;
  readonly limiter: RateLimiter | undefined;
  readonly breaker: CallBreaker | undefined;
  readonly adaptive: AdaptiveLimit | undefined;
  readonly coolDown: CoolDown;
}

/** Tells the breaker, the adaptive limit, the rate limit and the cool-down what an attempt came to. */
export class Feedback {
  readonly #parts: FeedbackParts;

  constructor(parts: FeedbackParts) {
    this.#parts = parts;
  }

  started(): AttemptMark {
    const { clock, breaker, adaptive } = this.#parts;
    return { startedAt: clock.coarse(), pass: breaker?.pass ?? 0, stamp: adaptive?.stamp() ?? 0 };
  }

  succeeded(mark: AttemptMark): void {
    const { gate, breaker, adaptive, coolDown } = this.#parts;
    breaker?.succeeded(mark.pass);
    // Its own slot is still counted: it goes back when this is done.
    adaptive?.succeeded(mark.stamp, gate.active);
    coolDown.succeeded();
  }

  /** It ended without a word of the service: aborted. */
  left(mark: AttemptMark): void {
    this.#parts.breaker?.left(mark.pass);
  }

  failed(mark: AttemptMark, error: unknown, seenHeaders: HeaderSource | undefined): Failure {
    const { clock, limiter, breaker, adaptive } = this.#parts;
    const failure = failureOf(error, seenHeaders, clock.now());
    const headers = headersOf(error);
    if (headers !== undefined && headers !== seenHeaders) limiter?.observe(headers);
    const { kind } = failure;
    if (kind === 'rate-limited' || kind === 'overloaded') adaptive?.dropped(mark.stamp);
    // A refusal of this one call, or for its rate, comes from a service that works.
    if (kind === 'permanent') breaker?.succeeded(mark.pass);
    else if (kind === 'rate-limited') breaker?.left(mark.pass);
    else breaker?.failed(mark.pass, error);
    if (kind === 'rate-limited' || (kind === 'overloaded' && failure.retryAfterMs !== undefined))
      this.#coolDown(mark.startedAt, failure.status, failure.retryAfterMs);
    return failure;
  }

  /** A response that was seen beside the calls: by a `fetch` of ours. */
  observed(status: number, headers: HeaderSource): void {
    const { clock, limiter } = this.#parts;
    limiter?.observe(headers);
    if (status !== 429 && status !== 503) return;
    const ms = retryAfterMs(headers, undefined, clock.now());
    if (ms !== undefined) this.#coolDown(Number.NEGATIVE_INFINITY, status, ms);
  }

  #coolDown(startedAt: number, status: number | undefined, retryAfter: number | undefined): void {
    const { clock, gate, events, limiter, coolDown } = this.#parts;
    const ms = coolDown.refused(clock.now(), startedAt, retryAfter);
    if (ms <= gate.pausedMs) return;
    gate.pause(ms);
    limiter?.coolDown(ms);
    events.emit('cooldown', { ms, status });
  }
}
