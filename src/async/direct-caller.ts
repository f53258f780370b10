import type { Clock } from '../core/clock.js';
import { AttemptContext } from './attempt-context.js';
import type { CallDetails } from './caller.js';
import type { Gate } from './gate.js';
import type { LinkedList } from './linked-list.js';
import type { ProcessorCounts } from './processor-counts.js';
import type { Waiter } from './waiter.js';
import { WaitingCall } from './waiting-call.js';

/**
 * Makes single calls where slots are all there is: no rate limit, retry, breaker or timeout, and nobody who leaves early. What
 * `LayeredCaller` does beyond this would cost and come to nothing.
 */
export class DirectCaller {
  readonly #gate: Gate;
  readonly #counts: ProcessorCounts;
  readonly #clock: Clock;

  constructor(gate: Gate, counts: ProcessorCounts, clock: Clock) {
    this.#gate = gate;
    this.#counts = counts;
    this.#clock = clock;
  }

  /** @param running - where the call stands while its function runs */
  async run<R>(
    fn: (context: AttemptContext) => R | PromiseLike<R>,
    details: CallDetails,
    running: LinkedList<Waiter>,
  ): Promise<R> {
    const gate = this.#gate;
    const clock = this.#clock;
    const { group } = details;
    const call = new WaitingCall();
    let holdsSlot = gate.tryEnter(group);
    let attempts = 0;
    let queueMs = 0;
    let startedAt = 0;
    let isFulfilled = false;
    try {
      if (!holdsSlot) {
        await gate.enter(details, call, false);
        holdsSlot = true;
        queueMs = clock.coarse() - call.since;
        // Aborted after its turn had come, before it could go.
        if (call.isAborted) throw call.reason;
      }
      attempts = 1;
      running.append(call);
      startedAt = clock.coarse();
      const context = new AttemptContext(0, 1);
      call.context = context;
      const value = await fn(context);
      isFulfilled = true;
      return value;
    } finally {
      if (attempts > 0) running.remove(call);
      const runMs = attempts > 0 ? clock.coarse() - startedAt : 0;
      this.#counts.settled(isFulfilled, { attempts, queueMs, runMs }, group);
      if (holdsSlot) gate.leave(group);
    }
  }
}
