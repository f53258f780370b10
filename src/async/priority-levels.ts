import { Arrivals } from './arrivals.js';
import { isServedBefore, startsBefore } from './group.js';
import { Lane } from './lane.js';
import { LaneHeap } from './lane-heap.js';

/** The waiting calls of one priority: one lane, or one for each group that has calls waiting here. */
export class PriorityLevel {
  priority: number;
  /** All its calls while there are no groups; empty while there are: then the heaps hold a lane for each group. */
  sole: Lane;
  readonly bySlots: LaneHeap = new LaneHeap('slotsPlace', isServedBefore);
  readonly byCost: LaneHeap = new LaneHeap('costPlace', startsBefore);
  /** Calls that may have to leave, where the newest of the lowest priority does. */
  readonly arrivals: Arrivals | undefined;

  constructor(priority: number, keepsArrivals: boolean) {
    this.priority = priority;
    this.sole = new Lane(this, undefined);
    this.arrivals = keepsArrivals ? new Arrivals() : undefined;
  }

  get isEmpty(): boolean {
    return this.sole.head === undefined && this.bySlots.first() === undefined;
  }

  addLane(lane: Lane): void {
    this.bySlots.add(lane);
    this.byCost.add(lane);
  }

  removeLane(lane: Lane): void {
    this.bySlots.remove(lane);
    this.byCost.remove(lane);
  }

  laneChanged(lane: Lane): void {
    this.bySlots.changed(lane);
    this.byCost.changed(lane);
  }
}

/** The priorities that calls wait at, highest first. */
export class PriorityLevels {
  /** Never without one, so that calls of a single priority find it in place. Only that one may be empty. */
  readonly all: PriorityLevel[];
  readonly #keepsArrivals: boolean;

  constructor(keepsArrivals: boolean) {
    this.#keepsArrivals = keepsArrivals;
    this.all = [new PriorityLevel(0, keepsArrivals)];
  }

  /** The level of a call that waits. */
  of(priority: number): PriorityLevel {
    const top = this.all[0]!;
    return top.priority === priority ? top : this.all[this.#placeOf(priority)]!;
  }

  /** The level for a call that comes. */
  for(priority: number): PriorityLevel {
    const top = this.all[0]!;
    if (top.priority === priority) return top;
    if (this.all.length === 1 && top.isEmpty) {
      top.priority = priority;
      return top;
    }
    const place = this.#placeOf(priority);
    const found = this.all[place];
    if (found?.priority === priority) return found;
    const level = new PriorityLevel(priority, this.#keepsArrivals);
    this.all.splice(place, 0, level);
    return level;
  }

  /** No call waits there any more. */
  dropEmpty(level: PriorityLevel): void {
    if (this.all.length > 1) this.all.splice(this.#placeOf(level.priority), 1);
  }

  /** Where a priority stands, or would. */
  #placeOf(priority: number): number {
    let from = 0;
    let to = this.all.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.all[middle]!.priority > priority) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
