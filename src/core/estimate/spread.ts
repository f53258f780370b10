/** The fractions of its multiples fill a range evenly, however few there are, and meet no period in what stands there. */
const GOLDEN = 0.6180339887498949;

/** The n-th place of a sequence that is spread over `length` places, the same one each time. */
export function spreadPlace(n: number, length: number): number {
  const multiple = (n + 1) * GOLDEN;
  return Math.floor((multiple - Math.floor(multiple)) * length);
}
