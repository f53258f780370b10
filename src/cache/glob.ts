import { InvalidOptionError } from '../core/errors.js';
import { readableText } from './cache-key.js';

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
  const prefix = scope + literal;
  if (i === pattern.length - 1 && pattern[i] === '*') return { kind: 'prefix', prefix };
  const whole = new RegExp(`^${literally(prefix)}${regexSource(pattern.slice(i))}$`, 's');
  return { kind: 'glob', test: (inner) => matches(inner, prefix, whole) };
}

function matches(inner: string, prefix: string, whole: RegExp): boolean {
  const key = readableText(inner);
  return key.whole ? whole.test(key.text) : prefixMayMatch(key.text, prefix);
}

/** Whether a key of which only the first characters are known may start with `prefix`. */
export function prefixMayMatch(head: string, prefix: string): boolean {
  return prefix.length <= head.length ? head.startsWith(prefix) : prefix.startsWith(head);
}

function regexSource(pattern: string): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') {
      // A run of stars is one star: nested quantifiers would let a pattern take exponential time.
      if (!source.endsWith('.*')) source += '.*';
    } else if (c === '?') source += '.';
    else if (c === '\\' && i + 1 < pattern.length) source += literally(pattern[++i]!);
    else source += literally(c);
  }
  return source;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
