import { InvalidOptionError } from '../core/errors.js';
import type { ResolvedOptions } from './resolve-options.js';

const PREFIX = 'hp1.';
const DAY_US = 86_400_000_000;

/** A token of an invalidation: opaque to the host, a version of the sequence inside. Safe in a cookie or a header. */
export function makeToken(version: number): string {
  return PREFIX + version.toString(36);
}

/** Of two tokens the one that asks for more. */
export function newerToken(a: string, b: string): string {
  return Number.parseInt(a.slice(4), 36) >= Number.parseInt(b.slice(4), 36) ? a : b;
}

/**
 * @param known - the newest number of the sequence that this process has seen: it may be ahead of the clock
 * @throws InvalidOptionError for what no invalidation has given out
 */
export function tokenVersion(token: string, { clock }: ResolvedOptions, known: number): number {
  const version =
    typeof token === 'string' && token.startsWith(PREFIX) ? Number.parseInt(token.slice(4), 36) : Number.NaN;
  // A forged token from the far future would make every entry old for ever.
  const valid =
    Number.isSafeInteger(version) && version >= 0 && version <= Math.max(clock.now() * 1000, known) + DAY_US;
  if (valid && makeToken(version) === token) return version;
  throw new InvalidOptionError('after', 'a token that an invalidation returned', token);
}
