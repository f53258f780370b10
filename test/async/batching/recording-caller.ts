import type { CallContext } from '../../../src/async/call-context.js';
import type { CallControl } from '../../../src/async/call-control.js';
import type { CallDetails, Caller } from '../../../src/async/caller.js';

/** Makes calls at once, `attempts` times at most, and notes what it was told of them. Each attempt ran 10 ms after it had waited 1 ms. */
export class RecordingCaller implements Caller {
  readonly calls: CallDetails[] = [];
  readonly controls: CallControl[] = [];
  attempts = 1;
  /** Refuses a call before it is made. */
  refuse: (details: CallDetails) => Error | undefined = () => undefined;

  async call<R>(
    fn: (context: CallContext) => R | PromiseLike<R>,
    details: CallDetails,
    control: CallControl,
  ): Promise<R> {
    this.calls.push(details);
    this.controls.push(control);
    const refusal = this.refuse(details);
    if (refusal !== undefined) throw refusal;
    for (;;) {
      const aborted = new Promise<never>((_, reject) => {
        control.onAbort = () => reject(control.reason);
      });
      control.attempts++;
      control.queueMs += 1;
      control.runMs += 10;
      try {
        return await Promise.race([fn(contextOf(control)), aborted]);
      } catch (error) {
        if (control.isAborted || control.attempts >= this.attempts) throw error;
      } finally {
        control.onAbort = undefined;
      }
    }
  }
}

function contextOf(control: CallControl): CallContext {
  const { signal } = new AbortController();
  return { signal, attempt: control.attempts, settle: () => {}, headers: () => {} };
}
