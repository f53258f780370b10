import type { TimedValue } from './rank-trend.js';

interface Kept<T> {
  readonly point: T;
  /** Area of the triangle with its neighbours. */
  area: number;
}

/**
 * The turns of a series of any length, in a bounded number of points: where one more is too many, the one is left out that is nearest to
 * the line between its neighbours. What rose, came down and jumped stays, for days; how it shook is forgotten.
 *
 * Source: Visvalingam and Whyatt 1993.
 */
export class SeriesOutline<T extends TimedValue> {
  readonly #most: number;
  readonly #kept: Kept<T>[] = [];

  /** @param most - points, 3 and above */
  constructor(most: number) {
    this.#most = most;
  }

  /** Oldest first. */
  get points(): readonly T[] {
    return this.#kept.map(({ point }) => point);
  }

  /** Later than all before. */
  add(point: T): void {
    this.#kept.push({ point, area: Number.POSITIVE_INFINITY });
    this.#measure(this.#kept.length - 2);
    if (this.#kept.length <= this.#most) return;
    let least = 1;
    for (let i = 2; i < this.#kept.length - 1; i++) if (this.#kept[i]!.area < this.#kept[least]!.area) least = i;
    this.#kept.splice(least, 1);
    this.#measure(least - 1);
    this.#measure(least);
  }

  #measure(index: number): void {
    const before = this.#kept[index - 1]?.point;
    const here = this.#kept[index];
    const after = this.#kept[index + 1]?.point;
    if (!before || !here || !after) return;
    const across = after.atMs - before.atMs;
    const expected = before.value + ((after.value - before.value) * (here.point.atMs - before.atMs)) / across;
    here.area = (Math.abs(here.point.value - expected) * across) / 2;
  }
}
