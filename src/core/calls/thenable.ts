import { types } from 'node:util';

/** What `await` would wait for. Reads `then`, once: a getter of the host's may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * A promise that is nothing but a promise: no subclass, no proxy, no fields or methods of its own. One that settles alike can take
 * its place.
 */
export function isPlainPromise(value: object): value is Promise<unknown> {
  if (Object.getPrototypeOf(value) !== Promise.prototype || !types.isPromise(value)) return false;
  // The quickest way to ask for keys. Symbols are left out on purpose: async hooks put some on every promise.
  for (const _ in value) return false;
  return true;
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
