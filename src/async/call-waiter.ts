import type { CallControl } from './call-control.js';
import type { CallDetails } from './caller.js';
import type { Reservation } from './rate/rate-limiter.js';
import type { Waiter } from './waiter.js';

/** A call in the waiting queue, and the promise it waits on. */
export class CallWaiter implements Waiter {
  readonly priority: number;
  readonly group: string;
  readonly tokens: number;
  readonly isExempt: boolean;
  readonly since: number;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  isWaiting = false;
  /** Set by the gate before it lets the call in. */
  reservation: Reservation | undefined;
  readonly turn: Promise<Reservation | undefined>;
  readonly #control: CallControl;
  readonly #onAbort: (waiter: CallWaiter) => void;
  #resolve!: (reservation: Reservation | undefined) => void;
  #reject!: (reason: unknown) => void;

  /** @param onAbort - takes it out of the queue */
  constructor(
    details: CallDetails,
    control: CallControl,
    since: number,
    isRetry: boolean,
    onAbort: (waiter: CallWaiter) => void,
  ) {
    // A call that is tried again goes before those of its priority that have not begun.
    this.priority = isRetry ? details.priority + 0.5 : details.priority;
    this.group = details.group;
    this.tokens = details.tokens;
    this.isExempt = details.isExempt;
    this.since = since;
    this.#control = control;
    this.turn = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    control.waiter = this;
    this.#onAbort = onAbort;
  }

  /** Its caller has given up. */
  abort(reason: unknown): void {
    this.#onAbort(this);
    this.refuse(reason);
  }

  admit(): void {
    this.#control.waiter = undefined;
    this.#resolve(this.reservation);
  }

  refuse(error: unknown): void {
    this.#control.waiter = undefined;
    this.#reject(error);
  }
}
