import type { Labels } from './exemplar.js';

interface Entry<Found> {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
  readonly found: Found;
}

const KEPT = 8;

/**
 * What was found for the last few label sets, told by comparing names and values as they stand: for a call that states its labels
 * each time, in the same order as ever, this saves making a text of them, and allocates nothing.
 */
export class RecentLabels<Found> {
  readonly #entries: Entry<Found>[] = [];
  #next = 0;

  find(labels: Labels): Found | undefined {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      if (isSame(entry, labels)) return entry.found;
    }
    return undefined;
  }

  remember(labels: Labels, found: Found): void {
    const names = Object.keys(labels);
    this.#entries[this.#next] = { names, values: names.map((name) => labels[name]), found };
    this.#next = (this.#next + 1) % KEPT;
  }
}

function isSame({ names, values }: Entry<unknown>, labels: Labels): boolean {
  let i = 0;
  for (const name in labels) {
    if (names[i] !== name || values[i] !== labels[name]) return false;
    i++;
  }
  return i === names.length;
}
