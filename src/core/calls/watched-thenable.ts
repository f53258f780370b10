import { types } from 'node:util';
import type { Method } from './replaced-methods.js';
import { isObject, isPlainPromise } from './thenable.js';
import type { WatchedAnswer } from './watched-answer.js';
import { endWithAnswer } from './watched-iterable.js';

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
export function watchThenable(thenable: PromiseLike<unknown>, watched: WatchedAnswer): boolean {
  const { methods } = watched;
  const home = types.isPromise(thenable) && !Object.hasOwn(thenable, 'then') ? methods.layer(thenable) : thenable;
  const isWatched = methods.replace(home, 'then', (original) => {
    return function (this: unknown, ...args) {
      watched.release();
      return calling(watched, () => original.apply(this, settling(watched, args)));
    };
  });
  if (!isWatched) return false;
  methods.replace(home, 'catch', (original) => {
    return function (this: unknown, ...args) {
      return through(watched, () => original.apply(this, args.length === 1 ? [failing(watched, args[0])] : args));
    };
  });
  methods.replace(home, 'finally', (original) => {
    return function (this: unknown, ...args) {
      return through(watched, () => original.apply(this, args));
    };
  });
  for (const [name, answerOf] of RAW_WAYS) {
    methods.replace(home, name, (original) => {
      return function (this: unknown, ...args) {
        watched.release();
        return following(
          watched,
          calling(watched, () => original.apply(this, args)),
          answerOf,
        );
      };
    });
  }
  return true;
}

/** The arguments of `then`, with callbacks that tell us and go on to the host's. */
function settling(watched: WatchedAnswer, [onFulfilled, onRejected, ...more]: unknown[]): unknown[] {
  return [
    function (this: unknown, ...answers: unknown[]) {
      watched.end((call) => endWithAnswer(call, answers[0]));
      return typeof onFulfilled === 'function' ? onFulfilled.apply(this, answers) : answers[0];
    },
    function (this: unknown, ...errors: unknown[]) {
      watched.fail(errors[0]);
      if (typeof onRejected === 'function') return onRejected.apply(this, errors);
      throw errors[0];
    },
    ...more,
  ];
}

function failing(watched: WatchedAnswer, handler: unknown): unknown {
  if (typeof handler !== 'function') return handler;
  return function (this: unknown, ...errors: unknown[]) {
    watched.fail(errors[0]);
    return handler.apply(this, errors);
  };
}

/** An inherited `catch` or `finally` calls `then`, and all is seen there. One of its own may not: then its outcome is followed. */
function through(watched: WatchedAnswer, call: () => unknown): unknown {
  const outcome = calling(watched, call);
  if (watched.isReleased) return outcome;
  watched.release();
  return following(watched, outcome, (answer) => answer);
}

function following(watched: WatchedAnswer, outcome: unknown, answerOf: (outcome: unknown) => unknown): unknown {
  if (!isObject(outcome) || !isPlainPromise(outcome)) {
    watched.stop();
    return outcome;
  }
  const [onFulfilled, onRejected] = settling(watched, []) as [Method, Method];
  return outcome.then((settled) => {
    onFulfilled(answerOf(settled));
    return settled;
  }, onRejected);
}

function calling(watched: WatchedAnswer, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    watched.fail(error);
    throw error;
  }
}
