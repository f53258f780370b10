import type { Lane } from './lane.js';

/**
 * The lanes of a level by whose group's turn it is: a binary heap (J. W. J. Williams, "Algorithm 232: Heapsort", 1964) in
 * which each lane knows its place, so that it can move or leave in O(log n).
 */
export class LaneHeap {
  /** Heap order: a lane stands before those at twice its place and one or two more. */
  readonly lanes: Lane[] = [];
  readonly #place: 'slotsPlace' | 'costPlace';
  readonly #isBefore: (a: Lane, b: Lane) => boolean;

  constructor(place: 'slotsPlace' | 'costPlace', isBefore: (a: Lane, b: Lane) => boolean) {
    this.#place = place;
    this.#isBefore = isBefore;
  }

  first(): Lane | undefined {
    return this.lanes[0];
  }

  add(lane: Lane): void {
    this.lanes.push(lane);
    this.#rise(lane, this.lanes.length - 1);
  }

  remove(lane: Lane): void {
    const at = lane[this.#place];
    const last = this.lanes.pop()!;
    if (last === lane) return;
    this.#rise(last, at);
    this.#sink(last, last[this.#place]);
  }

  /** What the order goes by has changed for this lane. */
  changed(lane: Lane): void {
    if (this.lanes.length === 1) return;
    this.#rise(lane, lane[this.#place]);
    this.#sink(lane, lane[this.#place]);
  }

  #rise(lane: Lane, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.lanes[above]!;
      if (!this.#isBefore(lane, parent)) break;
      this.#put(parent, at);
      at = above;
    }
    this.#put(lane, at);
  }

  #sink(lane: Lane, from: number): void {
    const lanes = this.lanes;
    let at = from;
    for (let child = 2 * at + 1; child < lanes.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < lanes.length && this.#isBefore(lanes[right]!, lanes[child]!)) child = right;
      const below = lanes[child]!;
      if (!this.#isBefore(below, lane)) break;
      this.#put(below, at);
      at = child;
    }
    this.#put(lane, at);
  }

  #put(lane: Lane, at: number): void {
    this.lanes[at] = lane;
    lane[this.#place] = at;
  }
}
