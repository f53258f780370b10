import type { Group } from './group.js';
import { Headroom, LATELY_MS } from './headroom.js';
import { Lane } from './lane.js';
import { LinkedList } from './linked-list.js';
import type { PriorityLevel } from './priority-levels.js';
import type { Waiter } from './waiter.js';

/** A group that used more than its share of the rate is remembered for so long: a pause does not clear it. */
export const DEBT_MS = 60_000;

/** The mean of tokens per call goes by about so many calls. */
const TOKENS_MEMORY = 64;

/**
 * Who has which part of the slots and of the rate, once there are several groups. The rate is shared by start-time fair
 * queueing (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996): a call starts, in virtual time, when the one before it of its group
 * ends, or now, whichever is later, and takes as long as it costs. A call costs 1, and 1 more at the usual number of tokens.
 */
export class FairShare {
  readonly #groups = new Map<string, Group>();
  /** Longest idle first. */
  readonly #lately = new LinkedList<Group>();
  readonly #owing = new LinkedList<Group>();
  #owed = 0;
  readonly #headroom = new Headroom();
  /** When it was last told of something. */
  #now: number;
  #virtualTime = 0;
  #turns = 0;
  #meanTokens = 0;
  #withTokens = 0;
  /** Slots of all groups. */
  #counted = 0;
  /** The group that was alone before: its calls that run were not counted. */
  #uncounted: Group | undefined;

  /** @param alone - the group that was alone before, last seen at `seenAt` */
  constructor(alone: string, seenAt: number) {
    this.#now = seenAt;
    this.#uncounted = this.of(alone, seenAt);
  }

  /** How many groups it knows; never more than were at work in the last minute. */
  get known(): number {
    return this.#groups.size;
  }

  /** A group, made known if it is not. */
  of(name: string, now: number): Group {
    this.#now = now;
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: Group = {
      name,
      active: 0,
      waiting: 0,
      claim: 0,
      isNoisy: false,
      // As one that was not served for a while: before those that get much, and not before those that wait long.
      servedAt: now - LATELY_MS,
      turn: this.#turns++,
      start: this.#virtualTime,
      idleSince: now,
      standing: 'lately',
      lanes: [],
      previous: undefined,
      next: undefined,
    };
    this.#groups.set(name, group);
    this.#lately.append(group);
    return group;
  }

  mayTake(group: Group, free: number): boolean {
    return this.#headroom.allows(group, free);
  }

  /** To be called before it is asked anything: what has become of groups and limit since. */
  tend(now: number, free: number, limit: number): void {
    if (this.#uncounted !== undefined) {
      this.#headroom.renew(now, limit, this.#groups.size);
      this.#countSlots(this.#uncounted, limit - free);
    }
    this.forget(now);
    this.#headroom.renew(now, limit, this.#groups.size - this.#owed);
  }

  /** A call begins to wait at a level. @param isBack - it was first already, and is so again */
  add(waiter: Waiter, level: PriorityLevel, now: number, isBack: boolean): void {
    this.forget(now);
    const group = this.of(waiter.group, now);
    if (group.waiting++ === 0 && group.start < this.#virtualTime) group.start = this.#virtualTime;
    this.#place(group);
    let lane = group.lanes.find((lane) => lane.level === level);
    if (lane === undefined) {
      lane = new Lane(level, group);
      group.lanes.push(lane);
      level.addLane(lane);
    }
    if (isBack) lane.prepend(waiter);
    else lane.append(waiter);
  }

  remove(waiter: Waiter, level: PriorityLevel): void {
    const group = this.#groups.get(waiter.group)!;
    const at = group.lanes.findIndex((lane) => lane.level === level);
    const lane = group.lanes[at]!;
    lane.remove(waiter);
    if (lane.head === undefined) {
      level.removeLane(lane);
      group.lanes.splice(at, 1);
    }
    group.waiting--;
    this.#place(group);
  }

  /** Takes the waiting calls of the group that was alone into the book. */
  takeOver(levels: readonly PriorityLevel[], waiting: number): void {
    const group = this.#uncounted!;
    group.waiting = waiting;
    this.#place(group);
    for (const level of levels) {
      const { sole } = level;
      if (sole.head === undefined) continue;
      sole.group = group;
      group.lanes.push(sole);
      level.addLane(sole);
      level.sole = new Lane(level, undefined);
    }
  }

  /** Gives the waiting calls of the only group back, and says which it is. */
  handOver(levels: readonly PriorityLevel[]): string | undefined {
    for (const level of levels) {
      const lane = level.bySlots.first();
      if (lane === undefined) continue;
      level.removeLane(lane);
      lane.group = undefined;
      level.sole = lane;
    }
    return this.#groups.keys().next().value;
  }

  entered(name: string, tokens: number, now: number): void {
    const group = this.of(name, now);
    group.active++;
    this.#counted++;
    group.servedAt = now;
    group.turn = this.#turns++;
    if (group.waiting === 0) group.start = Math.max(group.start, this.#virtualTime);
    this.#virtualTime = Math.max(group.start, this.#virtualTime);
    group.start += this.#costOf(tokens);
    this.#place(group);
    reorder(group);
  }

  left(name: string, now: number): void {
    this.#now = now;
    const group = this.#groups.get(name);
    if (group === undefined) return;
    // Of the group that was alone, calls may leave before its slots are counted.
    if (group.active === 0) return;
    group.active--;
    this.#counted--;
    this.#place(group);
    reorder(group);
  }

  /** Forgets the groups that have been idle for long. O(1) for each call in the long run. */
  forget(now: number): void {
    this.#now = now;
    for (let g = this.#lately.head; g !== undefined && now - g.idleSince >= LATELY_MS; g = this.#lately.head) {
      if (g === this.#uncounted) return;
      this.#lately.remove(g);
      if (g.start > this.#virtualTime) {
        g.standing = 'owing';
        this.#owing.append(g);
        this.#owed++;
      } else this.#groups.delete(g.name);
    }
    for (let g = this.#owing.head; g !== undefined && now - g.idleSince >= DEBT_MS; g = this.#owing.head) {
      this.#owing.remove(g);
      this.#owed--;
      this.#groups.delete(g.name);
    }
  }

  #costOf(tokens: number): number {
    if (tokens <= 0) return 1;
    if (this.#withTokens < TOKENS_MEMORY) this.#withTokens++;
    this.#meanTokens += (tokens - this.#meanTokens) / this.#withTokens;
    return 1 + tokens / this.#meanTokens;
  }

  /** Counts the slots of the group that was alone, now that it matters: those in use that no other has. */
  #countSlots(group: Group, inUse: number): void {
    this.#uncounted = undefined;
    group.active = Math.max(0, inUse - this.#counted);
    this.#counted += group.active;
    this.#place(group);
    reorder(group);
  }

  /** Moves a group between those that are busy and those that are idle. */
  #place(group: Group): void {
    this.#headroom.follow(group);
    const isIdle = group.active === 0 && group.waiting === 0;
    if (isIdle === (group.standing !== 'busy')) return;
    if (isIdle) {
      group.idleSince = this.#now;
      group.standing = 'lately';
      this.#lately.append(group);
      return;
    }
    if (group.standing === 'owing') {
      this.#owing.remove(group);
      this.#owed--;
    } else this.#lately.remove(group);
    group.standing = 'busy';
  }
}

function reorder(group: Group): void {
  for (const lane of group.lanes) lane.level.laneChanged(lane);
}
