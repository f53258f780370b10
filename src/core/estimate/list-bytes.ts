import { ARRAY, dictionaryTable, ELEMENTS, HEAP_NUMBER, SLOT } from './heap-sizes.js';
import { isSmallInteger } from './number-kind.js';
import type { Sizer } from './sizer.js';
import { textBytes } from './text-bytes.js';

/** At most so many elements are looked at, evenly spread; at least a few where each of them is large. */
const MOST = 16;
const FEWEST = 4;
/** Longer lists of numbers have room to spare, between none (`JSON.parse`, `map`) and 41 % (`Array.from` of a typed array). */
const EXACT = 16;
const SPARE = 1.07;
/** `JSON.parse` keeps strings of so few characters once for all their places. */
const INTERNED = 10;
/** V8 lets no list of fewer places become sparse. */
const SHORTEST_SPARSE = 1024;

/**
 * Bytes of an array. The first element counts for itself, what the others share with it is therefore counted once; those
 * looked at among the others count for the rest. A list that holds only numbers holds them as they are, in any other a
 * fraction is an object of its own.
 */
export function listBytes(list: readonly unknown[], sizer: Sizer, looks: number): number {
  const { length } = list;
  if (length === 0) return ARRAY;
  const before = sizer.left;
  const tally = new Tally(sizer, looks);
  tally.add(list[0]);
  const first = tally.bytes;
  const used = before - sizer.left;
  const most = used === 0 ? MOST : Math.min(MOST, Math.max(FEWEST, Math.floor(looks / used)));
  const count = Math.min(length, most);
  for (let i = 1; i < count; i++) {
    if (sizer.left <= 0 && tally.seen > 1) break;
    tally.add(list[Math.floor((i * length) / count)]);
  }
  if (length > SHORTEST_SPARSE && 4 * tally.absent > 3 * tally.seen) return sparseBytes(list, sizer, looks);
  const own = ARRAY + ELEMENTS + SLOT * length;
  if (tally.seen === tally.numbers) return length > EXACT ? Math.round(own * SPARE) : own;
  return own + first + tally.rest(first, length - 1);
}

/** A list with far more places than elements is a table of its elements. To count them, V8 must list them. */
function sparseBytes(list: readonly unknown[], sizer: Sizer, looks: number): number {
  const places = Object.keys(list);
  const flat = ARRAY + ELEMENTS + SLOT * list.length;
  const table = ARRAY + dictionaryTable(places.length);
  const tally = new Tally(sizer, looks);
  const count = Math.min(places.length, MOST);
  for (let i = 0; i < count; i++) tally.add(list[Number(places[Math.floor((i * places.length) / count)])]);
  const contents = count === 0 ? 0 : Math.round((tally.bytes / count) * places.length);
  return Math.min(flat, table) + contents;
}

/** What the elements looked at came to. */
class Tally {
  bytes = 0;
  seen = 0;
  numbers = 0;
  absent = 0;
  #repeated = 0;
  #text: string | undefined;
  readonly #sizer: Sizer;
  readonly #looks: number;

  constructor(sizer: Sizer, looks: number) {
    this.#sizer = sizer;
    this.#looks = Math.max(FEWEST, looks >> 2);
  }

  add(element: unknown): void {
    this.seen++;
    if (typeof element === 'number') {
      this.numbers++;
      if (!isSmallInteger(element)) this.bytes += HEAP_NUMBER;
    } else if (element === undefined) {
      this.absent++;
    } else if (typeof element === 'string') {
      if (element.length > INTERNED || element !== this.#text) this.bytes += textBytes(element);
      this.#text = element;
    } else {
      const bytes = this.#sizer.bytesOf(element, this.#looks);
      if (bytes === 0 && typeof element === 'object' && element !== null) this.#repeated++;
      this.bytes += bytes;
    }
  }

  /** Bytes of `others` elements beside the first. Where most of those looked at were known, the rest is taken for known. */
  rest(first: number, others: number): number {
    const looked = this.seen - 1;
    if (looked === 0) return first * others;
    const bytes = this.bytes - first;
    return 2 * this.#repeated > looked ? bytes : Math.round((bytes / looked) * others);
  }
}
