import type { Outcome, Trace } from './trace-simulation.js';

/**
 * The hits of a cache that knows the future and evicts what is used again last: the ceiling for every policy with equal
 * sizes. Source: L. A. Belady, "A Study of Replacement Algorithms for a Virtual-Storage Computer", IBM Systems Journal 5(2), 1966.
 *
 * Keys wait in a binary heap by time of next use; an entry whose key was used since is stale and skipped when it surfaces.
 */
export function optimal(trace: Trace, capacity: number): Outcome {
  const { keys, distinct } = trace;
  const nextUse = nextUses(keys, distinct);
  const due = new Int32Array(distinct).fill(-1);
  const heap = new FarthestFirst();
  let held = 0;
  let hits = 0;
  for (let time = 0; time < keys.length; time++) {
    const key = keys[time]!;
    if (due[key] !== -1) {
      hits++;
    } else {
      while (held >= capacity) {
        const [use, victim] = heap.pop();
        if (due[victim] !== use) continue;
        due[victim] = -1;
        held--;
      }
      held++;
    }
    due[key] = nextUse[time]!;
    heap.push(nextUse[time]!, key);
  }
  return { requests: keys.length, hits, saved: hits, total: keys.length };
}

/** For each access, the time of the next access to the same key; never again = after the end, each its own time. */
function nextUses(keys: Int32Array, distinct: number): Int32Array {
  const next = new Int32Array(keys.length);
  const seen = new Int32Array(distinct).fill(-1);
  for (let time = keys.length - 1; time >= 0; time--) {
    const key = keys[time]!;
    next[time] = seen[key] === -1 ? keys.length + key : seen[key]!;
    seen[key] = time;
  }
  return next;
}

class FarthestFirst {
  readonly #heap: number[] = [];

  push(time: number, key: number): void {
    const heap = this.#heap;
    const item = time * 0x200_0000 + key;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! >= item) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  pop(): [time: number, key: number] {
    const heap = this.#heap;
    const top = heap[0]!;
    const item = heap.pop()!;
    const size = heap.length;
    let at = 0;
    while (2 * at + 1 < size) {
      let child = 2 * at + 1;
      if (child + 1 < size && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= item) break;
      heap[at] = heap[child]!;
      at = child;
    }
    if (size > 0) heap[at] = item;
    return [Math.floor(top / 0x200_0000), top % 0x200_0000];
  }
}
