import { isAsyncIterable, watchIterable } from './timed-iterable.js';
import type { Timer } from './timer.js';

/** What the timing of one call needs to know of its monitor. */
export interface CallTiming {
  /** Starts the timer, or answers one that does nothing. Never throws. */
  start(): Timer;
  /** Ends it. `result` is what the call answered; absent when it failed or was given up. Never throws. */
  finish(
    timer: Timer,
    end: { readonly error?: unknown; readonly result?: unknown; readonly args: readonly unknown[] },
  ): void;
}

/**
 * Runs a function and times it to its real end: the return of a sync one, the settling of a promise, the last chunk of an async
 * iterator. What the function answers or throws goes through as it is: of a promise one that settles alike (it is asked once, as
 * lazy ones run each time), of an iterator the very object, watched.
 */
export function timedCall(timing: CallTiming, args: readonly unknown[], run: (timer: Timer) => unknown): unknown {
  const timer = timing.start();
  let result: unknown;
  try {
    result = run(timer);
  } catch (error) {
    timing.finish(timer, { error: error ?? 'undefined', args });
    throw error;
  }
  if (isThenable(result)) return timedPromise(timing, args, timer, result);
  if (isAsyncIterable(result)) watchIterable(result, timer, (end) => timing.finish(timer, { ...end, args }));
  else timing.finish(timer, { result, args });
  return result;
}

function timedPromise(
  timing: CallTiming,
  args: readonly unknown[],
  timer: Timer,
  promise: PromiseLike<unknown>,
): unknown {
  return promise.then(
    (result) => {
      // A model client's promise of a stream: the answer is only complete when the stream is.
      if (isAsyncIterable(result)) watchIterable(result, timer, (end) => timing.finish(timer, { ...end, args }));
      else timing.finish(timer, { result, args });
      return result;
    },
    (error: unknown) => {
      timing.finish(timer, { error: error ?? 'undefined', args });
      throw error;
    },
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
