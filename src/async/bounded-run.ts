import type { AttemptContext } from './attempt-context.js';
import type { CallControl } from './call-control.js';
import type { Deadline, DeadlineHeap } from './deadline-heap.js';
import { TimeoutError } from './errors.js';

/** What bounds an attempt. */
export interface RunBounds {
  /** Infinity for as long as it takes. */
  readonly timeoutMs: number;
  /** How long a function that was told to stop may go on before its slot is given to another. */
  readonly graceMs: number;
  readonly heap: DeadlineHeap;
  /** The slot is free again: the function has settled, or its grace is over. Called exactly once. */
  readonly onFree: () => void;
  readonly onAbandoned: () => void;
}

/**
 * Runs a function for one attempt, for as long as the bounds say. The promise settles with the function, or when it is told to stop
 * and is not waited for; what comes of it afterwards is dropped.
 */
export function runBounded<R>(
  fn: (context: AttemptContext) => R | PromiseLike<R>,
  context: AttemptContext,
  control: CallControl,
  { timeoutMs, graceMs, heap, onFree, onAbandoned }: RunBounds,
): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    let phase: 'running' | 'told to stop' | 'over' = 'running';
    let deadline: Deadline | undefined;

    const stop = (reason: unknown): void => {
      if (phase !== 'running') return;
      phase = 'told to stop';
      control.onAbort = undefined;
      if (deadline !== undefined) heap.cancel(deadline);
      deadline = heap.add(graceMs, () => {
        phase = 'over';
        onAbandoned();
        onFree();
      });
      context.abort(reason);
      reject(reason);
    };
    /** Whether anybody still waits for it. */
    const settled = (): boolean => {
      if (phase === 'over') return false;
      const isAwaited = phase === 'running';
      phase = 'over';
      if (deadline !== undefined) heap.cancel(deadline);
      if (isAwaited) control.onAbort = undefined;
      onFree();
      return isAwaited;
    };

    if (timeoutMs < Number.POSITIVE_INFINITY) {
      deadline = heap.add(timeoutMs, () => stop(new TimeoutError(timeoutMs)));
    }
    control.onAbort = control.leavesOnAbort ? () => stop(control.reason) : () => context.abort(control.reason);
    let result: R | PromiseLike<R>;
    try {
      result = fn(context);
    } catch (error) {
      if (settled()) reject(error);
      return;
    }
    Promise.resolve(result).then(
      (value) => {
        if (settled()) resolve(value);
      },
      (error: unknown) => {
        if (settled()) reject(error);
      },
    );
  });
}
