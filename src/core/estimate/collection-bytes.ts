import { mapTable, setTable } from './heap-sizes.js';
import type { Sizer } from './sizer.js';

/** At most so many entries are looked at, a few where each is large: the first ones, as no other can be reached at once. */
const SAMPLE = 16;
const FEWEST = 4;

/** Bytes of a `Map` with its keys and values. Methods of a subclass are not called. */
export function mapBytes(map: ReadonlyMap<unknown, unknown>, sizer: Sizer, looks: number): number {
  const size = sizeOfMap.call(map) as number;
  const share = Math.max(FEWEST, looks >> 2);
  let contents = 0;
  let seen = 0;
  const enough = sizer.left - looks;
  for (const [key, value] of entriesOfMap.call(map)) {
    if (seen === SAMPLE || (seen >= FEWEST && sizer.left <= enough) || (seen > 0 && sizer.left <= 0)) break;
    contents += sizer.bytesOf(key, share) + sizer.bytesOf(value, share);
    seen++;
  }
  return mapTable(size) + (seen === 0 ? 0 : Math.round((contents / seen) * size));
}

/** Bytes of a `Set` with its values. Methods of a subclass are not called. */
export function setBytes(set: ReadonlySet<unknown>, sizer: Sizer, looks: number): number {
  const size = sizeOfSet.call(set) as number;
  const share = Math.max(FEWEST, looks >> 2);
  let contents = 0;
  let seen = 0;
  const enough = sizer.left - looks;
  for (const value of valuesOfSet.call(set)) {
    if (seen === SAMPLE || (seen >= FEWEST && sizer.left <= enough) || (seen > 0 && sizer.left <= 0)) break;
    contents += sizer.bytesOf(value, share);
    seen++;
  }
  return setTable(size) + (seen === 0 ? 0 : Math.round((contents / seen) * size));
}

const { entries: entriesOfMap } = Map.prototype;
const { values: valuesOfSet } = Set.prototype;
const sizeOfMap = sizeGetter(Map.prototype);
const sizeOfSet = sizeGetter(Set.prototype);

function sizeGetter(prototype: object): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, 'size')!.get!;
}
