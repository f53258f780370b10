import type { Clock } from '../core/clock.js';
import { AttemptContext } from './attempt-context.js';
import type { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';
import type { CallsUnderWay } from './calls-under-way.js';
import type { Gate } from './gate.js';
import type { ProcessorCounts } from './processor-counts.js';

/**
 * Makes calls where slots are all there is: no rate limit, retry, breaker or timeout, and nobody who leaves early. What
 * {@link LayeredCaller} does beyond this would cost and come to nothing.
 */
export class DirectCaller implements Caller {
  readonly #gate: Gate;
  readonly #counts: ProcessorCounts | undefined;
  readonly #clock: Clock;

  constructor(gate: Gate, counts: ProcessorCounts | undefined, clock: Clock) {
    this.#gate = gate;
    this.#counts = counts;
    this.#clock = clock;
  }

  /** @param calls - where it stands while it waits and runs */
  async call<R>(
    fn: (context: AttemptContext) => R | PromiseLike<R>,
    details: CallDetails,
    control: CallControl,
    calls?: CallsUnderWay,
  ): Promise<R> {
    const gate = this.#gate;
    const clock = this.#clock;
    const { group } = details;
    calls?.add(control);
    let holdsSlot = gate.tryEnter(group);
    let isFulfilled = false;
    try {
      if (!holdsSlot) {
        const waitsFrom = clock.coarse();
        await gate.enter(details, control, false);
        holdsSlot = true;
        control.queueMs = clock.coarse() - waitsFrom;
        // Aborted after its turn had come, before it could go.
        if (control.isAborted) throw control.reason;
      }
      control.attempts = 1;
      control.startedAt = clock.coarse();
      const context = new AttemptContext(control.index, 1);
      control.context = context;
      const value = await fn(context);
      isFulfilled = true;
      return value;
    } finally {
      if (control.attempts > 0) control.runMs = clock.coarse() - control.startedAt;
      this.#counts?.settled(isFulfilled, control, group);
      calls?.remove(control);
      if (holdsSlot) gate.leave(group);
    }
  }
}
