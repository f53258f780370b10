import { types } from 'node:util';
import type { Method } from './replaced-methods.js';
import { isObject, isPlainPromise } from './thenable.js';
import type { TimedAnswer } from './timed-answer.js';
import { endWithAnswer } from './timed-iterable.js';

/** Methods of model clients' promises that are called instead of `then`, and what of their outcome is the answer. */
const RAW_WAYS: readonly (readonly [name: string, answerOf: (outcome: unknown) => unknown])[] = [
  ['withResponse', (outcome) => (outcome as { data?: unknown } | null | undefined)?.data],
  // Only the head of the response: its body is read later, by the host, or never.
  ['asResponse', () => undefined],
];

/**
 * Watches what is awaited without being a plain promise: promises of SDKs, query builders, child processes. It stays the object it
 * is, with all its methods, and stays lazy: only when the host asks for the outcome, by `then` (as `await` does), `catch`, `finally`
 * or a raw way, we see it too. The first time counts, and gives the object back as it was.
 */
export function watchThenable(thenable: PromiseLike<unknown>, timed: TimedAnswer): boolean {
  const { methods } = timed;
  const home = types.isPromise(thenable) && !Object.hasOwn(thenable, 'then') ? methods.layer(thenable) : thenable;
  const isWatched = methods.replace(home, 'then', (original) => {
    return function (this: unknown, ...args) {
      timed.release();
      return calling(timed, () => original.apply(this, settling(timed, args)));
    };
  });
  if (!isWatched) return false;
  methods.replace(home, 'catch', (original) => {
    return function (this: unknown, ...args) {
      return through(timed, () => original.apply(this, args.length === 1 ? [failing(timed, args[0])] : args));
    };
  });
  methods.replace(home, 'finally', (original) => {
    return function (this: unknown, ...args) {
      return through(timed, () => original.apply(this, args));
    };
  });
  for (const [name, answerOf] of RAW_WAYS) {
    methods.replace(home, name, (original) => {
      return function (this: unknown, ...args) {
        timed.release();
        return following(
          timed,
          calling(timed, () => original.apply(this, args)),
          answerOf,
        );
      };
    });
  }
  return true;
}

/** The arguments of `then`, with callbacks that tell us and go on to the host's. */
function settling(timed: TimedAnswer, [onFulfilled, onRejected, ...more]: unknown[]): unknown[] {
  return [
    function (this: unknown, ...answers: unknown[]) {
      timed.end((call) => endWithAnswer(call, answers[0]));
      return typeof onFulfilled === 'function' ? onFulfilled.apply(this, answers) : answers[0];
    },
    function (this: unknown, ...errors: unknown[]) {
      timed.fail(errors[0]);
      if (typeof onRejected === 'function') return onRejected.apply(this, errors);
      throw errors[0];
    },
    ...more,
  ];
}

function failing(timed: TimedAnswer, handler: unknown): unknown {
  if (typeof handler !== 'function') return handler;
  return function (this: unknown, ...errors: unknown[]) {
    timed.fail(errors[0]);
    return handler.apply(this, errors);
  };
}

/** An inherited `catch` or `finally` calls `then`, and all is seen there. One of its own may not: then its outcome is followed. */
function through(timed: TimedAnswer, call: () => unknown): unknown {
  const outcome = calling(timed, call);
  if (timed.isReleased) return outcome;
  timed.release();
  return following(timed, outcome, (answer) => answer);
}

function following(timed: TimedAnswer, outcome: unknown, answerOf: (outcome: unknown) => unknown): unknown {
  if (!isObject(outcome) || !isPlainPromise(outcome)) {
    timed.stop();
    return outcome;
  }
  const [onFulfilled, onRejected] = settling(timed, []) as [Method, Method];
  return outcome.then((settled) => {
    onFulfilled(answerOf(settled));
    return settled;
  }, onRejected);
}

function calling(timed: TimedAnswer, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    timed.fail(error);
    throw error;
  }
}
