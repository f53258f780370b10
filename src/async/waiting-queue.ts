import { Ageing, turnAt } from './ageing.js';
import { Arrivals } from './arrivals.js';
import { QueueFullError } from './errors.js';
import type { AsyncEvents } from './events.js';
import { FairShare } from './fair-share.js';
import { PriorityLevels } from './priority-levels.js';
import type { QueuePolicy } from './processor-options.js';
import type { Waiter } from './waiter.js';

/** Options of a {@link WaitingQueue}. */
export interface WaitingQueueOptions {
  /** How many may wait, those of batches not counted. Infinity for no bound. */
  readonly max: number;
  readonly policy: QueuePolicy;
  /** After how long a call counts as one of the next higher priority, in milliseconds. Infinity for never. */
  readonly ageingMs: number;
  /** Told of each call that had to leave or was not let in, after it was refused. Must not throw. */
  readonly onDrop?: (waiter: Waiter, why: AsyncEvents['drop']['why'], now: number) => void;
}

/**
 * The calls that wait for their turn: higher priorities first, and among equals each group its fair share. A call that waits
 * long counts as one of a higher priority. Whoever admits calls asks whose turn it is ({@link peek}), takes it out
 * ({@link remove}), and says what entered and left, once there are groups ({@link hasGroups}). With a single group of a single
 * priority all of it is O(1); else O(log n) in groups, and O(n) in priorities among which the wait makes a difference.
 */
export class WaitingQueue {
  readonly #max: number;
  readonly #policy: QueuePolicy;
  readonly #ageing: Ageing;
  readonly #onDrop: WaitingQueueOptions['onDrop'];
  readonly #levels: PriorityLevels;
  /** All calls that may have to leave, where the oldest does. */
  readonly #arrivals: Arrivals | undefined;
  #size = 0;
  /** Calls that count to the bound. */
  #bounded = 0;
  /** The only group there was lately, while there is no book of groups. */
  #alone: string | undefined;
  #aloneAt = 0;
  #book: FairShare | undefined;

  constructor({ max, policy, ageingMs, onDrop }: WaitingQueueOptions) {
    this.#max = max;
    this.#policy = policy;
    this.#ageing = new Ageing(ageingMs);
    this.#onDrop = onDrop;
    this.#levels = new PriorityLevels(policy === 'drop-lowest');
    this.#arrivals = policy === 'drop-oldest' ? new Arrivals() : undefined;
  }

  /** All calls that wait. */
  get size(): number {
    return this.#size;
  }

  /** Several groups were at work in the last while: {@link entered} and {@link left} are to be told from now on. */
  get hasGroups(): boolean {
    return this.#book !== undefined;
  }

