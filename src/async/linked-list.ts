/** What can stand in a {@link LinkedList}, one at a time: the places are its own. */
export interface Linked<N> {
  previous: N | undefined;
  next: N | undefined;
}

/** A list that any of its nodes can leave in O(1), without an object for its place. */
export class LinkedList<N extends Linked<N>> {
  head: N | undefined;
  #tail: N | undefined;

  append(node: N): void {
    const tail = this.#tail;
    node.previous = tail;
    node.next = undefined;
    if (tail === undefined) this.head = node;
    else tail.next = node;
    this.#tail = node;
  }

  prepend(node: N): void {
    const { head } = this;
    node.previous = undefined;
    node.next = head;
    if (head === undefined) this.#tail = node;
    else head.previous = node;
    this.head = node;
  }

  /** @param node - which must stand in this list */
  remove(node: N): void {
    const { previous, next } = node;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    node.previous = undefined;
    node.next = undefined;
  }
}
