import { InvalidOptionError } from '../core/errors.js';

/** What can give memory back. A CacheManager is one. */
export interface Trimmable {
  /**
   * Gives back about this part, above 0 and up to 1, of what it holds; 1 is all of it. Returns the bytes freed, estimated. One that
   * takes longer may answer with a promise.
   */
  trim(fraction: number): number | Promise<number>;
  /** Bytes that it holds, estimated. Without it the parts are guessed. */
  readonly bytes?: number;
  /** Time that its contents have saved so far, in milliseconds: a running total. What saves least for its bytes is trimmed first. */
  readonly savedMs?: number;
}

/** How something is registered. */
export interface RegisterOptions {
  /** What matters more has more, and is trimmed later. Any number; default 0. */
  readonly priority?: number;
}

/** @throws InvalidOptionError unless it has the shape */
export function checkTrimmable(value: unknown): Trimmable {
  if (typeof (value as Trimmable | null | undefined)?.trim === 'function') return value as Trimmable;
  throw new InvalidOptionError('trimmable', 'an object with trim(fraction)', value);
}
