import { createHash } from 'node:crypto';
import { canonical } from './stable-key.js';

/**
 * What names an entry: a string, or any plain data (objects, arrays, dates, maps ...), which is encoded canonically. The
 * string `'1'` and the number `1` are different keys.
 */
export type CacheKey = string | number | bigint | boolean | null | undefined | object;

/** The kind of a key: the result of a read of `['a', 'b']` may be asked for any string. */
export type Widened<Key> = Key extends string
  ? string
  : Key extends number
    ? number
    : Key extends bigint
      ? bigint
      : Key extends boolean
        ? boolean
        : Key;

/**
 * Inside, every key is one string. A short string stands for itself, so that a hit on it costs no encoding. What else
 * there is starts with NUL and a letter: `k` structured, `h` hashed, `s` scoped. A string of the host's that starts with
 * NUL is encoded like structured data.
 */
const MARK = '\u0000';
const STRUCTURED = `${MARK}k`;
const HASHED = `${MARK}h`;
const SCOPED = `${MARK}s`;

/** Longer keys are hashed: their first characters stay readable (and open to prefix invalidation), 144 bits identify them. */
export const LONGEST_KEY = 256;
const HEAD = 96;
const HASH_CHARACTERS = 24;

/** The inner key of `key` within the scope prefix (`''` without one). */
export function innerKey(key: CacheKey, scope: string): string {
  const plain = typeof key === 'string' && key.charCodeAt(0) !== 0;
  const text = scope + (plain ? key : STRUCTURED + canonical(key));
  return text.length <= LONGEST_KEY ? text : `${HASHED}${text.slice(0, HEAD)}${MARK}${digest(text)}`;
}

/** The prefix that every inner key of a scope carries. */
export function scopePrefix(scope: unknown): string {
  const text = canonical(scope);
  return `${SCOPED}${text.length <= HASH_CHARACTERS * 2 ? text : digest(text)}${MARK}`;
}

/** An inner key as the host would know it: without scope and marks. For events and reports. */
export function shownKey(inner: string): string {
  let text = inner;
  if (text.startsWith(HASHED)) text = `${text.slice(HASHED.length, HASHED.length + HEAD)}...`;
  if (text.startsWith(SCOPED)) text = text.slice(text.indexOf(MARK, SCOPED.length) + 1);
  return text.startsWith(STRUCTURED) ? text.slice(STRUCTURED.length) : text;
}

/**
 * The string key of the host behind an inner key, within the scope prefix (`''` without one). `undefined` for what is not a
 * string, belongs to another scope, or is too long to be kept whole.
 */
export function hostKey(inner: string, scope: string): string | undefined {
  if (!inner.startsWith(scope)) return undefined;
  const text = inner.slice(scope.length);
  if (text.charCodeAt(0) !== 0) return text;
  return text.startsWith(`${STRUCTURED}"`) ? (JSON.parse(text.slice(STRUCTURED.length)) as string) : undefined;
}

/** The start that the inner keys of all strings with this start have. */
export function innerPrefix(literal: string, scope: string): string {
  return scope + (literal.charCodeAt(0) === 0 ? STRUCTURED + JSON.stringify(literal).slice(0, -1) : literal);
}

/** The readable start of an inner key, and whether that is all of it. */
export function readableText(inner: string): { text: string; whole: boolean } {
  return inner.startsWith(HASHED)
    ? { text: inner.slice(HASHED.length, HASHED.length + HEAD), whole: false }
    : { text: inner, whole: true };
}

/** Over UTF-16 code units: in UTF-8 all lone surrogates are one character, and two keys could share a hash. */
function digest(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64url').slice(0, HASH_CHARACTERS);
}
