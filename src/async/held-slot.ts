import type { Gate } from './gate.js';

/**
 * The slot of one attempt. It goes back when the function has ended and the layers have learnt from it, whichever comes last: a
 * refused call must have stopped the others before it makes room for one of them.
 */
export class HeldSlot {
  readonly #gate: Gate;
  readonly #group: string;
  #misses: 2 | 1 | 0 = 2;

  constructor(gate: Gate, group: string) {
    this.#gate = gate;
    this.#group = group;
  }

  /** The function has ended, or is not waited for any more. */
  ended(): void {
    this.#step();
  }

  /** The layers know what it came to. */
  judged(): void {
    this.#step();
  }

  #step(): void {
    this.#misses = this.#misses === 2 ? 1 : 0;
    if (this.#misses === 0) this.#gate.leave(this.#group);
  }
}
