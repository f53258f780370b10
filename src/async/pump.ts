import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../core/clock.js';
import { CallControl } from './call-control.js';
import type { CallDetails } from './caller.js';
import type { Gate } from './gate.js';
import { ITEMS_PER_TURN, nextTurn } from './next-turn.js';
import type { PumpFailure, PumpWork } from './pump-work.js';
import type { Source } from './source.js';
import { type Pulled, SourceReader } from './source-reader.js';

/** What a pump stands on. */
export interface PumpParts {
  readonly gate: Gate;
  /** Where workers wait for slots. `undefined`: what `start` does takes slots itself. */
  readonly slots: CallDetails | undefined;
  /** Whether a source that fails stops what is under way. If not, that comes to its own end first. */
  readonly stopsOnSourceFailure: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Told when no worker is left for now. */
  onRest(): void;
  /** Told once, before `ended`. */
  onOver(): void;
  trouble(error: unknown, during: string): void;
}

/**
 * Pulls items from one shared iterator with as many workers as there are slots, and never more: an item is pulled when somebody is
 * there to start it, so memory is that of the items under way, however long the source. An iterator is asked for one item at a
 * time, as few hand-written ones expect more.
 */
export class Pump<Item, Value> {
  readonly #source: SourceReader<Item>;
  readonly #todo: PumpWork<Item, Value>;
  readonly #parts: PumpParts;
  readonly #controls = new Set<CallControl>();
  #workers = 0;
  /** Workers that wait for slots. When one has its slot it calls the next: of many that are new, one at a time need wait. */
  #waiting = 0;
  #isExhausted = false;
  #failure: PumpFailure | undefined;
  #isOver = false;
  /** When so many were pulled, everything else in the process gets its turn. */
  #turnAt = ITEMS_PER_TURN;
  #turn: Promise<void> | undefined;
  readonly #context = new AsyncResource('hotpath.Pump');
  readonly #onSignal = (): void => this.stop({ error: this.#parts.signal?.reason, from: 'outside' });
  /** Workers that rest until there is room for one more item. */
  readonly #parked: ((isNeeded: true) => void)[] = [];
  readonly #park = (resolve: (isNeeded: true) => void): void => {
    this.#parked.push(resolve);
  };
  readonly #grow = (): void => {
    if (this.#parked.length > 0) {
      if (this.#mayPull()) this.#parked.pop()!(true);
      return;
    }
    while (this.#mayGrow()) {
      this.#workers++;
      void this.#work();
    }
    this.#endIfOver();
  };

  constructor(source: Source<Item>, work: PumpWork<Item, Value>, parts: PumpParts) {
    this.#source = new SourceReader(source, {
      exhausted: () => {
        this.#isExhausted = true;
        this.#wakeAll();
      },
      failed: (error) => this.#sourceFailed(error),
    });
    parts.signal?.addEventListener('abort', this.#onSignal, { once: true });
    this.#todo = work;
    this.#parts = parts;
  }

  /** Whether anything is under way. A stream that nobody reads rests. */
  get isBusy(): boolean {
    return this.#workers > this.#parked.length;
  }

  /** Starts as many workers as there is room and work for, in the async context in which the pump was made. */
  grow(): void {
    // Who is woken has a context of his own.
    if (this.#parked.length > 0) this.#grow();
    else if (!this.#isOver && (this.#workers === 0 || this.#mayGrow())) this.#context.runInAsyncScope(this.#grow);
  }

  /** Ends it: nothing more is pulled, what is under way is told to stop and waited for. The first failure stands. */
  stop(failure: PumpFailure): void {
    if (this.#failure !== undefined || this.#isOver) return;
    this.#failure = failure;
    for (const control of this.#controls) control.abort(failure.error);
    this.#wakeAll();
    this.#endIfOver();
  }

  #mayGrow(): boolean {
    return this.#mayPull() && !this.#source.isPulling && this.#waiting === 0 && this.#workers < this.#parts.gate.limit;
  }

  /** Nobody rests any longer: it comes to its end. */
  #wakeAll(): void {
    for (const wake of this.#parked.splice(0)) wake(true);
  }

  /** There is no room for one more item: waits until there is. False when there will be none. */
  #rest(): false | Promise<true> {
    if (this.#failure !== undefined || this.#isExhausted) return false;
    const rested = new Promise<true>(this.#park);
    if (!this.isBusy) this.#parts.onRest();
    return rested;
  }

  #mayPull(): boolean {
    return this.#failure === undefined && !this.#isExhausted && this.#todo.mayPull(this.#source.pulled);
  }

  /** A worker: it retires when there is nothing for it to do, or another one sees to that already. */
  async #work(): Promise<void> {
    const { slots } = this.#parts;
    const control = new CallControl(false);
    this.#controls.add(control);
    if (slots !== undefined && !this.#source.isAsync) await this.#workOnSlot(slots, control);
    else await this.#workOnItems(slots, control);
    this.#controls.delete(control);
    this.#workers--;
    // There may be room again since it looked, and whoever made it found this worker still there.
    this.#grow();
    if (!this.isBusy) this.#parts.onRest();
  }

  /** The usual case: a source that answers at once is asked with the slot in hand, and the slot is kept while nobody else wants it. */
  async #workOnSlot(slots: CallDetails, control: CallControl): Promise<void> {
    const { gate, clock } = this.#parts;
    const todo = this.#todo;
    const source = this.#source;
    let holdsSlot = gate.tryEnter(slots.group);
    control.startedAt = clock.coarse();
    for (;;) {
      if (!this.#mayPull()) {
        if (holdsSlot) gate.leave(slots.group);
        holdsSlot = false;
        if (!(await this.#rest())) return;
        continue;
      }
      if (!holdsSlot) {
        holdsSlot = gate.tryEnter(slots.group) || (await this.#waitForSlot(slots, control, false));
        if (!holdsSlot) return;
        control.startedAt = clock.coarse();
        continue;
      }
      if (source.pulled >= this.#turnAt) {
        await this.#takeTurn();
        continue;
      }
      if (!source.pull()) break;
      control.renew(source.pulled - 1);
      const item = source.item as Item;
      try {
        let wait: PromiseLike<void> | undefined;
        try {
          wait = todo.fulfilled(item, control, await todo.start(item, control));
        } catch (reason) {
          wait = todo.rejected(item, control, reason);
        }
        if (wait === undefined && !gate.isContended) continue;
        holdsSlot = false;
        gate.leave(slots.group);
        if (wait !== undefined) await wait;
      } catch (error) {
        this.stop({ error, from: 'item' });
      }
    }
    if (holdsSlot) gate.leave(slots.group);
  }

  /** A source that may keep us waiting is asked without a slot, which others can use; and so is any where `start` takes its own. */
  async #workOnItems(slots: CallDetails | undefined, control: CallControl): Promise<void> {
    const { gate, clock } = this.#parts;
    const { isAsync } = this.#source;
    const todo = this.#todo;
    while (this.#workers <= gate.limit) {
      if (!this.#mayPull()) {
        if (!(await this.#rest())) return;
        continue;
      }
      if (this.#source.pulled >= this.#turnAt) {
        await this.#takeTurn();
        continue;
      }
      const pulled = isAsync
        ? await this.#pullAsync(control)
        : this.#pull(control) && { item: this.#source.item as Item };
      // Told to stop while the item was on its way: it has no outcome.
      if (!pulled || control.isAborted) return;
      const { item } = pulled;
      if (slots !== undefined && !gate.tryEnter(slots.group) && !(await this.#waitForSlot(slots, control, true)))
        return;
      control.startedAt = clock.coarse();
      try {
        let wait: PromiseLike<void> | undefined;
        try {
          wait = todo.fulfilled(item, control, await todo.start(item, control));
        } catch (reason) {
          wait = todo.rejected(item, control, reason);
        } finally {
          if (slots !== undefined) gate.leave(slots.group);
        }
        if (wait !== undefined) await wait;
      } catch (error) {
        this.stop({ error, from: 'item' });
      }
    }
  }

  /** False when it came to nothing. */
  async #waitForSlot(slots: CallDetails, control: CallControl, hasItem: boolean): Promise<boolean> {
    const { gate, clock } = this.#parts;
    if (!hasItem) this.#waiting++;
    const waitsFrom = clock.coarse();
    try {
      await gate.enter(slots, control, false);
    } catch (error) {
      this.stop({ error, from: 'outside' });
      return false;
    } finally {
      if (!hasItem) this.#waiting--;
    }
    if (control.isAborted) {
      gate.withdraw(slots.group);
      return false;
    }
    if (hasItem) control.queueMs += clock.coarse() - waitsFrom;
    else this.#grow();
    return true;
  }

  /** Functions that answer at once and a source that does never wait for anything: without this nothing else in the process ever would run. */
  async #takeTurn(): Promise<void> {
    this.#turnAt = this.#source.pulled + ITEMS_PER_TURN;
    this.#turn ??= nextTurn();
    await this.#turn;
    this.#turn = undefined;
  }

  #pullAsync(control: CallControl): Promise<Pulled<Item> | undefined> {
    // It may keep us waiting for longer than we are there.
    return this.#source.pullAsync(
      () => this.#failure === undefined,
      () => {
        control.renew(this.#source.pulled - 1);
        this.#grow();
      },
    );
  }

  #pull(control: CallControl): boolean {
    if (!this.#source.pull()) return false;
    control.renew(this.#source.pulled - 1);
    return true;
  }

  #sourceFailed(error: unknown): void {
    this.#isExhausted = true;
    this.#wakeAll();
    if (this.#parts.stopsOnSourceFailure) this.stop({ error, from: 'source' });
    else this.#failure ??= { error, from: 'source' };
  }

  #endIfOver(): void {
    const isStuck = this.#source.isPulling && this.#failure !== undefined;
    if (this.#isOver || this.#workers > (isStuck ? 1 : 0)) return;
    if (this.#failure === undefined && !this.#isExhausted) return;
    this.#isOver = true;
    if (this.#isExhausted) this.#end();
    else void this.#source.close((error) => this.#parts.trouble(error, 'the end of a source')).then(() => this.#end());
  }

  #end(): void {
    const { signal, onOver } = this.#parts;
    signal?.removeEventListener('abort', this.#onSignal);
    onOver();
    this.#todo.ended(this.#failure);
  }
}
