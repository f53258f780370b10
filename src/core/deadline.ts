import type { Clock } from './clock.js';
import { HotpathError, InvalidOptionError } from './errors.js';

/** An operation did not answer in time. What it was about may still happen. Code `DEADLINE`. */
export class DeadlineError extends HotpathError {
  readonly operation: string;
  readonly deadlineMs: number;

  constructor(operation: string, deadlineMs: number) {
    super(`${operation} did not answer within ${deadlineMs} ms`, { code: 'DEADLINE' });
    this.name = 'DeadlineError';
    this.operation = operation;
    this.deadlineMs = deadlineMs;
  }
}

/** A deadline that is running. Ask its queue for one, and report to it when the work is done. */
export interface PendingDeadline {
  /** When it falls due: milliseconds since the epoch. */
  readonly due: number;
  /** Runs when it falls due. `undefined` once it is met or over: what the function holds on to is free then. */
  late: (() => void) | undefined;
  next: PendingDeadline | undefined;
}

/**
 * Past this the process itself was held up (a long computation, a pause of the collector). Answers may be waiting unread then,
 * and get one turn of the event loop before the deadline counts.
 */
const HELD_UP_MS = 5;

/**
 * Deadlines of one length. They fall due in the order in which they began, so a list and a single timer serve any number of
 * them. The timer is left armed when its deadline is met, and finds the next one to wait for when it fires: at most one timer
 * for each `ms`, none when nothing has begun since.
 */
export class DeadlineQueue {
  readonly #clock: Clock;
  readonly #ms: number;
  #head: PendingDeadline | undefined;
  #tail: PendingDeadline | undefined;
  #isArmed = false;
  readonly #onTimer = (): void => this.#expire(false);

  /** @param ms - the length of every deadline, above 0; Infinity for none at all */
  constructor(clock: Clock, ms: number) {
    if (!(ms > 0)) throw new InvalidOptionError('deadline', 'above 0 ms', ms);
    this.#clock = clock;
    this.#ms = ms;
  }

  /**
   * The outcome of `promise`, or a rejection with `onLate()` if that takes longer. What comes of it later is dropped in
   * silence.
   */
  within<T>(promise: Promise<T>, onLate: () => Error): Promise<T> {
    if (this.#ms === Number.POSITIVE_INFINITY) return promise;
    return new Promise<T>((resolve, reject) => {
      const deadline = this.begin(() => reject(onLate()));
      promise.then(
        (value) => {
          if (this.met(deadline)) resolve(value);
        },
        (error: unknown) => {
          if (this.met(deadline)) reject(error);
        },
      );
    });
  }

  /** Starts a deadline: `late` runs once when it falls due, unless it is {@link met} before. */
  begin(late: () => void): PendingDeadline {
    const deadline: PendingDeadline = { due: this.#clock.now() + this.#ms, late, next: undefined };
    if (this.#tail === undefined) this.#head = deadline;
    else this.#tail.next = deadline;
    this.#tail = deadline;
    if (!this.#isArmed && this.#ms !== Number.POSITIVE_INFINITY) this.#arm(this.#ms);
    return deadline;
  }

  /** The work is done. False if it was too late, or reported before. */
  met(deadline: PendingDeadline): boolean {
    if (deadline.late === undefined) return false;
    deadline.late = undefined;
    if (deadline === this.#head) this.#dropSettled();
    return true;
  }

  #dropSettled(): void {
    let head = this.#head;
    while (head !== undefined && head.late === undefined) {
      const { next } = head;
      // Work that never ends holds its deadline: it must not hold all later ones too.
      head.next = undefined;
      head = next;
    }
    this.#head = head;
    if (head === undefined) this.#tail = undefined;
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    this.#clock.setTimer(this.#onTimer, ms);
  }

  #expire(hadItsTurn: boolean): void {
    const now = this.#clock.now();
    if (!hadItsTurn && this.#head !== undefined && now - this.#head.due > HELD_UP_MS) {
      this.#clock.setTimer(() => this.#expire(true), 0);
      return;
    }
    while (this.#head !== undefined && this.#head.due <= now) {
      const { late } = this.#head;
      this.#head.late = undefined;
      this.#dropSettled();
      late?.();
    }
    if (this.#head === undefined) this.#isArmed = false;
    else this.#arm(this.#head.due - now);
  }
}