  /**
   * A call begins to wait. False when it was refused because the queue is full; another may have been refused instead. Who is
   * refused is told by `refuse`.
   */
  push(waiter: Waiter, now: number): boolean {
    if (waiter.isExempt || this.#bounded < this.#max) {
      this.#add(waiter, now);
      return true;
    }
    const victim = this.#victimFor(waiter);
    if (victim !== undefined) {
      this.remove(victim);
      this.#add(waiter, now);
    }
    const refused = victim ?? waiter;
    refused.refuse(new QueueFullError(this.#max, this.#policy));
    const why = victim === undefined ? 'full' : this.#policy === 'drop-oldest' ? 'oldest' : 'lower-priority';
    this.#onDrop?.(refused, why, now);
    return victim !== undefined;
  }

  /**
   * Whose turn it is, without taking it; `undefined` when nobody may go now. A group that is refused a slot holds one already:
   * its turn may come when that call has left.
   *
   * @param free - slots that are free
   * @param limit - slots in all
   * @param isRateBound - the rate is what is scarce, not the slots
   */
  peek(now: number, free: number, limit: number, isRateBound: boolean): Waiter | undefined {
    if (this.#size === 0) return undefined;
    const levels = this.#levels.all;
    if (this.#book === undefined && levels.length === 1) return levels[0]!.sole.head;
    const book = this.#tendedBook(now, free, limit);
    const supply = { now, free, limit, isRateBound };
    const lane = levels.length === 1 ? turnAt(levels[0]!, book, supply) : this.#ageing.turnAmong(levels, book, supply);
    return lane?.head;
  }

  /** Takes a call out: it is admitted, or has given up. Nothing happens to one that does not wait. */
  remove(waiter: Waiter): void {
    if (!waiter.isWaiting) return;
    waiter.isWaiting = false;
    this.#size--;
    const level = this.#levels.of(waiter.priority);
    if (!waiter.isExempt) {
      this.#bounded--;
      this.#arrivals?.left();
      level.arrivals?.left();
    }
    if (this.#book !== undefined) this.#book.remove(waiter, level);
    else level.sole.remove(waiter);
    if (level.isEmpty) this.#levels.dropEmpty(level);
  }

  /** A call of a group got its slot. Needed while there are groups, and of any call that neither waited nor asked {@link mayEnter}. */
  entered(group: string, tokens: number, now: number): void {
    if (!this.#isAlone(group, now)) this.#book!.entered(group, tokens, now);
  }

  /** A call of a group gave its slot back. Needed while there are groups. */
  left(group: string, now: number): void {
    this.#book?.left(group, now);
  }

  /**
   * May a call of a group go right now, while nobody waits? To be asked for each one that does not wait: groups become known by
   * it.
   */
  mayEnter(group: string, free: number, limit: number, now: number): boolean {
    this.#tendedBook(now, free, limit);
    if (this.#isAlone(group, now)) return true;
    const book = this.#book!;
    const known = book.of(group, now);
    book.tend(now, free, limit);
    return book.mayTake(known, free);
  }

  /** One that was taken out could not go after all: it is first of its group and priority again, however full the queue is. */
  putBack(waiter: Waiter, now: number): void {
    this.#add(waiter, now, true);
  }

  /** Refuses everyone, or all but those of batches. */
  drainAll(error: Error, isForBatchesToo = true): void {
    const all: Waiter[] = [];
    for (const level of this.#levels.all) {
      for (const lane of [level.sole, ...level.bySlots.lanes]) {
        for (let waiter = lane.head; waiter !== undefined; waiter = waiter.next) {
          if (isForBatchesToo || !waiter.isExempt) all.push(waiter);
        }
      }
    }
    // Out first: who is refused may come back at once.
    for (const waiter of all) this.remove(waiter);
    for (const waiter of all) waiter.refuse(error);
  }

  #add(waiter: Waiter, now: number, isBack = false): void {
    const isAlone = this.#isAlone(waiter.group, now);
    const level = this.#levels.for(waiter.priority);
    if (!isAlone) this.#book!.add(waiter, level, now, isBack);
    else if (isBack) level.sole.prepend(waiter);
    else level.sole.append(waiter);
    this.#ageing.came(waiter.since, this.#size === 0);
    waiter.isWaiting = true;
    this.#size++;
    if (waiter.isExempt) return;
    this.#bounded++;
    this.#arrivals?.add(waiter);
    level.arrivals?.add(waiter);
  }

  /** Who leaves in favour of a new call; `undefined` when the new one does. */
  #victimFor(waiter: Waiter): Waiter | undefined {
    if (this.#policy === 'drop-oldest') return this.#arrivals!.oldest();
    if (this.#policy === 'reject') return undefined;
    const levels = this.#levels.all;
    let at = levels.length - 1;
    while (at > 0 && levels[at]!.arrivals!.waiting === 0) at--;
    const lowest = levels[at]!;
    return lowest.priority < waiter.priority ? lowest.arrivals!.newest() : undefined;
  }

  /** Is there no group but this one? Opens the book at the second one. */
  #isAlone(group: string, now: number): boolean {
    if (this.#book !== undefined) return false;
    if (group === this.#alone || this.#alone === undefined) {
      this.#alone = group;
      this.#aloneAt = now;
      return true;
    }
    this.#book = new FairShare(this.#alone, this.#aloneAt);
    this.#book.takeOver(this.#levels.all, this.#size);
    return false;
  }

  /** The book brought up to date, and closed when all groups but one are forgotten. */
  #tendedBook(now: number, free: number, limit: number): FairShare | undefined {
    const book = this.#book;
    if (book === undefined) return undefined;
    book.tend(now, free, limit);
    if (book.known > 1) return book;
    this.#alone = book.handOver(this.#levels.all);
    this.#aloneAt = now;
    this.#book = undefined;
    return undefined;
  }
}
