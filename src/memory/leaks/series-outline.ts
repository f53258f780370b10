import type { TimedValue } from './rank-trend.js';

/**
 * The turns of a series of any length, in a bounded number of points: where one more is too many, the one is left out that is nearest to
 * the line between its neighbours. What rose, came down and jumped stays, for days; how it shook is forgotten.
 *
 * Source: Visvalingam and Whyatt 1993.
 */
export class SeriesOutline<T extends TimedValue> {
  readonly #most: number;
  readonly #points: T[] = [];
  /** Of the triangle of each point with its neighbours. */
  readonly #areas: number[] = [];

  /** @param most - points, 3 and above */
  constructor(most: number) {
    this.#most = most;
  }

  /** Oldest first; as it is at present. */
  get points(): readonly T[] {
    return this.#points;
  }

  /** Later than all before. */
  add(point: T): void {
    this.#points.push(point);
    this.#areas.push(Number.POSITIVE_INFINITY);
    this.#measure(this.#points.length - 2);
    if (this.#points.length <= this.#most) return;
    let least = 1;
    for (let i = 2; i < this.#areas.length - 1; i++) if (this.#areas[i]! < this.#areas[least]!) least = i;
    this.#points.splice(least, 1);
    this.#areas.splice(least, 1);
    this.#measure(least - 1);
    this.#measure(least);
  }

  #measure(index: number): void {
    const before = this.#points[index - 1];
    const here = this.#points[index];
    const after = this.#points[index + 1];
    if (!before || !here || !after) return;
    const across = after.atMs - before.atMs;
    const expected = before.value + ((after.value - before.value) * (here.atMs - before.atMs)) / across;
    this.#areas[index] = (Math.abs(here.value - expected) * across) / 2;
  }
}
