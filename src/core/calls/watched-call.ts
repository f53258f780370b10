import type { CallWatch } from './call-watch.js';
import { isObject, isPlainPromise, isThenable } from './thenable.js';
import { watchAnswer } from './watched-answer.js';
import { endWithAnswer } from './watched-iterable.js';
import { watchThenable } from './watched-thenable.js';

/**
 * Runs a function and tells the watch of its real end: the return of a sync one, the settling of a promise, the last chunk of what is
 * read bit by bit. What the function answers or throws goes through as it is: of a plain promise one that settles alike, of
 * anything else the very object. Whatever goes wrong in between, the answer is the function's.
 *
 * @param given - handed to the function
 */
export function watchedCall<Given>(call: CallWatch, run: (given: Given) => unknown, given: Given): unknown {
  let answer: unknown;
  try {
    answer = run(given);
  } catch (error) {
    call.fail(error);
    throw error;
  }
  if (!isObject(answer)) {
    call.succeed(answer);
    return answer;
  }
  try {
    if (isPlainPromise(answer)) return promiseOf(call, answer);
    if (isThenable(answer)) watchAnswer(call, answer, watchThenable);
    else endWithAnswer(call, answer);
  } catch (error) {
    call.trouble(error);
    call.stop();
  }
  return answer;
}

/**
 * Watched by a promise of its own, which the caller gets: so a rejection that nobody handles is unhandled once, as without us. (Of a
 * promise that the function itself handles, and whose caller drops it, that is once too often: whether a promise is handled can't
 * be known.)
 */
function promiseOf(call: CallWatch, promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (answer) => {
      // A model client's promise of a stream: the answer is only complete when the stream is.
      endWithAnswer(call, answer);
      return answer;
    },
    (error: unknown) => {
      call.fail(error);
      throw error;
    },
  );
}
