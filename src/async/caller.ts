import type { CallContext } from './call-context.js';
import type { CallControl } from './call-control.js';

/** What the layers need to know of a call. */
export interface CallDetails {
  readonly priority: number;
  readonly group: string;
  /** To reserve of the limit of tokens, 0 where there is none. */
  readonly tokens: number;
  /** For one attempt, in milliseconds; Infinity for as long as it takes. `undefined`: the processor's own. */
  readonly timeoutMs: number | undefined;
  /** Of a batch: it waits however full the queue is, and also while the breaker is open. */
  readonly isExempt: boolean;
}

/** Makes calls through every layer of a processor: admission (slot, rate limit, cool-down, breaker), attempt, retry. */
export interface Caller {
  /** Rejects with what the function failed with, with the reason of `control.abort`, or with an error of a layer. */
  call<R>(fn: (context: CallContext) => R | PromiseLike<R>, details: CallDetails, control: CallControl): Promise<R>;
}
