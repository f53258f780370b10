import { mapTable, setTable } from './heap-sizes.js';
import { intrinsics } from './intrinsics.js';
import type { Sizer } from './sizer.js';
import { spreadPlace } from './spread.js';

/** At most so many entries are looked at, a few where each is large. */
const SAMPLE = 16;
const FEWEST = 4;
/** They stand among the first ones: no entry is reached but by way of those before it. */
const REACH = 128;

/** Bytes of a `Map` with its keys and values. Methods of a subclass are not called. */
export function mapBytes(map: ReadonlyMap<unknown, unknown>, sizer: Sizer, looks: number): number {
  const { mapSize, mapEntries } = intrinsics();
  const size = mapSize.call(map);
  const sample = new Sample(size, sizer, looks);
  let place = 0;
  for (const [key, value] of mapEntries.call(map)) {
    if (place++ !== sample.next) continue;
    if (!sample.goesOn()) break;
    sample.add(sizer.bytesOf(key, sample.share) + sizer.bytesOf(value, sample.share));
  }
  return mapTable(size) + sample.total(size);
}

/** Bytes of a `Set` with its values. Methods of a subclass are not called. */
export function setBytes(set: ReadonlySet<unknown>, sizer: Sizer, looks: number): number {
  const { setSize, setValues } = intrinsics();
  const size = setSize.call(set);
  const sample = new Sample(size, sizer, looks);
  let place = 0;
  for (const value of setValues.call(set)) {
    if (place++ !== sample.next) continue;
    if (!sample.goesOn()) break;
    sample.add(sizer.bytesOf(value, sample.share));
  }
  return setTable(size) + sample.total(size);
}

/** One entry from each of the parts that the entries within reach are cut into, or all of a few. */
class Sample {
  next = 0;
  readonly share: number;
  readonly #sizer: Sizer;
  readonly #enough: number;
  readonly #part: number;
  #seen = 0;
  #bytes = 0;

  constructor(size: number, sizer: Sizer, looks: number) {
    this.share = Math.max(FEWEST, looks >> 2);
    this.#sizer = sizer;
    this.#enough = sizer.left - looks;
    this.#part = Math.max(1, Math.min(size, REACH) / SAMPLE);
  }

  goesOn(): boolean {
    const { left } = this.#sizer;
    return this.#seen < SAMPLE && !(this.#seen >= FEWEST && left <= this.#enough) && !(this.#seen > 0 && left <= 0);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#seen++;
    this.next = Math.floor(this.#seen * this.#part) + spreadPlace(this.#seen, Math.floor(this.#part));
  }

  total(size: number): number {
    return this.#seen === 0 ? 0 : Math.round((this.#bytes / this.#seen) * size);
  }
}
