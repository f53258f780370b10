import { KeyEncodingError } from './errors.js';

const DEEPEST = 64;

/**
 * One text for one value: tells apart `undefined`, `null`, `NaN`, `-0`, dates, maps, sets, bigints, typed arrays and
 * holes; takes object keys, map keys and set members in sorted order. Two values have the same text only if they are
 * equal in structure and of the same class (an object without a prototype counts as a plain one). Class instances need a
 * `toJSON`, and carry the name of their class.
 *
 * @throws KeyEncodingError for functions, symbols, cycles, promises, weak collections and other class instances
 */
export function canonical(value: unknown): string {
  return leaf(value) ?? encode(value, '', []);
}

/** The text of a value without parts, `undefined` for all others: saves most values the bookkeeping of paths. */
function leaf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    default:
      return value === null ? 'null' : undefined;
  }
}

function encode(value: unknown, path: string, parents: object[]): string {
  if (typeof value !== 'object' || value === null) {
    throw new KeyEncodingError(path, value, `a ${typeof value} has no value to compare`);
  }
  if (parents.includes(value)) throw new KeyEncodingError(path, value, 'it contains itself');
  if (parents.length >= DEEPEST) throw new KeyEncodingError(path, value, `it is nested deeper than ${DEEPEST} levels`);
  parents.push(value);
  const text = encodeObject(value, path, parents);
  parents.pop();
  return text;
}

function encodeObject(value: object, path: string, parents: object[]): string {
  const proto: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    return proto === Array.prototype
      ? encodeArray(value, path, parents)
      : `${className(value)}${encodeArray(value, path, parents)}`;
  }
  if (isPlain(proto)) return encodeRecord(value, path, parents);
  const content = builtIn(value, path, parents);
  if (content !== undefined) {
    // What a program has hung on a date or a map is part of it. The indices of a typed array are no such thing.
    const bare = ArrayBuffer.isView(value) || Object.keys(value).length === 0;
    return `${className(value)}(${content})${bare ? '' : encodeRecord(value, path, parents)}`;
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    const json: unknown = toJSON.call(value);
    return `${className(value)}=${leaf(json) ?? encode(json, `${path}.toJSON()`, parents)}`;
  }
  throw new KeyEncodingError(path, value, 'only plain data and objects with toJSON() can be compared');
}

/** Whether this is the prototype of plain objects, of this realm or another (tests run in realms of their own). */
function isPlain(proto: unknown): boolean {
  if (proto === null || proto === Object.prototype) return true;
  return Object.getPrototypeOf(proto) === null && className(proto as object) === '@"Object"';
}

function builtIn(value: object, path: string, parents: object[]): string | undefined {
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Map) return encodeMap(value, path, parents);
  if (value instanceof Set) return encodeSet(value, path, parents);
  if (ArrayBuffer.isView(value)) return base64(value);
  if (value instanceof ArrayBuffer) return base64(new Uint8Array(value));
  if (value instanceof RegExp) return `${JSON.stringify(String(value))},${value.lastIndex}`;
  return undefined;
}

/** The name of a value's class. One that is not the language's own is quoted, so that no class can pass for `Date`. */
function className(value: object): string {
  const made = (value as { constructor?: { name?: unknown } }).constructor;
  const name = typeof made?.name === 'string' ? made.name : '';
  return made !== undefined && (globalThis as Record<string, unknown>)[name] === made
    ? name
    : `@${JSON.stringify(name)}`;
}

function encodeArray(list: readonly unknown[], path: string, parents: object[]): string {
  const keys = Object.keys(list);
  // With holes or with properties beside the elements: as a record, so that a long sparse array costs what it holds.
  if (keys.length !== list.length || (list.length > 0 && keys.at(-1) !== String(list.length - 1))) {
    return `[${list.length};${encodeRecord(list, path, parents)}]`;
  }
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += leaf(list[i]) ?? encode(list[i], `${path}[${i}]`, parents);
  }
  return `${text}]`;
}

function encodeRecord(record: object, path: string, parents: object[]): string {
  for (const symbol of Object.getOwnPropertySymbols(record)) {
    if (!Object.prototype.propertyIsEnumerable.call(record, symbol)) continue;
    throw new KeyEncodingError(path, record, 'it has symbol keys');
  }
  let text = '{';
  for (const key of Object.keys(record).sort()) {
    if (text.length > 1) text += ',';
    const item = (record as Record<string, unknown>)[key];
    text += `${JSON.stringify(key)}:${leaf(item) ?? encode(item, step(path, key), parents)}`;
  }
  return `${text}}`;
}

function encodeMap(map: ReadonlyMap<unknown, unknown>, path: string, parents: object[]): string {
  const pairs = [...map].map(([key, item]) => {
    const name = leaf(key) ?? encode(key, `${path}(map key)`, parents);
    return `${name}=>${leaf(item) ?? encode(item, `${path}(${name})`, parents)}`;
  });
  return pairs.sort().join(',');
}

function encodeSet(set: ReadonlySet<unknown>, path: string, parents: object[]): string {
  return [...set]
    .map((item) => leaf(item) ?? encode(item, `${path}(set member)`, parents))
    .sort()
    .join(',');
}

function step(path: string, key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
