import { serverTiming as headerValue, type ServerTimingOptions } from './exports/server-timing.js';
import type { Timer } from './timer.js';

export type { ServerTimingOptions } from './exports/server-timing.js';

/**
 * The value of a `Server-Timing` header: where the time of a request went up to now, as browsers show it.
 *
 * ```ts
 * res.setHeader('Server-Timing', serverTiming(timer)); // total;dur=912.4, retrieval;dur=12.3, model;dur=900.1
 * ```
 *
 * ASCII only, never a line break, at most 1,000 characters. It tells whoever gets the answer how long each stage took.
 */
export function serverTiming(timer: Pick<Timer, 'stages' | 'elapsedMs'>, options: ServerTimingOptions = {}): string {
  return headerValue(timer.stages, timer.elapsedMs, options);
}
