import type { Group } from './group.js';
import { LinkedList } from './linked-list.js';
import type { PriorityLevel } from './priority-levels.js';
import type { Waiter } from './waiter.js';

/** The waiting calls of one group at one priority, first in, first out. */
export class Lane extends LinkedList<Waiter> {
  /** `undefined` while there is but one group and nobody keeps a book of it. */
  group: Group | undefined;
  readonly level: PriorityLevel;
  /** Its places in the two heaps of its level. */
  slotsPlace = 0;
  costPlace = 0;

  constructor(level: PriorityLevel, group: Group | undefined) {
    super();
    this.level = level;
    this.group = group;
  }
}
