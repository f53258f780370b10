import type { ConnectionMeter } from './connection-meter.js';
import type { UndiciClientClass } from './undici-module.js';

/** Both names that undici 7 has for it. */
const SENT = new Set<string | symbol>(['onConnect', 'onRequestStart']);

/** A client of undici that tells a meter of each request that is sent, and whether its connection had carried one before. */
export function meteredClient(Client: UndiciClientClass, meter: ConnectionMeter): UndiciClientClass {
  return class MeteredClient extends Client {
    #isFresh = true;
    readonly #onSent = (): void => {
      meter.sent++;
      if (!this.#isFresh) meter.reused++;
      this.#isFresh = false;
    };

    constructor(origin: unknown, options: object) {
      super(origin, options);
      this.on('connect', () => {
        this.#isFresh = true;
      });
    }

    override dispatch(options: object, handler: object): boolean {
      return super.dispatch(options, watched(handler, this.#onSent));
    }
  };
}

/** The handler, which is told of everything itself: it may have private fields. */
function watched(handler: object, onSent: () => void): object {
  return new Proxy(handler, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!SENT.has(name)) return value.bind(target);
      return (...args: unknown[]): unknown => {
        onSent();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
