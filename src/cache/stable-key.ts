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
  return leaf(value) ?? encode(value, { parents: [], path: [], shape: undefined });
}

/** Where the encoding stands. */
interface Walk {
  readonly parents: object[];
  /** Steps from the key to the present part. Made into text only for an error. */
  readonly path: (string | number)[];
  /** The names of the record before: rows of a result have one shape, and sort and quote their names once. */
  shape: Shape | undefined;
}

interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** `,"name":` for each sorted name; the first without its comma. */
  readonly openings: readonly string[];
}

/** Text that JSON writes as it stands: printable ASCII without quotes and backslashes. */
const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/** The text of a value without parts, `undefined` for all others: saves most values the bookkeeping. */
function leaf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return NEEDS_NO_ESCAPE.test(value) ? `"${value}"` : JSON.stringify(value);
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

/** The text of a part, noted under its step. */
function part(value: unknown, step: string | number, walk: Walk): string {
  const text = leaf(value);
  if (text !== undefined) return text;
  walk.path.push(step);
  const encoded = encode(value, walk);
  walk.path.pop();
  return encoded;
}

function encode(value: unknown, walk: Walk): string {
  const { parents } = walk;
  if (typeof value !== 'object' || value === null) {
    throw refusal(walk, value, `a ${typeof value} has no value to compare`);
  }
  if (parents.includes(value)) throw refusal(walk, value, 'it contains itself');
  if (parents.length >= DEEPEST) throw refusal(walk, value, `it is nested deeper than ${DEEPEST} levels`);
  parents.push(value);
  const text = encodeObject(value, walk);
  parents.pop();
  return text;
}

function refusal({ path }: Walk, value: unknown, why: string): KeyEncodingError {
  return new KeyEncodingError(path.map(stepText).join(''), value, why);
}

function encodeObject(value: object, walk: Walk): string {
  const proto: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    return proto === Array.prototype ? encodeArray(value, walk) : `${className(value)}${encodeArray(value, walk)}`;
  }
  if (isPlain(proto)) return encodeRecord(value, walk);
  const content = builtIn(value, walk);
  if (content !== undefined) {
    // What a program has hung on a date or a map is part of it. The indices of a typed array are no such thing.
    const bare = ArrayBuffer.isView(value) || Object.keys(value).length === 0;
    return `${className(value)}(${content})${bare ? '' : encodeRecord(value, walk)}`;
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return `${className(value)}=${part(toJSON.call(value), '.toJSON()', walk)}`;
  }
  throw refusal(walk, value, 'only plain data and objects with toJSON() can be compared');
}

/** Whether this is the prototype of plain objects, of this realm or another (tests run in realms of their own). */
function isPlain(proto: unknown): boolean {
  if (proto === null || proto === Object.prototype) return true;
  return Object.getPrototypeOf(proto) === null && className(proto as object) === '@"Object"';
}

function builtIn(value: object, walk: Walk): string | undefined {
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Map) return encodeMap(value, walk);
  if (value instanceof Set) return encodeSet(value, walk);
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

function encodeArray(list: readonly unknown[], walk: Walk): string {
  const keys = Object.keys(list);
  // With holes or with properties beside the elements: as a record, so that a long sparse array costs what it holds.
  if (keys.length !== list.length || (list.length > 0 && keys.at(-1) !== String(list.length - 1))) {
    return `[${list.length};${encodeRecord(list, walk)}]`;
  }
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += part(list[i], i, walk);
  }
  return `${text}]`;
}

function encodeRecord(record: object, walk: Walk): string {
  for (const symbol of Object.getOwnPropertySymbols(record)) {
    if (!Object.prototype.propertyIsEnumerable.call(record, symbol)) continue;
    throw refusal(walk, record, 'it has symbol keys');
  }
  const keys = Object.keys(record);
  let { shape } = walk;
  if (shape === undefined || !equal(shape.keys, keys)) {
    shape = shapeOf(keys);
    walk.shape = shape;
  }
  const { sorted, openings } = shape;
  let text = '{';
  for (let i = 0; i < sorted.length; i++) {
    const key = sorted[i]!;
    text += openings[i]! + part((record as Record<string, unknown>)[key], key, walk);
  }
  return `${text}}`;
}

function shapeOf(keys: readonly string[]): Shape {
  const sorted = [...keys].sort();
  return { keys, sorted, openings: sorted.map((key, i) => `${i > 0 ? ',' : ''}${JSON.stringify(key)}:`) };
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function encodeMap(map: ReadonlyMap<unknown, unknown>, walk: Walk): string {
  const pairs = [...map].map(([key, item]) => {
    const name = part(key, '(map key)', walk);
    return `${name}=>${part(item, `(${name})`, walk)}`;
  });
  return pairs.sort().join(',');
}

function encodeSet(set: ReadonlySet<unknown>, walk: Walk): string {
  return [...set]
    .map((item) => part(item, '(set member)', walk))
    .sort()
    .join(',');
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (step.startsWith('(') || step === '.toJSON()') return step;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
