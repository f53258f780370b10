import { ARRAY, ELEMENTS, HEAP_NUMBER, SLOT } from './heap-sizes.js';
import { isSmallInteger } from './number-kind.js';
import type { Sizer } from './sizer.js';
import { sparseBytes } from './sparse-bytes.js';
import { spreadPlace } from './spread.js';

/** At most so many elements beside the first are looked at, a few where each of them is large, more where they are texts and numbers. */
const MOST = 16;
const FEWEST = 4;
const MOST_SMALL = 48;
/** Of these, up to so many are all looked at: runs in a list hardly longer could miss the same one of each kind. */
const ALL_SMALL = 96;
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
  const tally = new Tally(list, sizer, looks);
  tally.add(0);
  const first = tally.bytes;
  const used = before - sizer.left;
  const most = used === 0 ? MOST_SMALL : Math.min(MOST, Math.max(FEWEST, Math.floor(looks / used)));
  addOthers(tally, length, most, sizer, before - looks);
  if (length > SHORTEST_SPARSE && 4 * tally.absent > 3 * tally.seen) return sparseBytes(list, sizer, looks);
  const own = ARRAY + ELEMENTS + SLOT * length;
  if (tally.seen === tally.numbers) return length > EXACT ? Math.round(own * SPARE) : own;
  return own + first + tally.rest(first, length - 1);
}

/**
 * The elements after the first: all of a few, or runs of neighbours, one at a place of its own in each equal part of the
 * list. A list of pairs or triples laid flat has its kinds side by side: single elements at even distances may meet one
 * kind only.
 */
function addOthers(tally: Tally, length: number, most: number, sizer: Sizer, enough: number): void {
  const others = length - 1;
  const isDone = () => tally.seen > 1 && (sizer.left <= 0 || (sizer.left <= enough && tally.seen > FEWEST));
  if (others <= (most === MOST_SMALL ? ALL_SMALL : most)) {
    for (let i = 1; i < length; i++) {
      if (isDone()) return;
      tally.add(i);
    }
    return;
  }
  const parts = most >= 16 ? 8 : most >= 8 ? 4 : 2;
  const run = Math.floor(most / parts);
  const part = others / parts;
  for (let i = 0; i < parts; i++) {
    // Up and down the list: the looks may be used up before the last part.
    const start = 1 + Math.floor(((5 * i) % parts) * part) + spreadPlace(i, part - run);
    for (let j = 0; j < run; j++) {
      if (isDone()) return;
      tally.add(start + j);
    }
  }
}

/** What the elements looked at came to. */
class Tally {
  bytes = 0;
  seen = 0;
  numbers = 0;
  absent = 0;
  #repeated = 0;
  readonly #list: readonly unknown[];
  readonly #sizer: Sizer;
  readonly #looks: number;

  constructor(list: readonly unknown[], sizer: Sizer, looks: number) {
    this.#list = list;
    this.#sizer = sizer;
    this.#looks = Math.max(FEWEST, looks >> 2);
  }

  add(place: number): void {
    this.seen++;
    const element = this.#list[place];
    if (typeof element === 'number') {
      this.numbers++;
      if (!isSmallInteger(element)) this.bytes += HEAP_NUMBER;
    } else if (element === undefined) {
      if (!Object.hasOwn(this.#list, place)) this.absent++;
    } else if (typeof element === 'string') {
      if (element.length > INTERNED || !this.#sizer.isKnownText(element)) this.bytes += this.#sizer.bytesOf(element, 0);
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
