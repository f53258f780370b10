import type { Method, ReplacedMethods } from './replaced-methods.js';
import { isObject, isPlainPromise, isThenable } from './thenable.js';
import type { TimedAnswer } from './timed-answer.js';

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
  timed: TimedAnswer,
  object: object,
  steps: Readonly<Record<string, Step>>,
  of: { readonly reader?: unknown; readonly methods?: ReplacedMethods } = { reader: object },
): boolean {
  const { reader, methods = timed.methods } = of;
  const isWatched = Object.entries(steps).map(([name, step]) =>
    methods.replace(object, name, (original) => watchedStep(timed, original, step, reader)),
  );
  return isWatched[0] === true;
}

function watchedStep(timed: TimedAnswer, original: Method, step: Step, reader: unknown): Method {
  return function (this: unknown, ...args) {
    if (timed.isOver || (reader !== undefined && !timed.isReadBy(reader))) return original.apply(this, args);
    let outcome: unknown;
    try {
      outcome = original.apply(this, args);
    } catch (error) {
      timed.fail(error);
      throw error;
    }
    return watchedOutcome(timed, outcome, step);
  };
}

/** The outcome of a step. What is no promise is legal too, and stays what it is. */
function watchedOutcome(timed: TimedAnswer, outcome: unknown, step: Step): unknown {
  try {
    if (isObject(outcome) && isPlainPromise(outcome)) return watchedPromise(timed, outcome, step);
    if (isThenable(outcome)) return watchedPromise(timed, new Promise((resolve) => resolve(outcome)), step);
  } catch (error) {
    timed.stop(error);
    return outcome;
  }
  note(timed, outcome, step);
  return outcome;
}

function watchedPromise(timed: TimedAnswer, promise: Promise<unknown>, step: Step): Promise<unknown> {
  return promise.then(
    (result) => {
      note(timed, result, step);
      return result;
    },
    (error: unknown) => {
      timed.fail(error);
      throw error;
    },
  );
}

function note(timed: TimedAnswer, result: unknown, step: Step): void {
  try {
    if (step === 'leave' || (isObject(result) && (result as { done?: unknown }).done)) timed.done();
    else if (step === 'chunk') timed.chunk();
  } catch (error) {
    timed.stop(error);
  }
}
