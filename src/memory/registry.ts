import type { Clock } from '../core/clock.js';
import type { Unsubscribe } from '../core/emitter.js';
import { InvalidOptionError } from '../core/errors.js';
import { text } from '../core/option-values.js';
import { Registered } from './registered.js';
import { trimOrder } from './trim-order.js';
import type { RegisterOptions, Trimmable } from './trimmable.js';

/** Savings are compared over one to two of these. */
const MARK_MS = 60_000;

/** What can give memory back. */
export class Registry {
  readonly #clock: Clock;
  readonly #onTrouble: (error: unknown, during: string) => void;
  readonly #all = new Map<string, Registered>();
  #markedAt: number;
  #isClosed = false;

  constructor(clock: Clock, onTrouble: (error: unknown, during: string) => void) {
    this.#clock = clock;
    this.#onTrouble = onTrouble;
    this.#markedAt = clock.now();
  }

  /** Checks, and does nothing else, once closed. @throws InvalidOptionError for a name that is taken, and what is no trimmable */
  register(name: string, trimmable: Trimmable, options: RegisterOptions = {}): Unsubscribe {
    text('name', name);
    if (this.#all.has(name)) throw new InvalidOptionError('name', 'one that is not registered yet', name);
    const registered = new Registered(name, trimmable, options, this.#onTrouble);
    if (this.#isClosed) return () => {};
    this.#all.set(name, registered);
    return () => {
      if (this.#all.get(name) === registered) this.#all.delete(name);
    };
  }

  /** All, the first to be trimmed first. */
  inOrder(): readonly Registered[] {
    const ranked = [...this.#all.values()].map((registered) => {
      const { priority, worth, bytes } = registered;
      return { registered, priority, worth, bytes };
    });
    return ranked.sort(trimOrder).map(({ registered }) => registered);
  }

  has(registered: Registered): boolean {
    return this.#all.get(registered.name) === registered;
  }

  /** Called at each look: from time to time it notes what has been saved so far. */
  tick(): void {
    const now = this.#clock.now();
    if (now - this.#markedAt < MARK_MS && now >= this.#markedAt) return;
    this.#markedAt = now;
    for (const registered of this.#all.values()) registered.mark();
  }

  /** Bytes of all that say how much they hold. */
  registeredBytes(): number {
    let sum = 0;
    for (const { bytes = 0 } of this.#all.values()) sum += bytes;
    return sum;
  }

  /** Forgets all, and takes no more. */
  close(): void {
    this.#isClosed = true;
    this.#all.clear();
  }
}
