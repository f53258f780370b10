import type { CallDetails } from './caller.js';
import type { Reservation } from './rate/rate-limiter.js';
import type { Waiter } from './waiter.js';

/** Where a call waits for its turn. */
export interface WaitingRoom {
  /** The call has given up: it is to be taken out of the queue. */
  left(call: WaitingCall): void;
}

type Admit = (leave: Reservation | undefined | Promise<never>) => void;

/** What settles a new promise, handed out of its executor without a closure for each. */
let admitMade: Admit;
const makeTurn = (resolve: Admit): void => {
  admitMade = resolve;
};

/** A call with its place in the queue, and the way to stop it: one small object, since there may be very many that wait. */
export class WaitingCall implements Waiter {
  isWaiting = false;
  since = 0;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  /** What it was let in with. Set by the gate before it lets the call in. */
  reservation: Reservation | undefined;
  /** Of the function that runs, where nobody else sees to its abort. */
  context: { abort(reason: unknown): void } | undefined;
  isAborted = false;
  reason: unknown;
  #details: CallDetails | undefined;
  #isRetry = false;
  #room: WaitingRoom | undefined;
  #admit: Admit | undefined;

  /** Whether it still waits for its turn, in the queue or elsewhere. */
  get isAwaited(): boolean {
    return this.#room !== undefined;
  }

  /** A call that is tried again goes before those of its priority that have not begun. */
  get priority(): number {
    return this.#isRetry ? this.#details!.priority + 0.5 : this.#details!.priority;
  }

  get group(): string {
    return this.#details!.group;
  }

  get tokens(): number {
    return this.#details!.tokens;
  }

  get isExempt(): boolean {
    return this.#details!.isExempt;
  }

  /** It begins to wait for its turn, which the promise answers with. */
  wait(details: CallDetails, isRetry: boolean, since: number, room: WaitingRoom): Promise<Reservation | undefined> {
    this.#details = details;
    this.#isRetry = isRetry;
    this.#room = room;
    this.since = since;
    const turn = new Promise<Reservation | undefined>(makeTurn as never);
    this.#admit = admitMade;
    return turn;
  }

  admit(): void {
    this.#settle(this.reservation);
  }

  refuse(error: unknown): void {
    this.#settle(Promise.reject(error));
  }

  abort(reason: unknown): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.reason = reason;
    if (this.#room !== undefined) {
      this.#room.left(this);
      this.refuse(reason);
    }
    this.context?.abort(reason);
  }

  #settle(leave: Reservation | undefined | Promise<never>): void {
    const admit = this.#admit;
    this.#room = undefined;
    this.#admit = undefined;
    admit?.(leave);
  }
}
