import { InvalidOptionError } from '../core/errors.js';

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
