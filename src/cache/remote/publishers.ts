import type { CancelTimer, Clock } from '../../core/clock.js';

/** Of more publishers than this the oldest are forgotten; the next message of one is then taken as its first. */
const MOST_PUBLISHERS = 1000;
/** More missing messages than this are not waited for. */
const MOST_MISSING = 10_000;

interface Publisher {
  /** The highest number heard. */
  last: number;
  /** Numbers below it that have not come yet. */
  readonly missing: Set<number>;
  cancel: CancelTimer | undefined;
}

/** Follows the numbers of each publisher's messages, and says when one is missing. */
export class Publishers {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #onMissing: () => void;
  readonly #heard = new Map<string, Publisher>();

  /** @param patienceMs - how long a number may be missing before it counts; 0 where messages can't overtake each other */
  constructor(clock: Clock, patienceMs: number, onMissing: () => void) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#onMissing = onMissing;
  }

  /** @param n - counts the messages of `src` from 1; 0 is not counted */
  heard(src: string, n: number): void {
    if (n === 0) return;
    const publisher = this.#heard.get(src);
    if (publisher === undefined) {
      this.#forgetOldest();
      this.#heard.set(src, { last: n, missing: new Set(), cancel: undefined });
      return;
    }
    if (n <= publisher.last) {
      publisher.missing.delete(n);
      return;
    }
    const first = publisher.last + 1;
    publisher.last = n;
    if (n > first) this.#miss(publisher, first, n);
  }

  /** Starts anew: after a pause nothing can be said by numbers. */
  forget(): void {
    for (const { cancel } of this.#heard.values()) cancel?.();
    this.#heard.clear();
  }

  #miss(publisher: Publisher, from: number, to: number): void {
    if (this.#patienceMs === 0 || publisher.missing.size + to - from > MOST_MISSING) {
      publisher.missing.clear();
      this.#onMissing();
      return;
    }
    for (let n = from; n < to; n++) publisher.missing.add(n);
    publisher.cancel ??= this.#clock.setTimer(() => {
      publisher.cancel = undefined;
      if (publisher.missing.size === 0) return;
      publisher.missing.clear();
      this.#onMissing();
    }, this.#patienceMs);
  }

  #forgetOldest(): void {
    if (this.#heard.size < MOST_PUBLISHERS) return;
    const [src, { cancel }] = this.#heard.entries().next().value!;
    cancel?.();
    this.#heard.delete(src);
  }
}
