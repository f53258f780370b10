import { types } from 'node:util';
import { describe } from '../../core/errors.js';
import { CodecError, DEEPEST_VALUE } from './codec-error.js';

/**
 * An escape is an object with the one key `$`: `{"$":["Date",0]}`, a type and its contents. An object of the host's that has
 * a key `$` is itself escaped, as `{"$":["Object",{...}]}`.
 */
export const ESCAPE = '$';

/** How many steps of a path an error shows: the way into a cycle has hundreds. */
const LONGEST_PATH = 12;

/** What may go wrong is named with its path: the objects and steps from the root to where the walk stands. */
interface Walk {
  hasEscapes: boolean;
  readonly parents: object[];
  readonly path: (string | number)[];
}

/** The value as a tree that `JSON.stringify` writes exactly: itself where nothing needs an escape, copied where something does. */
export function escaped(value: unknown): { tree: unknown; hasEscapes: boolean } {
  const walk: Walk = { hasEscapes: false, parents: [], path: [] };
  return { tree: part(value, walk), hasEscapes: walk.hasEscapes };
}

/** Whether JSON writes this as it is. All that most values consist of: looked at first, without bookkeeping. */
function isJsonLeaf(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    default:
      return value === null;
  }
}

/** The tree of one part: the part itself if it can stay. */
function part(value: unknown, walk: Walk): unknown {
  if (isJsonLeaf(value)) return value;
  switch (typeof value) {
    case 'object':
      return object(value as object, walk);
    case 'number':
      return escapeOf(walk, value === 0 ? '-0' : String(value));
    case 'undefined':
      return escapeOf(walk, 'undefined');
    case 'bigint':
      return escapeOf(walk, 'bigint', String(value));
    default:
      throw refusal(walk, value, `a ${typeof value} can't be stored`);
  }
}

function escapeOf(walk: Walk, type: string, ...contents: unknown[]): object {
  walk.hasEscapes = true;
  return { [ESCAPE]: [type, ...contents] };
}

function object(value: object, walk: Walk): unknown {
  const { parents } = walk;
  if (parents.length >= DEEPEST_VALUE) {
    const isCycle = parents.includes(value) || new Set(parents).size < parents.length;
    throw refusal(walk, value, isCycle ? 'it contains itself' : `it is nested deeper than ${DEEPEST_VALUE} levels`);
  }
  parents.push(value);
  const tree = Array.isArray(value) ? list(value, walk) : isPlain(value) ? record(value, walk) : instance(value, walk);
  parents.pop();
  return tree;
}

/** The tree of a part that is found under `step`. */
function below(value: unknown, step: string | number, walk: Walk): unknown {
  walk.path.push(step);
  const tree = part(value, walk);
  walk.path.pop();
  return tree;
}

/** Plain objects are those with the prototype of object literals, of this realm or another, or without one. */
function isPlain(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null || Object.getPrototypeOf(proto) === null;
}

function list(values: readonly unknown[], walk: Walk): unknown {
  let copy: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isJsonLeaf(value)) continue;
    if (value === undefined && !(i in values)) return sparse(values, walk);
    const tree = below(value, i, walk);
    if (tree === value) continue;
    copy ??= Array.from(values);
    copy[i] = tree;
  }
  return copy ?? values;
}

/** An array with holes: its length, and the elements there are. */
function sparse(values: readonly unknown[], walk: Walk): unknown {
  const present: unknown[] = [];
  for (const key of Object.keys(values)) {
    const index = Number(key);
    if (String(index >>> 0) === key) present.push([index, below(values[index], index, walk)]);
  }
  return escapeOf(walk, 'sparse', values.length, present);
}

function record(value: object, walk: Walk): unknown {
  const source = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key in source) {
    const item = source[key];
    const isSpecial = key === ESCAPE || key === '__proto__' || key === 'toJSON';
    if (!isSpecial && isJsonLeaf(item)) continue;
    // The prototype of an old-style class has enumerable methods.
    if (!Object.hasOwn(source, key)) continue;
    if (isSpecial) return specialRecord(source, walk);
    const tree = below(item, key, walk);
    if (tree === item) continue;
    copy ??= { ...source };
    copy[key] = tree;
  }
  return copy ?? value;
}

