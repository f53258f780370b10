import type { Timer } from './timer.js';

/** How a watched iteration ended. */
export interface IterationEnd {
  readonly error?: unknown;
}

/** Ways of reading a stream that are not seen chunk by chunk: they end the timer when they begin. */
const OTHER_WAYS = ['getReader', 'pipe', 'pipeTo', 'pipeThrough', 'tee', 'toReadableStream'] as const;

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Watched = Record<string | symbol, unknown>;

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Watches the first iteration over what a function has answered. The object stays the same, so that brands, fields and methods
 * of SDK streams do; an own method takes the place of each that begins to read it. One that can't be extended is timed up to here.
 */
export function watchIterable(
  iterable: AsyncIterable<unknown>,
  timer: Timer,
  finish: (end: IterationEnd) => void,
): void {
  let isOver = false;
  const end = (how: IterationEnd): void => {
    if (isOver) return;
    isOver = true;
    finish(how);
  };
  if (!Object.isExtensible(iterable)) {
    end({});
    return;
  }
  const watched = iterable as unknown as Watched;
  for (const way of OTHER_WAYS) {
    replace(watched, way, (original) => {
      return function (this: unknown, ...args) {
        end({});
        return original.apply(this, args);
      };
    });
  }
  // A generator is its own iterator: whoever reads it calls these.
  if (typeof watched['next'] === 'function') watchIterator(watched, timer, end);
  else {
    let isFirst = true;
    replace(watched, Symbol.asyncIterator, (original) => {
      return function (this: unknown, ...args) {
        const iterator = original.apply(this, args);
        if (isFirst && typeof iterator === 'object' && iterator !== null && Object.isExtensible(iterator)) {
          watchIterator(iterator as Watched, timer, end);
        }
        isFirst = false;
        return iterator;
      };
    });
  }
}

function watchIterator(iterator: Watched, timer: Timer, end: (how: IterationEnd) => void): void {
  const watch =
    (isPull: boolean) =>
    (original: Method): Method => {
      return function (this: unknown, ...args) {
        const step = original.apply(this, args) as PromiseLike<IteratorResult<unknown>>;
        return step.then(
          (result) => {
            if (result.done || !isPull) end({});
            else timer.chunk();
            return result;
          },
          (error: unknown) => {
            end({ error: error ?? 'undefined' });
            throw error;
          },
        );
      };
    };
  replace(iterator, 'next', watch(true));
  replace(iterator, 'return', watch(false));
  replace(iterator, 'throw', watch(true));
}

/** Own property over what the object inherits or has; left alone where it has none. */
function replace(object: Watched, key: string | symbol, make: (original: Method) => Method): void {
  const original = object[key];
  if (typeof original !== 'function') return;
  Object.defineProperty(object, key, { value: make(original as Method), configurable: true, writable: true });
}
