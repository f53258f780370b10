import { WaitingCall } from './waiting-call.js';

/** One call while it is under way: what it has come to so far, and how to stop it. A worker of a batch reuses one for all its items. */
export class CallControl extends WaitingCall {
  /** The item's place in the input, as its function is told. */
  index = 0;
  /** Its place among what the pump has pulled: another one in batches, and where a checkpoint has left items out. */
  pulled = 0;
  attempts = 0;
  /** When its function was called, by the coarse clock. */
  startedAt = 0;
  queueMs = 0;
  runMs = 0;
  /** What else an abort has to undo now: a pause between attempts, or a function that runs. Set by whoever is at work. */
  onAbort: (() => void) | undefined;
  /** Whether an abort ends the wait for a function that runs. Of a batch it does not: what was told to stop is waited for. */
  readonly leavesOnAbort: boolean;

  constructor(leavesOnAbort: boolean) {
    super();
    this.leavesOnAbort = leavesOnAbort;
  }

  /** For the next item. An abort stands: it is for the whole batch. */
  renew(index: number): void {
    this.index = index;
    this.pulled = index;
    this.attempts = 0;
    this.queueMs = 0;
    this.runMs = 0;
  }

  override abort(reason: unknown): void {
    if (this.isAborted) return;
    super.abort(reason);
    this.onAbort?.();
  }
}
