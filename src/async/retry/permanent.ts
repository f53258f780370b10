const MARK: unique symbol = Symbol.for('hotpath.permanent') as never;

/** Marked ones that take no property. Made on first use. */
let frozen: WeakSet<object> | undefined;

/**
 * Marks an error as one that another attempt can't cure: it is never tried again. The error itself is given back, so that it can be thrown at
 * once: `throw permanent(new Error('no such document'))`. The mark does not show when the error is printed or serialised.
 *
 * What is not an object can't be marked: it comes back as the `cause` of an `Error` with its text.
 */
export function permanent<E extends object>(error: E): E;
export function permanent(error: unknown): Error;
export function permanent(error: unknown): object {
  if (!isObject(error)) return permanent(new Error(String(error), { cause: error }));
  if (!mark(error)) {
    frozen ??= new WeakSet();
    frozen.add(error);
  }
  return error;
}

/** Whether an error was marked by {@link permanent}, also by that of another copy of the package. */
export function isPermanent(error: unknown): boolean {
  if (!isObject(error)) return false;
  if (frozen?.has(error)) return true;
  try {
    return (error as { [MARK]?: unknown })[MARK] === true;
  } catch {
    return false;
  }
}

function mark(error: object): boolean {
  try {
    return Reflect.defineProperty(error, MARK, { value: true, configurable: true });
  } catch {
    // A proxy that refuses.
    return false;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
