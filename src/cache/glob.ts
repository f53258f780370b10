import { InvalidOptionError } from '../core/errors.js';
import { hostKey, innerPrefix, readableText } from './cache-key.js';

/** A key pattern: a prefix is a version number away, anything else has to look at keys. */
export type KeyPattern =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'glob'; readonly test: (innerKey: string) => boolean };

/**
 * Reads a pattern: `*` stands for any characters, `?` for one, `\` takes the next character literally. `report:*` is a
 * prefix, `*` everything, a pattern without wildcards one key.
 *
 * A key too long to be kept whole matches when its kept start may match: rather one entry too many than one too few.
 */
export function parsePattern(pattern: string, scope: string): KeyPattern {
  if (typeof pattern !== 'string' || pattern === '') {
    throw new InvalidOptionError('pattern', "a key pattern that is not empty ('*' is all keys)", pattern);
  }
  let literal = '';
  let i = 0;
  for (; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*' || c === '?') break;
    if (c === '\\' && i + 1 < pattern.length) i++;
    literal += pattern[i];
  }
  if (i === pattern.length) return { kind: 'key', key: literal };
  const prefix = innerPrefix(literal, scope);
  if (i === pattern.length - 1 && pattern[i] === '*') return { kind: 'prefix', prefix };
  const glob = parseGlob(scope, pattern);
  return { kind: 'glob', test: (inner) => matches(inner, scope, prefix, glob) };
}

function matches(inner: string, scope: string, prefix: string, glob: readonly number[]): boolean {
  const key = readableText(inner);
  if (!key.whole) return prefixMayMatch(key.text, prefix);
  // A string that starts with NUL is kept encoded, and is matched as the host knows it.
  const text = hostKey(inner, scope);
  return matchesGlob(text === undefined ? inner : scope + text, glob);
}

/** Whether a key of which only the first characters are known may start with `prefix`. */
export function prefixMayMatch(head: string, prefix: string): boolean {
  return prefix.length <= head.length ? head.startsWith(prefix) : prefix.startsWith(head);
}

/** Any characters, and any one; everything else in a parsed glob is the code of a character. */
const MANY = -1;
const ONE = -2;

function parseGlob(literal: string, pattern: string): number[] {
  const glob = Array.from({ length: literal.length }, (_, i) => literal.charCodeAt(i));
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') glob.push(MANY);
    else if (c === '?') glob.push(ONE);
    else glob.push(pattern.charCodeAt(c === '\\' && i + 1 < pattern.length ? ++i : i));
  }
  return glob;
}

/**
 * Goes back to the last star only, which is enough: at most text length times glob length steps, where a regular
 * expression can take a power of the number of stars.
 */
function matchesGlob(text: string, glob: readonly number[]): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    const wanted = glob[next];
    if (wanted === MANY) {
      star = next++;
      retry = at;
    } else if (wanted === ONE || wanted === text.charCodeAt(at)) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++retry;
    } else return false;
  }
  while (glob[next] === MANY) next++;
  return next === glob.length;
}
