import { AttemptContext } from './attempt-context.js';
import type { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';

/** Calls straight through, once, at once: what a processor does while it is off. */
export class UnlimitedCaller implements Caller {
  async call<R>(
    fn: (context: AttemptContext) => R | PromiseLike<R>,
    _details: CallDetails,
    control: CallControl,
  ): Promise<R> {
    if (control.isAborted) throw control.reason;
    control.attempts = 1;
    const context = new AttemptContext(control.index, 1);
    control.onAbort = () => context.abort(control.reason);
    try {
      return await fn(context);
    } finally {
      control.onAbort = undefined;
    }
  }
}
