import { checkNames, checkOptions } from '../core/option-names.js';
import { serverTiming as headerValue, type ServerTimingOptions } from './exports/server-timing.js';
import type { Timer } from './timer.js';

export type { ServerTimingOptions } from './exports/server-timing.js';

const NAMES: readonly string[] = ['cache', 'firstChunkMs', 'describe'];

/**
 * The value of a `Server-Timing` header: where the time of a request went up to now, as browsers show it.
 *
 * ```ts
 * res.setHeader('Server-Timing', serverTiming(timer)); // total;dur=912.4, retrieval;dur=12.3, model;dur=900.1
 * ```
 *
 * ASCII only, never a line break, at most 1,000 characters. It tells whoever gets the answer how long each stage took.
 *
 * @throws InvalidOptionError for an option that there is not
 */
export function serverTiming(timer: Pick<Timer, 'stages' | 'elapsedMs'>, options: ServerTimingOptions = {}): string {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  return headerValue(timer.stages, timer.elapsedMs, options);
}
