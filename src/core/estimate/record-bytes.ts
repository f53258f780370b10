import { dictionaryTable, EMPTY_OBJECT, OBJECT, SLOT } from './heap-sizes.js';
import type { Sizer } from './sizer.js';
import { textBytes } from './text-bytes.js';

/** An object of more fields is told by a sample of them. */
const WHOLE = 32;
const SAMPLE = 16;
/** From here on an object whose names look made up is taken for a dictionary, and beyond the second every object. */
const SMALLEST_DICTIONARY = 16;
const LARGEST_RECORD = 128;
/** `{}` brings room for so many fields. Beyond, one built field by field takes about 24 bytes more than a literal or a parsed one: half of them count. */
const FIRST_FIELDS = 4;
const BUILT = 12;

/** How an object keeps its properties: by a shape that others share, or (without a prototype) in a table of its own. */
export type RecordKind = 'plain' | 'instance' | 'table';

/**
 * Bytes of an object by its own enumerable properties. A getter is not run: its slot counts. Names belong to the shape,
 * which the objects of one kind share, and do not count, but in a dictionary they do.
 */
export function recordBytes(value: object, kind: RecordKind, sizer: Sizer, looks: number): number {
  const names = Object.keys(value);
  const { length } = names;
  const count = length <= WHOLE ? length : SAMPLE;
  let contents = 0;
  let seen = 0;
  for (; seen < count; seen++) {
    if (sizer.left-- <= 0 && seen > 0) break;
    const name = names[count === length ? seen : Math.floor((seen * length) / count)]!;
    contents += sizer.bytesOf(Object.getOwnPropertyDescriptor(value, name)?.value, looks);
  }
  if (seen < length) contents = Math.round((contents / seen) * length);
  if (length >= SMALLEST_DICTIONARY && isDictionary(names)) {
    return OBJECT + dictionaryTable(length) + nameBytes(names) + contents;
  }
  if (kind === 'table') return OBJECT + dictionaryTable(length) + contents;
  if (kind === 'instance') return OBJECT + SLOT * length + contents;
  if (length === 0) return EMPTY_OBJECT;
  return OBJECT + SLOT * length + (length > FIRST_FIELDS ? BUILT : 0) + contents;
}

/** Columns and fields have words for names, in any language, and at times a number (`sales_2024`). Ids, dates and paths look otherwise. */
function isDictionary(names: readonly string[]): boolean {
  const { length } = names;
  if (length > LARGEST_RECORD) return true;
  let made = 0;
  for (let i = 0; i < 4; i++) if (MADE_UP.test(names[Math.floor((i * length) / 4)]!)) made++;
  return made > 2;
}

const MADE_UP = /^\d|\d{5}|[^\p{L}\p{M}\p{N}_$ ()%]/u;

/** An index is a number, any other name a string. */
function nameBytes(names: readonly string[]): number {
  const { length } = names;
  let bytes = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const name = names[Math.floor((i * length) / SAMPLE)]!;
    if (!INDEX.test(name)) bytes += textBytes(name);
  }
  return Math.round((bytes / SAMPLE) * length);
}

const INDEX = /^\d{1,10}$/;
