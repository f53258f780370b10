import type { CallControl } from './call-control.js';
import type { DeadlineHeap } from './deadline-heap.js';
import type { Gate } from './gate.js';
import { LinkedList } from './linked-list.js';
import type { Waiter } from './waiter.js';
import type { WaitingCall } from './waiting-call.js';
import { WeakCollection } from './weak-collection.js';

/** What is needed of a pump. */
export interface RunningPump {
  readonly isBusy: boolean;
  grow(): void;
  stop(failure: { readonly error: unknown; readonly from: 'outside' }): void;
}

/** All that a processor has under way: to be waited for, and to be stopped at the end. */
export class UnderWay {
  /** Direct calls whose function runs: those that wait are in the queue of the gate. */
  readonly running: LinkedList<Waiter> = new LinkedList<Waiter>();
  readonly #heap: DeadlineHeap;
  readonly #gates: readonly Gate[];
  readonly #controls = new Set<CallControl>();
  /** Weak, so that a stream that somebody has begun to read and dropped is not kept. What is under way keeps itself. */
  readonly #pumps = new WeakCollection<RunningPump>();
  readonly #waiters = new Set<(isIdle: boolean) => void>();

  /** @param gates - all that calls go through */
  constructor(heap: DeadlineHeap, gates: readonly Gate[]) {
    this.#heap = heap;
    this.#gates = gates;
    for (const gate of gates) gate.onIdle = () => this.tell();
  }

  begin(control: CallControl): void {
    this.#controls.add(control);
  }

  end(control: CallControl): void {
    this.#controls.delete(control);
    if (this.#waiters.size > 0) this.tell();
  }

  addPump(pump: RunningPump): void {
    this.#pumps.add(pump);
  }

  dropPump(pump: RunningPump): void {
    this.#pumps.delete(pump);
    this.tell();
  }

  /** There may be room for more. */
  grow(): void {
    for (const pump of this.#pumps) pump.grow();
  }

  /** Something has come to its end. */
  tell(): void {
    if (this.#waiters.size === 0 || !this.#isIdle) return;
    for (const waiter of this.#waiters) waiter(true);
  }

  /** Resolves when nothing is under way or waits, or with false when the time was up before. */
  waitForIdle(ms: number): Promise<boolean> {
    if (this.#isIdle) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = (isIdle: boolean): void => {
        this.#waiters.delete(waiter);
        this.#heap.cancel(deadline);
        resolve(isIdle);
      };
      const deadline = this.#heap.add(ms, () => waiter(false));
      this.#waiters.add(waiter);
    });
  }

  /** Nobody is to wait any longer. */
  giveUp(): void {
    for (const waiter of this.#waiters) waiter(false);
  }

  stopAll(error: Error): void {
    for (const control of this.#controls) control.abort(error);
    for (let call = this.running.head; call !== undefined; ) {
      // It may leave by being aborted.
      const { next } = call;
      (call as WaitingCall).abort(error);
      call = next;
    }
    for (const gate of this.#gates) gate.refuseEveryone(error);
    for (const pump of this.#pumps) pump.stop({ error, from: 'outside' });
  }

  get #isIdle(): boolean {
    if (this.#controls.size > 0 || this.#gates.some(({ active, queued }) => active > 0 || queued > 0)) return false;
    for (const pump of this.#pumps) if (pump.isBusy) return false;
    return true;
  }
}
