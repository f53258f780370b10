import { ReplacedMethods } from './replaced-methods.js';
import { isObject } from './thenable.js';
import type { WatchedAnswer } from './watched-answer.js';
import { watchSteps } from './watched-steps.js';

export function isWebStream(value: object): boolean {
  return typeof (value as { getReader?: unknown }).getReader === 'function';
}

/** The ways of reading a web stream beside iterating: its readers and pipes. Or it is left by `cancel`. */
export function watchReaders(stream: object, watched: WatchedAnswer): void {
  // There is one at a time, so that all are one reader.
  const reader = Symbol('reader');
  watched.methods.replace(stream, 'getReader', (original) => {
    return function (this: unknown, ...args) {
      const made = original.apply(this, args);
      // Made for this caller, so that its methods need not be given back.
      const methods = new ReplacedMethods();
      try {
        if (isObject(made)) watchSteps(watched, made, { read: 'chunk', cancel: 'leave' }, { reader, methods });
      } catch (error) {
        watched.stop(error);
      }
      return made;
    };
  });
  watchSteps(watched, stream, { cancel: 'leave', pipeTo: 'leave' }, { reader: undefined });
}
