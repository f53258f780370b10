/** Sizes of V8 on 64 bits, rounded: uncalibrated, meant for comparing values with each other and with a bound. */
const OBJECT = 24;
const SLOT = 8;
const ARRAY = 32;
const STRING = 16;
const HEAP_NUMBER = 16;
const COLLECTION = 64;
const COLLECTION_ENTRY = 40;
const BUFFER = 96;
/** V8 leaves room for a few fields in every fresh object literal. */
const SMALLEST_RECORD = 4;
const SMALLEST_OBJECT = OBJECT + SMALLEST_RECORD * SLOT;

/** Longer lists are sampled at this many evenly spread places. */
const SAMPLE = 24;
/** How many values one estimate looks at; what is beyond counts like the average of what was seen. */
const BUDGET = 512;

interface Walk {
  left: number;
  seen: Set<object> | undefined;
}

/**
 * Estimates how many bytes of heap a value holds, in a microsecond or two: typed arrays and buffers exactly, strings by
 * length and width, long lists from a sample. Cycles and shared parts count once. Functions, symbols and weak collections
 * count as one object. Property names are shared between objects of one shape and do not count.
 */
export function estimateBytes(value: unknown): number {
  return sizeOf(value, { left: BUDGET, seen: undefined });
}

function sizeOf(value: unknown, walk: Walk): number {
  switch (typeof value) {
    case 'string':
      return stringBytes(value);
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : HEAP_NUMBER;
    case 'bigint':
      return HEAP_NUMBER + 8;
    case 'object':
      return value === null ? 0 : objectBytes(value, walk);
    case 'function':
      return SMALLEST_OBJECT;
    default:
      return 0;
  }
}

/** V8 keeps a string with one byte a character until one of them needs two. */
function stringBytes(text: string): number {
  const { length } = text;
  const step = length <= SAMPLE ? 1 : Math.floor(length / SAMPLE);
  for (let i = 0; i < length; i += step) {
    if (text.charCodeAt(i) > 0xff) return STRING + 2 * length;
  }
  return STRING + length;
}

function objectBytes(value: object, walk: Walk): number {
  if (ArrayBuffer.isView(value)) return BUFFER + value.byteLength;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return BUFFER + value.byteLength;
  if (value instanceof Date) return OBJECT + 9 * SLOT;
  if (walk.left <= 0) return SMALLEST_OBJECT;
  walk.left--;
  walk.seen ??= new Set();
  if (walk.seen.has(value)) return 0;
  walk.seen.add(value);
  if (Array.isArray(value)) return arrayBytes(value, walk);
  if (value instanceof Map) return mapBytes(value, walk);
  if (value instanceof Set) return setBytes(value, walk);
  return recordBytes(value, walk);
}

function arrayBytes(list: readonly unknown[], walk: Walk): number {
  const { length } = list;
  const own = ARRAY + SLOT * length;
  if (length <= SAMPLE) {
    let sum = own;
    for (let i = 0; i < length; i++) sum += sizeOf(list[i], walk);
    return sum;
  }
  let sampled = 0;
  let count = 0;
  for (let s = 0; s < SAMPLE && (walk.left > 0 || count === 0); s++, count++) {
    sampled += sizeOf(list[Math.floor((s * length) / SAMPLE)], walk);
  }
  return own + Math.round((sampled / count) * length);
}

function mapBytes(map: ReadonlyMap<unknown, unknown>, walk: Walk): number {
  let sampled = 0;
  let count = 0;
  for (const [key, value] of map) {
    if (count === SAMPLE) break;
    sampled += sizeOf(key, walk) + sizeOf(value, walk);
    count++;
  }
  return COLLECTION + map.size * COLLECTION_ENTRY + (count === 0 ? 0 : Math.round((sampled / count) * map.size));
}

function setBytes(set: ReadonlySet<unknown>, walk: Walk): number {
  let sampled = 0;
  let count = 0;
  for (const value of set) {
    if (count === SAMPLE) break;
    sampled += sizeOf(value, walk);
    count++;
  }
  return COLLECTION + set.size * COLLECTION_ENTRY + (count === 0 ? 0 : Math.round((sampled / count) * set.size));
}

function recordBytes(value: object, walk: Walk): number {
  const plain = isPlain(value);
  let sampled = 0;
  let count = 0;
  let fields = 0;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    fields++;
    if (walk.left <= 0 && count > 0) continue;
    // A class's getter is not ours to run: its slot counts, what it would compute does not.
    const field: unknown = plain ? value[key as never] : Object.getOwnPropertyDescriptor(value, key)?.value;
    sampled += sizeOf(field, walk);
    count++;
  }
  const contents = count === 0 ? 0 : Math.round((sampled / count) * fields);
  return OBJECT + SLOT * Math.max(fields, SMALLEST_RECORD) + contents;
}

function isPlain(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null;
}
