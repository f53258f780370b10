import { InvalidOptionError } from '../core/errors.js';

/** A misspelt option, or one of another version, must not pass for an option at its default. */
export function checkNames(path: string, given: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || names.includes(name)) continue;
    throw new InvalidOptionError(`${path}${name}`, `absent (options here are ${names.join(', ')})`, value);
  }
}

/**
 * Lets no single string pass for a list of keys: its characters would be the keys.
 *
 * @throws InvalidOptionError
 */
export function checkKeys<Keys>(keys: Keys): Keys {
  const isList = typeof keys === 'object' && keys !== null && Symbol.iterator in keys;
  if (!isList) throw new InvalidOptionError('keys', 'a list of keys', keys);
  return keys;
}

/** @throws InvalidOptionError unless it is a list of strings that are not empty */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) throw new InvalidOptionError('tags', 'a list of strings', tags);
  for (const tag of tags) {
    if (typeof tag !== 'string' || tag === '') throw new InvalidOptionError('tags', 'strings that are not empty', tag);
  }
  return tags;
}

export function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(option, 'a string that is not empty', value);
}

export function integer(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const bound = most < Number.MAX_SAFE_INTEGER ? ` and <= ${most}` : '';
  throw new InvalidOptionError(option, `an integer >= ${least}${bound}`, value);
}

export function atLeast(option: string, value: number, least: number, most: number = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new InvalidOptionError(option, `a number >= ${least}${most < Infinity ? ` and <= ${most}` : ''}`, value);
}

export function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new InvalidOptionError(option, `one of ${allowed.map((a) => `'${a}'`).join(', ')}`, value);
}

export function optionalFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new InvalidOptionError(option, 'a function', value);
}