/** A record with a key that means something to JSON, to objects or to this codec. */
function specialRecord(source: Record<string, unknown>, walk: Walk): unknown {
  const { toJSON } = source;
  if (typeof toJSON === 'function') return jsonOf(source, toJSON as ToJson, walk);
  const tree = ownFields(source, walk);
  return Object.hasOwn(source, ESCAPE) ? escapeOf(walk, 'Object', tree) : tree;
}

/** The own fields as a new record: nothing that JSON would call or look up is left on it. */
function ownFields(source: object, walk: Walk): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(source)) {
    if (key !== '__proto__') tree[key] = below(item, key, walk);
  }
  return tree;
}

type ToJson = (key: string) => unknown;

/** What an object says of itself. One that answers with itself is not asked again, as in JSON. */
function jsonOf(value: object, toJSON: ToJson, walk: Walk): unknown {
  const json: unknown = toJSON.call(value, String(walk.path.at(-1) ?? ''));
  walk.path.push('.toJSON()');
  const tree = json === value ? ownFields(value, walk) : part(json, walk);
  walk.path.pop();
  return tree;
}

function instance(value: object, walk: Walk): unknown {
  if (types.isDate(value)) return escapeOf(walk, 'Date', Number.isNaN(value.getTime()) ? null : value.getTime());
  if (types.isMap(value)) {
    const pairs = Array.from(value, ([key, item]) => [below(key, '(map key)', walk), below(item, '(map value)', walk)]);
    return escapeOf(walk, 'Map', pairs);
  }
  if (types.isSet(value)) {
    return escapeOf(
      walk,
      'Set',
      Array.from(value, (item) => below(item, '(set member)', walk)),
    );
  }
  if (Buffer.isBuffer(value)) return escapeOf(walk, 'Buffer', value.toString('base64'));
  if (ArrayBuffer.isView(value)) return escapeOf(walk, viewType(value), base64(value));
  if (types.isArrayBuffer(value)) return escapeOf(walk, 'ArrayBuffer', base64(new Uint8Array(value)));
  if (types.isRegExp(value)) return escapeOf(walk, 'RegExp', value.source, value.flags);
  if (types.isNativeError(value) || value instanceof Error) return error(value, walk);
  if (value instanceof URL) return escapeOf(walk, 'URL', value.href);
  if (types.isBoxedPrimitive(value)) return part(value.valueOf(), walk);
  if (isUnstorable(value)) throw refusal(walk, value, 'it lives in this process alone');
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return jsonOf(value, toJSON as ToJson, walk);
  return record(value, walk);
}

function isUnstorable(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    types.isSharedArrayBuffer(value)
  );
}

/** `Uint8Array` and so on, `DataView`. */
function viewType(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice(8, -1);
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Name, message, what an error carries without it being enumerable, and its other own properties. */
function error(value: Error, walk: Walk): unknown {
  const hidden: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  if (typeof value.stack === 'string') hidden['stack'] = value.stack;
  for (const key of Object.getOwnPropertyNames(value)) {
    const field = (value as unknown as Record<string, unknown>)[key];
    if (key === 'name' || key === 'message' || key === 'stack' || key === '__proto__') continue;
    if (Object.prototype.propertyIsEnumerable.call(value, key)) own[key] = field;
    else if (key === 'cause' || key === 'errors') hidden[key] = field;
  }
  const fields = [hidden, own].map((each) => record(each, walk));
  return escapeOf(walk, 'Error', String(value.name), String(value.message), ...fields);
}

function refusal({ path }: Walk, value: unknown, why: string): CodecError {
  const where = path.slice(0, LONGEST_PATH).map(stepText).join('') + (path.length > LONGEST_PATH ? '...' : '');
  return new CodecError(`value${where} can't be encoded for the shared tier: ${why}, got ${describe(value)}`);
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (step.startsWith('(') || step === '.toJSON()') return step;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
