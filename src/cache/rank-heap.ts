import type { PolicyNode } from './eviction-policy.js';

/**
 * A binary min-heap of nodes by `rank` (J. W. J. Williams, "Algorithm 232: Heapsort", 1964). `node.queue` is the node's
 * place in the heap, so that any node can be taken out in O(log n).
 */
export class RankHeap<N extends PolicyNode> {
  readonly #nodes: N[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  /** The node of lowest rank. */
  first(): N | undefined {
    return this.#nodes[0];
  }

  add(node: N): void {
    this.#nodes.push(node);
    this.#rise(node, this.#nodes.length - 1);
  }

  remove(node: N): void {
    const last = this.#nodes.pop()!;
    if (last === node) return;
    this.#rise(last, node.queue);
    this.#sink(last, last.queue);
  }

  /** To be called when the rank of a node in the heap has gone up. */
  raised(node: N): void {
    this.#sink(node, node.queue);
  }

  clear(): void {
    this.#nodes.length = 0;
  }

  #rise(node: N, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = this.#nodes[(at - 1) >> 1]!;
      if (parent.rank <= node.rank) break;
      this.#put(parent, at);
      at = (at - 1) >> 1;
    }
    this.#put(node, at);
  }

  #sink(node: N, from: number): void {
    const nodes = this.#nodes;
    let at = from;
    for (let child = 2 * at + 1; child < nodes.length; child = 2 * at + 1) {
      if (child + 1 < nodes.length && nodes[child + 1]!.rank < nodes[child]!.rank) child++;
      const lower = nodes[child]!;
      if (lower.rank >= node.rank) break;
      this.#put(lower, at);
      at = child;
    }
    this.#put(node, at);
  }

  #put(node: N, at: number): void {
    this.#nodes[at] = node;
    node.queue = at;
  }
}
