import type { CancelTimer, Clock } from '../core/clock.js';
import { KeepAlive } from '../core/keep-alive.js';

/** Something that falls due. Its heap made it and takes it back; nobody else changes it. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly due: number;
  /** Of two that fall due together the older one goes first. */
  readonly order: number;
  /** `undefined` once it has run or was cancelled: what the function holds on to is free then. */
  fn: (() => void) | undefined;
  /** Its place in the heap. */
  at: number;
}

/** Past this the process itself was held up. Answers may be waiting unread then, and get one turn of the event loop before a deadline counts. */
const HELD_UP_MS = 5;

/**
 * Deadlines of any lengths over a single timer of the clock: a binary heap in which each entry knows its place, so that one can be
 * taken out in O(log n) (J. W. J. Williams, "Algorithm 232: Heapsort", 1964). The timer is left armed when its deadline is cancelled, and
 * finds the next one to wait for when it fires; a deadline that is met in time, the usual case, costs no timer.
 *
 * While anything is in it the process stays alive: what waits for a deadline is awaited by somebody.
 */
export class DeadlineHeap {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #entries: Deadline[] = [];
  readonly #alive = new KeepAlive();
  #order = 0;
  /** When the timer fires; Infinity while there is none. */
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: CancelTimer | undefined;
  readonly #onTimer = (): void => this.#expire(false);
  readonly #onSecondTurn = (): void => this.#expire(true);

  /** @param onError - told what a function threw. The others run all the same. Default: it is dropped. */
  constructor(clock: Clock, onError: (error: unknown) => void = () => {}) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Deadlines that are neither due nor cancelled. */
  get size(): number {
    return this.#entries.length;
  }

  /** Runs `fn` once after `delayMs`, never within this call: 0 or less for as soon as possible, Infinity for never, which is not kept. */
  add(delayMs: number, fn: () => void): Deadline {
    const due = this.#clock.now() + (delayMs > 0 ? delayMs : 0);
    const deadline: Deadline = { due, order: this.#order++, fn, at: -1 };
    if (due === Number.POSITIVE_INFINITY) {
      deadline.fn = undefined;
      return deadline;
    }
    const entries = this.#entries;
    if (entries.length === 0) this.#alive.hold();
    entries.push(deadline);
    this.#rise(deadline, entries.length - 1);
    if (deadline.at === 0 && due < this.#armedFor) this.#arm(due - this.#clock.now());
    return deadline;
  }

  /** It does not run. Nothing happens to one that has run or was cancelled before. */
  cancel(deadline: Deadline): void {
    deadline.fn = undefined;
    if (deadline.at < 0) return;
    this.#remove(deadline);
    if (this.#entries.length === 0) this.#alive.release();
  }

  /** Cancels all that waits, and leaves neither timer nor handle behind. What is added afterwards runs as before. */
  close(): void {
    for (const entry of this.#entries) {
      entry.fn = undefined;
      entry.at = -1;
    }
    this.#entries.length = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#alive.end();
  }

  #arm(ms: number, fn: () => void = this.#onTimer): void {
    this.#cancelTimer?.();
    this.#armedFor = this.#clock.now() + ms;
    this.#cancelTimer = this.#clock.setTimer(fn, ms);
  }

  #expire(hadItsTurn: boolean): void {
    this.#cancelTimer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const entries = this.#entries;
    const now = this.#clock.now();
    if (!hadItsTurn && entries.length > 0 && now - entries[0]!.due > HELD_UP_MS) {
      this.#arm(0, this.#onSecondTurn);
      return;
    }
    // What these add for at once has its turn later: the event loop must not be held by a function that adds itself again.
    const before = this.#order;
    while (entries.length > 0 && entries[0]!.due <= now && entries[0]!.order < before) this.#run(entries[0]!);
    const head = entries[0];
    if (head === undefined) this.#alive.end();
    else if (head.due < this.#armedFor) this.#arm(head.due - now);
  }

  #run(deadline: Deadline): void {
    const { fn } = deadline;
    deadline.fn = undefined;
    this.#remove(deadline);
    try {
      fn?.();
    } catch (error) {
      this.#onError(error);
    }
  }

  #remove(deadline: Deadline): void {
    const { at } = deadline;
    const last = this.#entries.pop()!;
    deadline.at = -1;
    if (last === deadline) return;
    if (this.#rise(last, at) === at) this.#sink(last, at);
  }

  #rise(deadline: Deadline, from: number): number {
    const entries = this.#entries;
    let at = from;
    while (at > 0) {
      const parent = entries[(at - 1) >> 1]!;
      if (!isEarlier(deadline, parent)) break;
      entries[at] = parent;
      parent.at = at;
      at = (at - 1) >> 1;
    }
    entries[at] = deadline;
    deadline.at = at;
    return at;
  }

  #sink(deadline: Deadline, from: number): void {
    const entries = this.#entries;
    let at = from;
    for (let child = 2 * at + 1; child < entries.length; child = 2 * at + 1) {
      if (child + 1 < entries.length && isEarlier(entries[child + 1]!, entries[child]!)) child++;
      const lower = entries[child]!;
      if (isEarlier(deadline, lower)) break;
      entries[at] = lower;
      lower.at = at;
      at = child;
    }
    entries[at] = deadline;
    deadline.at = at;
  }
}

function isEarlier(a: Deadline, b: Deadline): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
