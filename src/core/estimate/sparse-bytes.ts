import { ARRAY, dictionaryTable, ELEMENTS, SLOT } from './heap-sizes.js';
import type { Sizer } from './sizer.js';
import { spreadPlace } from './spread.js';

/** One place of so many is looked at, within these bounds, before anything is listed. */
const PLACES_A_PROBE_BITS = 12;
const FEWEST_PROBES = 32;
const MOST_PROBES = 4096;
/** So many elements found tell how many there are. With fewer, V8 lists few. */
const ENOUGH = 8;
/** Elements that are looked into. */
const SAMPLE = 16;
/** In a longer list only what the probes found counts: to list it, V8 may have to pass all of its places. */
const LONGEST_LISTED = 8_388_608;
const LONGEST_LISTED_FLAT = 65_536;
/** V8 keeps no list of more places flat unless it is filled. */
const LONGEST_FLAT = 33_554_432;
/** V8 gives up the places when the table takes a third of what they would grow to, and grows them by half. */
const TABLE_GAIN = 2.5;

/**
 * Bytes of a list with far more places than elements. V8 keeps those of `new Array(n)` all the same, but the elements of a
 * list that grew by assignments far apart in a table. JavaScript can't see which: the last place, which assignments fill
 * and a length given beforehand leaves empty, decides.
 */
export function sparseBytes(list: readonly unknown[], sizer: Sizer, looks: number): number {
  const { length } = list;
  const assigned = Object.hasOwn(list, length - 1);
  const probes = Math.min(MOST_PROBES, Math.max(FEWEST_PROBES, length >> PLACES_A_PROBE_BITS));
  let places = assigned ? [length - 1] : [];
  for (let i = 0; i < probes; i++) {
    const place = spreadPlace(i, length);
    if (Object.hasOwn(list, place)) places.push(place);
  }
  let count = places.length;
  if (count >= ENOUGH) {
    count = Math.round((count / probes) * length);
  } else if (length <= (assigned ? LONGEST_LISTED : LONGEST_LISTED_FLAT)) {
    const keys = Object.keys(list);
    count = keys.length;
    places = Array.from({ length: Math.min(SAMPLE, count) }, (_, i) =>
      Number(keys[count <= SAMPLE ? i : spreadPlace(i, count)]),
    );
  }
  const flat = ARRAY + ELEMENTS + SLOT * length;
  const table = ARRAY + dictionaryTable(count);
  const isFlat = length <= LONGEST_FLAT && (!assigned || table * TABLE_GAIN > flat);
  return (isFlat ? flat : table) + contentBytes(list, places, count, sizer, looks);
}

function contentBytes(
  list: readonly unknown[],
  places: readonly number[],
  count: number,
  sizer: Sizer,
  looks: number,
): number {
  const share = Math.max(1, looks >> 2);
  let bytes = 0;
  let seen = 0;
  for (const place of places) {
    if (seen === SAMPLE || (seen > 0 && sizer.left <= 0)) break;
    bytes += sizer.bytesOf(list[place], share);
    seen++;
  }
  return seen === 0 ? 0 : Math.round((bytes / seen) * count);
}
