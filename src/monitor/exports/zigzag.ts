/**
 * Whole numbers of either sign as HdrHistogram writes them: zigzag, then seven bits a byte, the lowest first. Up to 2^53 - 1, which
 * takes eight bytes; the format's ninth is for more than a number can hold.
 *
 * Source: https://github.com/HdrHistogram/HdrHistogram (ZigZagEncoding, LEB128-64b9B)
 */
const LONGEST = 8;
const SEVEN_BITS = 128;

/** Appends a number of at most 2^53 - 1. */
export function writeWord(into: number[], value: number): void {
  // Twice a number of 53 bits still is exact, and so is every division by a power of two.
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  while (rest >= SEVEN_BITS) {
    into.push((rest % SEVEN_BITS) + SEVEN_BITS);
    rest = Math.floor(rest / SEVEN_BITS);
  }
  into.push(rest);
}

/**
 * The number at a place, and where the next one begins.
 *
 * @throws RangeError when it is cut short, or beyond 2^53 - 1
 */
export function readWord(bytes: Uint8Array, at: number): { value: number; end: number } {
  let half = 0;
  let isOdd = false;
  let end = at;
  for (let i = 0; i < LONGEST; i++) {
    const byte = bytes[end++];
    if (byte === undefined) throw new RangeError('a number that is cut short');
    const bits = byte % SEVEN_BITS;
    // Half of it is kept, so that what is read stays within 53 bits.
    if (i === 0) {
      isOdd = bits % 2 === 1;
      half = Math.floor(bits / 2);
    } else {
      half += bits * 2 ** (7 * i - 1);
    }
    if (byte < SEVEN_BITS) {
      if (half > Number.MAX_SAFE_INTEGER) break;
      return { value: isOdd ? -half - 1 : half, end };
    }
  }
  throw new RangeError('a number of more than 53 bits');
}
