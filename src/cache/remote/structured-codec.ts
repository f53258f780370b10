import { CodecError } from './codec-error.js';
import { escaped } from './structured-escape.js';
import { revived } from './structured-revive.js';

/** Plain JSON. */
export const PLAIN = 0;
/** JSON with escapes for what JSON lacks: structured-escape.ts. */
export const STRUCTURED = 1;

/**
 * Encodes a value. What JSON can say is plain JSON, the very text of `JSON.stringify`; `undefined`, NaN, infinities, -0,
 * bigints, dates, maps, sets, buffers, typed arrays, regular expressions, URLs, errors and sparse arrays are escaped.
 *
 * As in JSON, an instance of a class becomes a plain object (its `toJSON` is honoured), an object that is found twice is
 * written twice, and symbol keys and properties beside the elements of an array are not kept. An own `__proto__` is dropped.
 *
 * @throws CodecError for functions, symbols, promises, weak collections, cycles and what is nested deeper than 500 levels
 */
export function encodeValue(value: unknown): { codec: typeof PLAIN | typeof STRUCTURED; bytes: Buffer } {
  const { tree, hasEscapes } = escaped(value);
  return { codec: hasEscapes ? STRUCTURED : PLAIN, bytes: Buffer.from(stringify(tree)) };
}

/** The value behind {@link encodeValue}. @throws CodecError for what no codec of this version has written */
export function decodeValue(codec: number, bytes: Buffer): unknown {
  if (codec === PLAIN) return parse(bytes);
  if (codec === STRUCTURED) return revived(parse(bytes));
  throw new CodecError(`codec ${codec} is not known: a value is encoded as ${PLAIN} or ${STRUCTURED}`);
}

function stringify(tree: unknown): string {
  try {
    return JSON.stringify(tree);
  } catch (cause) {
    throw new CodecError('the value can not be encoded: it is too large for one text', { cause });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new CodecError('the payload is no JSON text', { cause });
  }
}
