import type { Method, ReplacedMethods } from './replaced-methods.js';
import { isObject, isPlainPromise, isThenable } from './thenable.js';
import type { WatchedAnswer } from './watched-answer.js';

/** What a method does: it asks for the next chunk of a stream, or the next value (whose time does not count), or reads no further. */
export type Step = 'chunk' | 'value' | 'leave';

/**
 * Watches the methods by which an answer is read. Of several readers the first counts: a second loop is no second request, and what
 * reads by means of something else would count each chunk twice.
 *
 * @param of.reader - whose methods these are, by default the object's own; `undefined`: whoever reads
 * @param of.methods - where they are kept to be given back
 * @returns whether the first of them is watched
 */
export function watchSteps(
  watched: WatchedAnswer,
  object: object,
  steps: Readonly<Record<string, Step>>,
  of: { readonly reader?: unknown; readonly methods?: ReplacedMethods } = { reader: object },
): boolean {
  const { reader, methods = watched.methods } = of;
  const isWatched = Object.entries(steps).map(([name, step]) =>
    methods.replace(object, name, (original) => watchedStep(watched, original, step, reader)),
  );
  return isWatched[0] === true;
}

function watchedStep(watched: WatchedAnswer, original: Method, step: Step, reader: unknown): Method {
  return function (this: unknown, ...args) {
    if (watched.isOver || (reader !== undefined && !watched.isReadBy(reader))) return original.apply(this, args);
    let outcome: unknown;
    try {
      outcome = original.apply(this, args);
    } catch (error) {
      watched.fail(error);
      throw error;
    }
    return watchedOutcome(watched, outcome, step);
  };
}

/** The outcome of a step. What is no promise is legal too, and stays what it is. */
function watchedOutcome(watched: WatchedAnswer, outcome: unknown, step: Step): unknown {
  try {
    if (isObject(outcome) && isPlainPromise(outcome)) return watchedPromise(watched, outcome, step);
    if (isThenable(outcome)) return watchedPromise(watched, new Promise((resolve) => resolve(outcome)), step);
  } catch (error) {
    watched.stop(error);
    return outcome;
  }
  note(watched, outcome, step);
  return outcome;
}

function watchedPromise(watched: WatchedAnswer, promise: Promise<unknown>, step: Step): Promise<unknown> {
  return promise.then(
    (result) => {
      note(watched, result, step);
      return result;
    },
    (error: unknown) => {
      watched.fail(error);
      throw error;
    },
  );
}

function note(watched: WatchedAnswer, result: unknown, step: Step): void {
  try {
    if (step === 'leave' || (isObject(result) && (result as { done?: unknown }).done)) watched.done();
    else if (step === 'chunk') watched.chunk();
  } catch (error) {
    watched.stop(error);
  }
}
