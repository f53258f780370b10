import type { Clock } from '../core/clock.js';
import type { AsyncEventSource } from './async-event-source.js';
import type { AttemptContext } from './attempt-context.js';
import { runBounded } from './bounded-run.js';
import type { CallBreaker } from './call-breaker.js';
import type { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';
import type { DeadlineHeap } from './deadline-heap.js';
import { BreakerOpenError, QueueFullError, RateLimitTooSmallError, TimeoutError } from './errors.js';
import type { Feedback } from './feedback.js';
import type { Gate } from './gate.js';
import { HeldSlot } from './held-slot.js';
import { LimitedContext } from './limited-context.js';
import type { ProcessorCounts } from './processor-counts.js';
import type { RateLimiter, Reservation } from './rate/rate-limiter.js';
import type { Retrying } from './retrying.js';

/** The layers of a processor, composed once at its construction. Absent ones are `undefined`. */
export interface Layers {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly heap: DeadlineHeap;
  readonly events: AsyncEventSource;
  readonly counts: ProcessorCounts;
  readonly limiter: RateLimiter | undefined;
  readonly breaker: CallBreaker | undefined;
  /** Absent where no layer would learn from it. Never absent beside `retrying`. */
  readonly feedback: Feedback | undefined;
  readonly retrying: Retrying | undefined;
  /** Infinity for no timeout. */
  readonly timeoutMs: number;
  readonly graceMs: number;
}

type Fn<R> = (context: AttemptContext) => R | PromiseLike<R>;

/** Makes calls through all layers: admission (slot, rate, cool-down, breaker), the attempt with its timeout, further attempts. */
export class LayeredCaller implements Caller {
  readonly #layers: Layers;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  async call<R>(fn: Fn<R>, details: CallDetails, control: CallControl): Promise<R> {
    const { counts } = this.#layers;
    try {
      this.#check(details, control);
      const value = await this.#attempts(fn, details, control);
      counts.settled(true, control, details.group);
      return value;
    } catch (error) {
      counts.settled(false, control, details.group);
      throw error;
    }
  }

  /** @throws what no wait would change */
  #check(details: CallDetails, control: CallControl): void {
    const { limiter, breaker } = this.#layers;
    if (control.isAborted) throw control.reason;
    if (limiter !== undefined && details.tokens > limiter.mostTokens)
      throw new RateLimitTooSmallError(details.tokens, limiter.mostTokens);
    if (breaker !== undefined && !details.isExempt && !breaker.mayStart) throw breaker.refusal();
  }

  async #attempts<R>(fn: Fn<R>, details: CallDetails, control: CallControl): Promise<R> {
    const { clock, gate, events, feedback, retrying, limiter, counts } = this.#layers;
    let beganAt: number | undefined;
    let failure: { readonly error: unknown } | undefined;
    for (let attempt = 1; ; attempt++) {
      const waitsFrom = clock.coarse();
      const reservation = await this.#admission(details, control, failure);
      if (control.isAborted) {
        // After its turn had come, before it could go.
        reservation?.cancel();
        gate.withdraw(details.group);
        throw control.reason;
      }
      reservation?.started();
      const startedAt = clock.coarse();
      control.queueMs += startedAt - waitsFrom;
      control.attempts = attempt;
      if (beganAt === undefined) {
        beganAt = startedAt;
        // Not before: calls that wait are no load that retries could be a share of.
        retrying?.called();
      }
      const mark = feedback?.started();
      const slot = new HeldSlot(gate, details.group);
      const context = new LimitedContext(control.index, attempt, limiter, reservation);
      let delayMs: number | undefined;
      try {
        const value = await this.#run(fn, context, details, control, slot);
        control.runMs += clock.coarse() - startedAt;
        if (mark !== undefined) feedback?.succeeded(mark);
        return value;
      } catch (error) {
        control.runMs += clock.coarse() - startedAt;
        if (control.isAborted) {
          if (mark !== undefined) feedback?.left(mark);
          throw error;
        }
        if (error instanceof TimeoutError) {
          counts.timedOut++;
          events.emit('timeout', { timeoutMs: error.timeoutMs, attempt });
        }
        if (feedback === undefined || mark === undefined) throw error;
        const kind = feedback.failed(mark, error, context.seenHeaders);
        delayMs = retrying?.next(error, kind, attempt, clock.coarse() - beganAt);
        if (delayMs === undefined) throw error;
        failure = { error };
      } finally {
        reservation?.ended();
        slot.judged();
      }
      counts.retried++;
      await this.#sleep(delayMs, control);
      // Its wait was over, and nothing was left to undo.
      if (control.isAborted) throw control.reason;
      control.queueMs += delayMs;
    }
  }

  /** @param failure - of the attempt before: the reason why there is no further one, where the breaker lets none */
  #admission(
    details: CallDetails,
    control: CallControl,
    failure: { readonly error: unknown } | undefined,
  ): Reservation | undefined | Promise<Reservation | undefined> {
    const leave = this.#layers.gate.enter(details, control, failure !== undefined);
    if (leave === undefined || !('then' in leave)) return leave;
    if (failure === undefined) return leave;
    return leave.catch((refusal: unknown) => {
      // Its own error says more than that there is no room to try again.
      const isOurs = refusal instanceof BreakerOpenError || refusal instanceof QueueFullError;
      throw isOurs ? failure.error : refusal;
    });
  }

  #run<R>(fn: Fn<R>, context: AttemptContext, details: CallDetails, control: CallControl, slot: HeldSlot): Promise<R> {
    const { timeoutMs: ownTimeoutMs, graceMs, heap, counts, events } = this.#layers;
    const timeoutMs = details.timeoutMs ?? ownTimeoutMs;
    if (timeoutMs === Number.POSITIVE_INFINITY && !control.leavesOnAbort) return runPlain(fn, context, control, slot);
    return runBounded(fn, context, control, {
      timeoutMs,
      graceMs,
      heap,
      onFree: () => slot.ended(),
      onAbandoned: () => {
        counts.abandoned++;
        events.emit('abandoned', { afterMs: graceMs });
      },
    });
  }

  #sleep(ms: number, control: CallControl): Promise<void> {
    const { heap } = this.#layers;
    return new Promise((resolve, reject) => {
      const deadline = heap.add(ms, () => {
        control.onAbort = undefined;
        resolve();
      });
      control.onAbort = () => {
        control.onAbort = undefined;
        heap.cancel(deadline);
        reject(control.reason);
      };
    });
  }
}

/** Without a bound: what was told to stop is waited for. */
async function runPlain<R>(fn: Fn<R>, context: AttemptContext, control: CallControl, slot: HeldSlot): Promise<R> {
  control.onAbort = () => context.abort(control.reason);
  try {
    return await fn(context);
  } finally {
    control.onAbort = undefined;
    slot.ended();
  }
}
