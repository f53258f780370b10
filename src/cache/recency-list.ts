import type { PolicyNode } from './eviction-policy.js';

/** Nodes in order of last access, linked through `prev` (newer) and `next` (older), with their number and bytes. */
export class RecencyList<N extends PolicyNode> {
  #newest: N | undefined;
  #oldest: N | undefined;
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): N | undefined {
    return this.#oldest;
  }

  /** Adds a node as the newest. */
  add(node: N): void {
    this.#link(node);
    this.#size++;
    this.#bytes += node.bytes;
  }

  /** Makes a node of the list its newest. */
  touch(node: N): void {
    if (node === this.#newest) return;
    this.#unlink(node);
    this.#link(node);
  }

  remove(node: N): void {
    this.#unlink(node);
    this.#size--;
    // Sizes with fractions must not leave a rest behind.
    this.#bytes = this.#size === 0 ? 0 : this.#bytes - node.bytes;
  }

  clear(): void {
    this.#newest = this.#oldest = undefined;
    this.#size = this.#bytes = 0;
  }

  #link(node: N): void {
    node.prev = undefined;
    node.next = this.#newest;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.prev = node;
    this.#newest = node;
  }

  #unlink(node: N): void {
    // Only nodes of one policy are ever linked.
    const newer = node.prev as N | undefined;
    const older = node.next as N | undefined;
    if (newer === undefined) this.#newest = older;
    else newer.next = older;
    if (older === undefined) this.#oldest = newer;
    else older.prev = newer;
    node.prev = node.next = undefined;
  }
}
