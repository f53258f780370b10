import type { Labels } from './exemplar.js';
import { checkLabels } from './labels.js';
import type { CallLabels } from './monitor-performance.js';
import type { CallTiming } from './timed-call.js';
import type { TimerBook } from './timer-book.js';

/** Where calls are timed. */
export interface CallTimingParts {
  readonly timers: TimerBook;
  onTrouble(error: unknown, during: string): void;
}

/** How calls under one name are timed. Labels that are made of arguments and result are known only when a call ends. */
export function callTiming(
  { timers, onTrouble }: CallTimingParts,
  name: string,
  labels: CallLabels<readonly unknown[], unknown> | undefined,
): CallTiming {
  if (typeof labels !== 'function') {
    return { start: () => timers.start(name, labels), finish: (timer, { error }) => void timer.end({ error }) };
  }
  const made = (args: readonly unknown[], result: unknown): { labels?: Labels } => {
    try {
      const own = labels(args, result);
      checkLabels(own);
      return { labels: own };
    } catch (error) {
      onTrouble(error, `the labels of '${name}'`);
      return {};
    }
  };
  return {
    start: () => timers.start(name, undefined),
    finish: (timer, { error, result, args }) => void timer.end({ error, ...made(args, result) }),
  };
}
