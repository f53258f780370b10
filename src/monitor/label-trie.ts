import { ownText } from '../core/own-text.js';
import type { Labels } from './exemplar.js';
import { LONGEST_VALUE } from './labels.js';

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
    // What is large would be held on to: objects, and texts of which a series keeps the beginning.
    if (names.length === 0 || names.some((name) => !isSmall(name) || !isSmall(labels[name]))) return;
    if (this.#size >= MOST_SETS) {
      this.#shapes = [];
      this.#size = 0;
    }
    let node = this.#rootOf(names);
    for (const name of names.slice(0, -1)) {
      const value = held(labels[name]);
      const next = (node.get(value) as Map<unknown, unknown> | undefined) ?? new Map<unknown, unknown>();
      node.set(value, next);
      node = next;
    }
    node.set(held(labels[names.at(-1)!]), found);
    this.#size++;
  }

  #rootOf(names: readonly string[]): Map<unknown, unknown> {
    const known = this.#shapes.find((shape) => shape.names.join('\u0000') === names.join('\u0000'));
    if (known) return known.root;
    if (this.#shapes.length >= MOST_SHAPES) this.#shapes.shift();
    const root = new Map<unknown, unknown>();
    this.#shapes.push({ names: names.map((name) => ownText(name)), root });
    return root;
  }
}

/** A short text may be a part of a long one. */
function held(value: unknown): unknown {
  return typeof value === 'string' ? ownText(value) : value;
}

function isSmall(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= LONGEST_VALUE;
  return value === undefined || value === null || (typeof value !== 'object' && typeof value !== 'function');
}
