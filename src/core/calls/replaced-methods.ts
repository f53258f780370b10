import { types } from 'node:util';

export type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<PropertyKey, unknown>;

/** Methods of the host's objects that are stood in for by ours, until they are given back. */
export class ReplacedMethods {
  readonly #undo: (() => void)[] = [];

  /**
   * Puts an own property over a method that the object has or inherits.
   *
   * @returns whether it took: not where there is no such method, nor on what can't be changed
   */
  replace(object: object, key: PropertyKey, make: (original: Method) => Method): boolean {
    const original = (object as Methods)[key];
    if (typeof original !== 'function') return false;
    const before = Object.getOwnPropertyDescriptor(object, key);
    if (before?.configurable === false) return false;
    const value = make(original as Method);
    const enumerable = before?.enumerable ?? false;
    if (!Reflect.defineProperty(object, key, { value, configurable: true, writable: true, enumerable })) return false;
    this.#undo.push(() => {
      // Put there by somebody else since.
      if (Object.getOwnPropertyDescriptor(object, key)?.value !== value) return;
      if (before) Object.defineProperty(object, key, before);
      else delete (object as Methods)[key];
    });
    // A proxy may answer as it likes, and then nothing is seen here.
    return !types.isProxy(object) || (object as Methods)[key] === value;
  }

  /**
   * The object to replace a promise's methods on: a prototype put between the promise and its own. An own `then` on any promise
   * makes V8 look for one on every promise of the process, for good.
   */
  layer(promise: object): object {
    const prototype = Object.getPrototypeOf(promise) as object;
    const layer = Object.create(prototype) as object;
    // Of what says that it is a plain promise, `await` asks no `then`.
    if (promise.constructor === Promise) {
      const notPlain = Object.defineProperty(() => {}, Symbol.species, { value: Promise });
      Object.defineProperty(layer, 'constructor', { value: notPlain, configurable: true, writable: true });
    }
    Object.setPrototypeOf(promise, layer);
    this.#undo.push(() => {
      if (Object.getPrototypeOf(promise) === layer) Object.setPrototypeOf(promise, prototype);
    });
    return layer;
  }

  /** Runs with the others when the methods are given back. */
  onRestore(undo: () => void): void {
    this.#undo.push(undo);
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        undo();
      } catch {
        // Frozen since. What is left there passes everything on.
      }
    }
  }
}
