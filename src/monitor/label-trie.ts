import type { Labels } from './exemplar.js';

interface Shape {
  /** Names of labels, in the order in which a call states them. */
  readonly names: readonly string[];
  /** By the value of the first label, of the second, and so on: the last map holds what was found. */
  readonly root: Map<unknown, unknown>;
}

/** Orders of labels, and label sets, that are known. Past these it begins anew. */
const MOST_SHAPES = 8;
const MOST_SETS = 2_000;

/**
 * What was found for sets of labels, by their values as they stand: for a call that states its labels each time, in the same order
 * as ever, this saves making a text of them, and allocates nothing.
 */
export class LabelTrie<Found> {
  #shapes: Shape[] = [];
  #size = 0;

  find(labels: Labels): Found | undefined {
    for (let s = 0; s < this.#shapes.length; s++) {
      const { names, root } = this.#shapes[s]!;
      let node: unknown = root;
      let depth = 0;
      for (const name in labels) {
        node = names[depth] === name ? (node as Map<unknown, unknown>).get(labels[name]) : undefined;
        if (node === undefined) break;
        depth++;
      }
      if (node !== undefined && depth === names.length) return node as Found;
    }
    return undefined;
  }

  remember(labels: Labels, found: Found): void {
    const names = Object.keys(labels);
    // An object as a value would be held on to, and is told by its type alone.
    if (names.length === 0 || names.some((name) => !isPlain(labels[name]))) return;
    if (this.#size >= MOST_SETS) {
      this.#shapes = [];
      this.#size = 0;
    }
    let node = this.#rootOf(names);
    for (const name of names.slice(0, -1)) {
      const next = (node.get(labels[name]) as Map<unknown, unknown> | undefined) ?? new Map<unknown, unknown>();
      node.set(labels[name], next);
      node = next;
    }
    node.set(labels[names.at(-1)!], found);
    this.#size++;
  }

  #rootOf(names: readonly string[]): Map<unknown, unknown> {
    const known = this.#shapes.find((shape) => shape.names.join('\u0000') === names.join('\u0000'));
    if (known) return known.root;
    if (this.#shapes.length >= MOST_SHAPES) this.#shapes.shift();
    const root = new Map<unknown, unknown>();
    this.#shapes.push({ names, root });
    return root;
  }
}

function isPlain(value: unknown): boolean {
  return value === undefined || value === null || (typeof value !== 'object' && typeof value !== 'function');
}
