import type { Clock } from '../core/clock.js';
import { KeepAlive } from '../core/keep-alive.js';
import type { CallBreaker } from './call-breaker.js';
import type { CallDetails } from './caller.js';
import type { DeadlineHeap } from './deadline-heap.js';
import { HoldBack } from './hold-back.js';
import { LimitQuestions } from './limit-questions.js';
import type { RateLimiter, Reservation } from './rate/rate-limiter.js';
import type { WaitingCall, WaitingRoom } from './waiting-call.js';
import type { WaitingQueue } from './waiting-queue.js';

/** What a gate stands on. */
export interface GateParts {
  readonly limit: number;
  readonly queue: WaitingQueue;
  readonly limiter: RateLimiter | undefined;
  readonly breaker: CallBreaker | undefined;
  readonly heap: DeadlineHeap;
  readonly clock: Clock;
}

/** Calls may wait though slots are free, where a group keeps one free for others: so often it is looked at anew. */
const LOOK_AGAIN_MS = 100;

/**
 * Lets calls in, one queue for all reasons to wait: a call goes when a slot is free, no cool-down runs, the breaker allows
 * and the rate limit grants it. Whoever is let in holds a slot and gives it back with {@link leave}.
 */
export class Gate implements WaitingRoom {
  /** Slots that are taken. */
  active = 0;
  /** Told when there is room for more calls than before. */
  onRoom: (() => void) | undefined;
  /** Told when no slot is taken any more, and nobody waits. */
  onIdle: (() => void) | undefined;
  readonly #parts: GateParts;
  #limit: number;
  #pausedUntil = 0;
  #isAdvancing = false;
  #isRateBound = false;
  /** While calls wait for something that holds no handle of its own: the breaker, or a store in another process. */
  readonly #alive = new KeepAlive();
  readonly #holdBack: HoldBack;
  readonly #questions: LimitQuestions;
  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#limit = parts.limit;
    const { heap, clock, queue, breaker } = parts;
    this.#holdBack = new HoldBack(heap, clock, () => this.advance());
    this.#questions = new LimitQuestions(queue, clock, {
      mayGo: () => this.active < this.#limit && !this.#isPaused() && breaker?.mayStart !== false,
      admit: (call, reservation) => this.#admit(call, reservation),
      advance: () => this.advance(),
    });
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    const grows = limit > this.#limit;
    this.#limit = limit;
    if (!grows) return;
    this.advance();
    this.onRoom?.();
  }

  /** Time of the clock for which a rate limit or a cool-down held calls back, in ms. */
  get heldBackMs(): number {
    return this.#holdBack.totalMs;
  }

  get queued(): number {
    return this.#parts.queue.size + this.#questions.count;
  }

  /** Milliseconds that a cool-down has still to run. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntil - this.#parts.clock.now());
  }

  /** Whoever holds a slot and could go on with it should give it back: others wait, or there are fewer slots than before. */
  get isContended(): boolean {
    return this.#parts.queue.size > 0 || this.active > this.#limit || this.#pausedUntil > 0;
  }

  /** Takes a slot if one is there for the taking. Only where there is no rate limit and no breaker. */
  tryEnter(group: string): boolean {
    if (this.#free <= 0 || this.#parts.queue.size > 0 || this.#isPaused()) return false;
    if (!this.#fits(group)) return false;
    this.#take(group, 0);
    return true;
  }

  /**
   * Lets a call in at once or in its turn. Rejects with the reason of an abort, a QueueFullError, a BreakerOpenError or, at the
   * end of the processor, its error.
   *
   * @param isRetry - it was let in before
   */
  enter(
    details: CallDetails,
    call: WaitingCall,
    isRetry: boolean,
  ): Reservation | undefined | Promise<Reservation | undefined> {
    const { queue, limiter, breaker, clock } = this.#parts;
    const mayStart = breaker === undefined || breaker.mayStart;
    if (!mayStart && !details.isExempt) return Promise.reject(breaker.refusal());
    const isFree =
      mayStart &&
      !this.#questions.isRefused &&
      this.#free > 0 &&
      queue.size === 0 &&
      !this.#isPaused() &&
      this.#fits(details.group);
    const leave = isFree && limiter !== undefined ? limiter.reserve(details.tokens) : undefined;
    if (isFree && (leave === undefined || (typeof leave === 'object' && !('then' in leave)))) {
      this.#take(details.group, details.tokens);
      return leave;
    }
    const turn = call.wait(details, isRetry, clock.coarse(), this);
    if (typeof leave === 'object' && 'then' in leave) this.#ask(leave, call);
    else if (queue.push(call, call.since)) {
      if (typeof leave === 'number') this.#wait(leave);
      else this.advance();
    }
    return turn;
  }

  left(call: WaitingCall): void {
    this.#parts.queue.remove(call);
    this.advance();
  }

  /** The breaker lets nobody start: those who do not wait for it to close are told at once. */
  refuseAll(): void {
    const { breaker, queue } = this.#parts;
    if (breaker !== undefined) queue.drainAll(breaker.refusal(), false);
  }

  /** Nobody is to wait any longer. */
  refuseEveryone(error: Error): void {
    this.#parts.queue.drainAll(error);
  }

  /** Gives a slot back. */
  leave(group: string): void {
    this.active--;
    const { queue } = this.#parts;
    if (queue.hasGroups) queue.left(group, this.#parts.clock.coarse());
    if (queue.size > 0) this.advance();
    else if (this.active === 0) this.onIdle?.();
  }

  /** Gives a slot back that was never used. */
  withdraw(group: string): void {
    const { breaker } = this.#parts;
    breaker?.left(breaker.pass);
    this.leave(group);
  }

  /** Nothing is let in for so long. The longest of several counts. */
  pause(ms: number): void {
    const until = this.#parts.clock.now() + ms;
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.advance();
  }

  /** Lets in whoever may go. */
  advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    if (this.#questions.count === 0) this.#alive.release();
    try {
      while (this.#admitNext());
      if (this.#parts.queue.size === 0) this.#sleep();
    } finally {
      this.#isAdvancing = false;
    }
    // Also where the last one about whom the limit was asked had left.
    if (this.active === 0 && this.queued === 0) this.onIdle?.();
  }

  close(): void {
    this.#sleep();
    this.#alive.end();
  }

  /** False when nobody may go now. */
  #admitNext(): boolean {
    const { queue, limiter, breaker, clock } = this.#parts;
    if (queue.size === 0) return false;
    if (this.#free <= 0) {
      this.#isRateBound = false;
      this.#holdBack.end();
      return false;
    }
    if (this.#isPaused()) {
      this.#wait(this.#pausedUntil - clock.now());
      return false;
    }
    // What was refused is asked for again first, and in its order.
    if (this.#questions.isRefused) return false;
    const waiter = queue.peek(clock.coarse(), this.#free, this.#limit, this.#isRateBound) as WaitingCall | undefined;
    if (waiter === undefined) {
      this.#holdBack.wakeIn(LOOK_AGAIN_MS);
      return false;
    }
    if (breaker !== undefined && !breaker.mayStart) {
      // A batch waits until it closes; others are told at once.
      if (waiter.isExempt) {
        this.#alive.hold();
        return false;
      }
      queue.remove(waiter);
      waiter.refuse(breaker.refusal());
      return true;
    }
    // What was refused is not asked about again before its time, as long as nobody else is first.
    const restMs = this.#questions.restMs(waiter);
    const leave = restMs > 0 ? restMs : limiter?.reserve(waiter.tokens);
    if (typeof leave === 'number') {
      this.#wait(leave);
      return false;
    }
    queue.remove(waiter);
    if (leave !== undefined && 'then' in leave) this.#ask(leave, waiter);
    else this.#admit(waiter, leave);
    return true;
  }

  /** Slots that nobody has, and nobody is being asked about. */
  get #free(): number {
    return this.#limit - this.active - this.#questions.count;
  }

  /** A limit of several processes is being asked, for one call each: a slot is kept for it until the answer comes. */
  #ask(answer: Promise<Reservation | number>, call: WaitingCall): void {
    this.#alive.hold();
    this.#questions.ask(answer, call);
  }

  #admit(call: WaitingCall, reservation: Reservation | undefined): void {
    this.#take(call.group, call.tokens);
    call.reservation = reservation;
    call.admit();
  }

  #take(group: string, tokens: number): void {
    this.active++;
    this.#holdBack.end();
    this.#parts.breaker?.started();
    const { queue } = this.#parts;
    queue.entered(group, tokens, this.#parts.clock.coarse());
  }

  #fits(group: string): boolean {
    const { queue, clock } = this.#parts;
    if (!queue.hasGroups) return true;
    return queue.mayEnter(group, this.#limit - this.active, this.#limit, clock.coarse());
  }

  #isPaused(): boolean {
    if (this.#pausedUntil === 0) return false;
    if (this.#parts.clock.now() < this.#pausedUntil) return true;
    this.#pausedUntil = 0;
    return false;
  }

  /** Slots are not what is scarce. */
  #wait(ms: number): void {
    this.#isRateBound = true;
    this.#holdBack.for(ms);
  }

  #sleep(): void {
    this.#holdBack.sleep();
    this.#questions.forget();
  }
}
