/** Stops a subscription. Calling it twice does nothing. */
export type Unsubscribe = () => void;

/**
 * Typed events for composition: `on` returns an unsubscribe, a throwing listener is reported and never reaches the caller.
 *
 * Emitters on a hot path ask `has(name)` before they build the event's data.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, readonly ((data: never) => void)[]>();
  readonly #onError: (error: unknown, event: keyof Events) => void;

  constructor(onError: (error: unknown, event: keyof Events) => void) {
    this.#onError = onError;
  }

  on<Name extends keyof Events>(name: Name, listener: (data: Events[Name]) => void): Unsubscribe {
    // Copied on write, so that a listener may subscribe and unsubscribe while an event is under way.
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    let active = true;
    return () => {
      if (!active) return;
      active = false;
      const rest = [...(this.#listeners.get(name) ?? [])];
      rest.splice(rest.indexOf(listener), 1);
      if (rest.length > 0) this.#listeners.set(name, rest);
      else this.#listeners.delete(name);
    };
  }

  has(name: keyof Events): boolean {
    return this.#listeners.size > 0 && this.#listeners.has(name);
  }

  emit<Name extends keyof Events>(name: Name, data: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    for (const listener of listeners) {
      try {
        const result: unknown = (listener as (data: Events[Name]) => unknown)(data);
        // An async listener's rejection would otherwise end the process.
        if (result instanceof Promise) result.catch((error: unknown) => this.#onError(error, name));
      } catch (error) {
        this.#onError(error, name);
      }
    }
  }
}
