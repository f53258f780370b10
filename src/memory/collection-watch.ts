import type { Unsubscribe } from '../core/emitter.js';
import type { Collection, CollectionListener } from './collections.js';

/** Shares one subscription to garbage collections, which is there only while somebody listens. */
export class CollectionWatch {
  readonly #subscribe: (listener: CollectionListener) => () => void;
  readonly #onTrouble: (error: unknown, during: string) => void;
  #listeners: readonly CollectionListener[] = [];
  #end: (() => void) | undefined;
  #majors = 0;
  #majorMs = 0;

  constructor(
    subscribe: (listener: CollectionListener) => () => void,
    onTrouble: (error: unknown, during: string) => void,
  ) {
    this.#subscribe = subscribe;
    this.#onTrouble = onTrouble;
  }

  on(listener: CollectionListener): Unsubscribe {
    this.#listeners = [...this.#listeners, listener];
    this.#end ??= this.#subscribe((collection) => this.#tell(collection));
    let active = true;
    return () => {
      if (!active) return;
      active = false;
      const rest = [...this.#listeners];
      rest.splice(rest.indexOf(listener), 1);
      this.#listeners = rest;
      if (rest.length > 0) return;
      this.#end?.();
      this.#end = undefined;
    };
  }

  /** Whether collections are seen at present. */
  get isWatching(): boolean {
    return this.#end !== undefined;
  }

  /** Major collections seen so far. */
  get majors(): number {
    return this.#majors;
  }

  /** How long they stopped the thread, in all. */
  get majorMs(): number {
    return this.#majorMs;
  }

  #tell(collection: Collection): void {
    if (collection.kind === 'major') {
      this.#majors++;
      this.#majorMs += collection.ms;
    }
    for (const listener of this.#listeners) {
      try {
        listener(collection);
      } catch (error) {
        this.#onTrouble(error, 'a look at a garbage collection');
      }
    }
  }
}
