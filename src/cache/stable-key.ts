import { KeyEncodingError } from './errors.js';

const DEEPEST = 64;

/**
 * One text for one value: tells apart `undefined`, `null`, `NaN`, `-0`, dates, maps, sets, bigints, typed arrays and
 * holes; takes object keys, map keys and set members in sorted order. Two values have the same text only if they are
 * equal in structure. Class instances need a `toJSON`, and carry their class name.
 *
 * @throws KeyEncodingError for functions, symbols, cycles, promises, weak collections and other class instances
 */
export function canonical(value: unknown): string {
  // The common arguments, without the walk.
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return encodeObject(value, '', []);
  return encodeScalar(value, '');
}

function encode(value: unknown, path: string, parents: object[]): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return encodeObject(value, path, parents);
  return encodeScalar(value, path);
}

function encodeScalar(value: unknown, path: string): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return 'null';
    default:
      throw new KeyEncodingError(path, value, `a ${typeof value} has no value to compare`);
  }
}

function encodeObject(value: object, path: string, parents: object[]): string {
  if (parents.includes(value)) throw new KeyEncodingError(path, value, 'it contains itself');
  if (parents.length >= DEEPEST) throw new KeyEncodingError(path, value, `it is nested deeper than ${DEEPEST} levels`);
  parents.push(value);
  const text = Array.isArray(value) ? encodeArray(value, path, parents) : encodeByKind(value, path, parents);
  parents.pop();
  return text;
}

function encodeArray(list: readonly unknown[], path: string, parents: object[]): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    if (i in list) text += encode(list[i], `${path}[${i}]`, parents);
    else text += '_';
  }
  return `${text}]`;
}

function encodeByKind(value: object, path: string, parents: object[]): string {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto === Object.prototype || proto === null) return encodeRecord(value, path, parents);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Map) return encodeMap(value, path, parents);
  if (value instanceof Set) return encodeSet(value, path, parents);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${base64(value)})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${base64(new Uint8Array(value))})`;
  if (value instanceof RegExp) return `RegExp(${JSON.stringify(String(value))})`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return `${value.constructor.name}(${encode(toJSON.call(value), `${path}.toJSON()`, parents)})`;
  }
  throw new KeyEncodingError(path, value, 'only plain data and objects with toJSON() can be compared');
}

function encodeRecord(record: object, path: string, parents: object[]): string {
  if (Object.getOwnPropertySymbols(record).length > 0) {
    throw new KeyEncodingError(path, record, 'it has symbol keys');
  }
  let text = '{';
  for (const key of Object.keys(record).sort()) {
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${encode(record[key as never], `${path}.${key}`, parents)}`;
  }
  return `${text}}`;
}

function encodeMap(map: ReadonlyMap<unknown, unknown>, path: string, parents: object[]): string {
  const pairs = [...map].map(([key, item]) => {
    const name = encode(key, `${path}(map key)`, parents);
    return `${name}=>${encode(item, `${path}(${name})`, parents)}`;
  });
  return `Map{${pairs.sort().join(',')}}`;
}

function encodeSet(set: ReadonlySet<unknown>, path: string, parents: object[]): string {
  return `Set{${[...set]
    .map((item) => encode(item, `${path}(set member)`, parents))
    .sort()
    .join(',')}}`;
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
