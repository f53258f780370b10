import type { Clock } from '../../core/clock.js';

/**
 * Lets the writes of one name follow each other, in a store that promises no order: a slow write must not land behind a delete
 * that came after it.
 *
 * A write that does not end is waited for at most `patienceMs`. Once it ends after all, those who overtook it are told: it may
 * have undone what they did.
 */
export class WriteOrder {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  /** The newest write of each name: settles with it, never rejects. */
  readonly #newest = new Map<string, Promise<void>>();

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /**
   * Runs a write once those of its name before it are over; in this very call stack where there are none.
   *
   * @param overtaken - runs when one that was not waited for any longer has ended
   */
  run<T>(name: string, write: () => Promise<T>, overtaken: () => void): Promise<T> {
    const before = this.#newest.get(name);
    const done = before === undefined ? write() : this.#patiently(before, overtaken).then(write);
    const settled = done.then(
      () => {},
      () => {},
    );
    this.#newest.set(name, settled);
    void settled.then(() => {
      if (this.#newest.get(name) === settled) this.#newest.delete(name);
    });
    return done;
  }

  #patiently(before: Promise<void>, overtaken: () => void): Promise<void> {
    return new Promise((resolve) => {
      let isOver = false;
      const cancel = this.#clock.setTimer(() => {
        isOver = true;
        resolve();
      }, this.#patienceMs);
      void before.then(() => {
        cancel();
        if (isOver) overtaken();
        else resolve();
      });
    });
  }
}
