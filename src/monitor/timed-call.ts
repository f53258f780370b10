import { watchedCall } from '../core/calls/watched-call.js';
import type { CallTiming } from './call-timing.js';
import type { Timer } from './timer.js';

/** Runs a function and times it to its real end. What it answers or throws goes through as it is. */
export function timedCall(call: CallTiming, args: readonly unknown[], run: (timer: Timer) => unknown): unknown {
  return watchedCall(call, run, call.begin(args));
}
