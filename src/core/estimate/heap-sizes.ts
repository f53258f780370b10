/**
 * What V8 takes for its objects, in bytes: 64 bits, pointer compression off, as in every build of Node.js. Each figure is
 * its layout in V8 11.3 (Node 20) and was checked by allocation in bulk; the test of estimates measures them again.
 */

/** A pointer or a small integer. */
export const SLOT = 8;
/** Three slots: shape, named properties, indexed elements. All figures are literals, which a bundler drops where unused. */
export const OBJECT = 24;
/** `{}` has room for four fields; a literal, a parsed object or an instance has as many slots as fields. */
export const EMPTY_OBJECT = 56;
/** Shape and length of what holds elements. */
export const ELEMENTS = 16;
/** An object and its length. */
export const ARRAY = 32;
/** Shape, hash and length. */
export const STRING = 16;
/** A fraction, or a whole number beyond 32 bits, anywhere but in a list that holds only numbers. */
export const HEAP_NUMBER = 16;
/** Shape and length, before its digits of 64 bits. */
export const BIGINT = 16;
export const SYMBOL = 40;
export const FUNCTION = 64;
/** The time itself is a number of its own, beside year, month and so on once they were asked for. */
export const DATE = 112;
export const REGEXP = 120;
/** With the stack as it is before anybody reads it: ten frames. */
export const ERROR = 192;
/** A typed array or `DataView`, its `ArrayBuffer` aside. */
export const VIEW = 104;
export const ARRAY_BUFFER = 88;
/** Where `Buffer` cuts small buffers from its pool, the ends that were too short for the next one are lost. */
export const POOL_LOSS = 1.25;
/** A typed array of up to so many bytes keeps them in itself. */
export const INLINE_VIEW_BYTES = 64;

/** A `Map`: an ordered hash table of three slots an entry, and half a slot for its buckets. */
export function mapTable(size: number): number {
  return ARRAY + ORDERED_TABLE + tableCapacity(size) * 3.5 * SLOT;
}

/** A `Set`: two slots an entry, and half a slot for its buckets. */
export function setTable(size: number): number {
  return ARRAY + ORDERED_TABLE + tableCapacity(size) * 2.5 * SLOT;
}

/** What holds the properties of an object without a shape, or the elements of a sparse list: three slots a place. */
export function dictionaryTable(size: number): number {
  return DICTIONARY + tableCapacity(size + (size >> 1)) * 3 * SLOT;
}

/** Bytes are taken in words. */
export function inWords(bytes: number): number {
  return Math.ceil(bytes / SLOT) * SLOT;
}

/** Five slots and seven, before the entries. */
const ORDERED_TABLE = 40;
const DICTIONARY = 56;

/** Tables grow by doubling, from four places. */
function tableCapacity(size: number): number {
  let capacity = 4;
  while (capacity < size) capacity *= 2;
  return capacity;
}
