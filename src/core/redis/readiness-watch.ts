import { systemClock } from '../clock.js';
import type { Unsubscribe } from '../emitter.js';

/** The part of an event emitter that is needed here. */
export interface EventSource {
  on(event: string | symbol, listener: () => void): unknown;
  off(event: string | symbol, listener: () => void): unknown;
  listenerCount(event: string | symbol): number;
}

/** How to learn whether a client is ready. */
export interface ReadinessSource {
  readonly client: EventSource;
  /** After each of these events the client is asked. */
  readonly events: readonly (string | symbol)[];
  isReady(): boolean;
  /** For what no event tells: ask again after so many ms. `undefined`: events tell everything. */
  pollMs?(ready: boolean): number | undefined;
}

/** A client of node-redis keeps this listener for good; see `attach`. */
const ANCHOR: unique symbol = Symbol('hotpath.listens');
const nothing = (): void => {};

const watches = new WeakMap<object, ReadinessWatch>();

/** Tells when a client becomes ready or is no longer. It listens to the client only while somebody listens to it. */
export class ReadinessWatch {
  readonly #source: ReadinessSource;
  readonly #listeners = new Set<(ready: boolean) => void>();
  readonly #check = (): void => this.#look();
  #ready = false;
  #cancelPoll = nothing;

  constructor(source: ReadinessSource) {
    this.#source = source;
  }

  /** One watch for each client, however many caches share it: the client's listeners do not pile up. */
  static of(source: ReadinessSource): ReadinessWatch {
    const known = watches.get(source.client);
    if (known) return known;
    const watch = new ReadinessWatch(source);
    watches.set(source.client, watch);
    return watch;
  }

  /** @param listener - must not throw */
  add(listener: (ready: boolean) => void): Unsubscribe {
    // A function of its own, so that the same listener may be added twice.
    const entry = (ready: boolean): void => listener(ready);
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#attach();
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#detach();
    };
  }

  #attach(): void {
    const { client, events } = this.#source;
    // node-redis hands out objects that inherit the listeners of the real client. Removing the last listener through such an
    // object parts the two for ever: listeners that the host adds later would hear nothing. So one always stays.
    if (client.listenerCount(ANCHOR) === 0) client.on(ANCHOR, nothing);
    this.#ready = this.#source.isReady();
    for (const event of events) client.on(event, this.#check);
    this.#poll();
  }

  #detach(): void {
    this.#cancelPoll();
    for (const event of this.#source.events) this.#source.client.off(event, this.#check);
  }

  #look(): void {
    const ready = this.#source.isReady();
    if (ready !== this.#ready) {
      this.#ready = ready;
      for (const listener of [...this.#listeners]) listener(ready);
    }
    if (this.#listeners.size > 0) this.#poll();
  }

  #poll(): void {
    this.#cancelPoll();
    const delay = this.#source.pollMs?.(this.#ready);
    this.#cancelPoll = delay === undefined ? nothing : systemClock().setTimer(this.#check, delay);
  }
}
