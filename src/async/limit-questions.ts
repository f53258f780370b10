import type { Clock } from '../core/clock.js';
import type { Reservation } from './rate/rate-limiter.js';
import type { WaitingCall } from './waiting-call.js';
import type { WaitingQueue } from './waiting-queue.js';

/** A call about which the limit is being asked. */
interface Question {
  readonly call: WaitingCall;
  /** It was refused, for so long. */
  waitMs: number | undefined;
  isOpen: boolean;
}

/** What becomes of answers. */
export interface QuestionEnds {
  /** Whether a call that was granted may still go. */
  mayGo(): boolean;
  admit(call: WaitingCall, reservation: Reservation): void;
  /** An answer was dealt with: others may go, or be asked about. */
  advance(): void;
}

/**
 * Questions to a rate limit that is shared with other processes, one for each call, several at once. Calls that were refused wait again, in
 * their old order, once all answers are there; in between nobody is asked about.
 */
export class LimitQuestions {
  /** A call was refused, and answers are still out. */
  isRefused = false;
  readonly #queue: WaitingQueue;
  readonly #clock: Clock;
  readonly #ends: QuestionEnds;
  /** In the order of their calls. */
  #asked: Question[] = [];
  #refusedCall: WaitingCall | undefined;
  #refusedUntil = 0;

  constructor(queue: WaitingQueue, clock: Clock, ends: QuestionEnds) {
    this.#queue = queue;
    this.#clock = clock;
    this.#ends = ends;
  }

  /** How many calls it is about: each keeps a slot until its answer comes. */
  get count(): number {
    return this.#asked.length;
  }

  /** For how long it makes no sense to ask about this call again, in ms: 0 for any but the one that was refused. */
  restMs(call: WaitingCall): number {
    return call === this.#refusedCall ? Math.max(0, this.#refusedUntil - this.#clock.now()) : 0;
  }

  ask(answer: Promise<Reservation | number>, call: WaitingCall): void {
    const question: Question = { call, waitMs: undefined, isOpen: true };
    this.#asked.push(question);
    void answer.then((leave) => this.#answered(question, leave));
  }

  /** Nobody waits any more. */
  forget(): void {
    this.#refusedCall = undefined;
  }

  #answered(question: Question, leave: Reservation | number): void {
    const { call } = question;
    question.isOpen = false;
    if (typeof leave === 'number') {
      question.waitMs = leave;
      this.isRefused = true;
    } else if (!call.isAwaited) {
      leave.cancel();
    } else if (this.#ends.mayGo()) {
      this.#asked.splice(this.#asked.indexOf(question), 1);
      this.#ends.admit(call, leave);
    } else {
      leave.cancel();
      question.waitMs = 0;
      this.isRefused = true;
    }
    this.#tidy();
    this.#ends.advance();
  }

  #tidy(): void {
    if (this.#asked.some(({ isOpen }) => isOpen)) {
      // Who has left keeps no slot.
      this.#asked = this.#asked.filter(({ isOpen, waitMs }) => isOpen || waitMs !== undefined);
      return;
    }
    const refused = this.#asked.filter(({ call, waitMs }) => waitMs !== undefined && call.isAwaited);
    this.#asked = [];
    this.isRefused = false;
    for (const { call } of refused.toReversed()) this.#queue.putBack(call, this.#clock.coarse());
    const first = refused[0];
    if (first === undefined || first.waitMs === 0) return;
    this.#refusedCall = first.call;
    this.#refusedUntil = this.#clock.now() + first.waitMs!;
  }
}
