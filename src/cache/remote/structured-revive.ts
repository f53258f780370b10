import { CodecError, DEEPEST_VALUE } from './codec-error.js';
import { ESCAPE } from './structured-escape.js';

/** The value behind a tree that was escaped. Changes the tree, which is taken to be fresh from the parser. */
export function revived(tree: unknown): unknown {
  try {
    return part(tree, 0);
  } catch (cause) {
    if (cause instanceof CodecError) throw cause;
    throw new CodecError('the payload holds an escape with contents that do not fit its type', { cause });
  }
}

function part(tree: unknown, depth: number): unknown {
  if (typeof tree !== 'object' || tree === null) return tree;
  if (depth > DEEPEST_VALUE) throw new CodecError(`the payload is nested deeper than ${DEEPEST_VALUE} levels`);
  if (Array.isArray(tree)) return list(tree, depth);
  if (Object.hasOwn(tree, ESCAPE)) return unescaped((tree as Record<string, unknown>)[ESCAPE], depth);
  return record(tree as Record<string, unknown>, depth);
}

function list(tree: unknown[], depth: number): unknown[] {
  for (let i = 0; i < tree.length; i++) {
    const item = tree[i];
    if (typeof item === 'object' && item !== null) tree[i] = part(item, depth + 1);
  }
  return tree;
}

function record(tree: Record<string, unknown>, depth: number): Record<string, unknown> {
  for (const key in tree) {
    const item = tree[key];
    if (key === '__proto__') delete tree[key];
    else if (typeof item === 'object' && item !== null) tree[key] = part(item, depth + 1);
  }
  return tree;
}

type Contents = readonly unknown[];

const TYPES: Readonly<Record<string, (contents: Contents, depth: number) => unknown>> = {
  undefined: () => undefined,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  '-Infinity': () => Number.NEGATIVE_INFINITY,
  '-0': () => -0,
  bigint: ([digits]) => BigInt(text(digits)),
  Date: ([time]) => new Date(time === null ? Number.NaN : number(time)),
  Map: ([pairs], depth) => new Map(items(pairs).map((pair) => list(items(pair), depth) as [unknown, unknown])),
  Set: ([members], depth) => new Set(list(items(members), depth)),
  Object: ([fields], depth) => record(fieldsOf(fields), depth),
  sparse: ([length, present], depth) => sparse(number(length), items(present), depth),
  Buffer: ([base64]) => Buffer.from(text(base64), 'base64'),
  ArrayBuffer: ([base64]) => bytesOf(base64),
  RegExp: ([source, flags]) => new RegExp(text(source), text(flags)),
  URL: ([href]) => new URL(text(href)),
  Error: error,
};

const VIEWS: ReadonlySet<string> = new Set([
  ...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
  ...['Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView'],
]);

/** The built-in classes of errors that come back as themselves. */
const ERRORS: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function unescaped(content: unknown, depth: number): unknown {
  const [type, ...contents] = items(content);
  const name = text(type);
  if (Object.hasOwn(TYPES, name)) return TYPES[name]!(contents, depth);
  const View = VIEWS.has(name) ? (globalThis as Record<string, unknown>)[name] : undefined;
  if (View === undefined) throw new CodecError(`the payload holds an escape of unknown type ${JSON.stringify(name)}`);
  return new (View as new (buffer: ArrayBuffer) => unknown)(bytesOf(contents[0]));
}

function sparse(length: number, present: unknown[], depth: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  for (const pair of present) {
    const [index, item] = items(pair);
    array[number(index)] = part(item, depth + 1);
  }
  return array;
}

function error([name, message, hidden, own]: Contents, depth: number): Error {
  const isBuiltIn = Object.hasOwn(ERRORS, text(name));
  const revivedHidden = fieldsOf(part(hidden, depth));
  const made =
    name === 'AggregateError' && Array.isArray(revivedHidden['errors'])
      ? new AggregateError(revivedHidden['errors'], text(message))
      : new (isBuiltIn ? ERRORS[text(name)]! : Error)(text(message));
  if (made.name !== name) define(made, 'name', name, false);
  for (const [key, value] of Object.entries(revivedHidden)) define(made, key, value, false);
  for (const [key, value] of Object.entries(fieldsOf(part(own, depth)))) define(made, key, value, true);
  return made;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

/** A copy of its own: small buffers share memory, and typed arrays need alignment. */
function bytesOf(base64: unknown): ArrayBuffer {
  return new Uint8Array(Buffer.from(text(base64), 'base64')).buffer;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected a text');
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('expected a number');
  return value;
}

function items(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('expected a list');
  return value;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('expected an object');
  return value as Record<string, unknown>;
}
