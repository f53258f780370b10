import { LATELY_MS } from '../../src/async/headroom.js';
import type { QueuePolicy } from '../../src/async/processor-options.js';
import type { WaitingCall } from './waiting-call.js';

interface ModelGroup {
  active: number;
  servedAt: number;
  turn: number;
  start: number;
}

/** The rules of the queue, said as plainly as they can be: one list, looked through as a whole. No headroom: slots abound. */
export class WaitingModel {
  waiting: WaitingCall[] = [];
  refused: WaitingCall[] = [];
  readonly #groups = new Map<string, ModelGroup>();
  #turns = 0;
  #virtualTime = 0;

  constructor(
    readonly max: number,
    readonly policy: QueuePolicy,
    readonly ageingMs: number,
    readonly hasGroups: boolean,
  ) {}

  group(name: string, now: number): ModelGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { active: 0, servedAt: now - LATELY_MS, turn: this.#turns++, start: this.#virtualTime };
      this.#groups.set(name, group);
    }
    return group;
  }

  push(call: WaitingCall, now: number): void {
    const bounded = this.waiting.filter((other) => !other.isExempt);
    if (!call.isExempt && bounded.length >= this.max) {
      const lowest = Math.min(...bounded.map((other) => other.priority));
      const victim =
        this.policy === 'drop-oldest'
          ? bounded[0]
          : this.policy === 'drop-lowest' && lowest < call.priority
            ? bounded.findLast((other) => other.priority === lowest)
            : undefined;
      this.refused.push(victim ?? call);
      if (victim === undefined) return;
      this.remove(victim);
    }
    const group = this.group(call.group, now);
    if (!this.waiting.some((other) => other.group === call.group))
      group.start = Math.max(group.start, this.#virtualTime);
    this.waiting.push(call);
  }

  remove(call: WaitingCall): void {
    this.waiting = this.waiting.filter((other) => other !== call);
  }

  entered(call: WaitingCall, now: number): void {
    const group = this.group(call.group, now);
    if (!this.waiting.some((other) => other.group === call.group))
      group.start = Math.max(group.start, this.#virtualTime);
    this.#virtualTime = Math.max(this.#virtualTime, group.start);
    Object.assign(group, { active: group.active + 1, servedAt: now, turn: this.#turns++, start: group.start + 1 });
  }

  next(now: number, isRateBound: boolean): WaitingCall | undefined {
    const priorities = [...new Set(this.waiting.map((call) => call.priority))].sort((a, b) => b - a);
    const ofLevels = priorities.map((priority, at) => {
      const call = this.#nextOf(
        this.waiting.filter((other) => other.priority === priority),
        isRateBound,
      );
      return { call, at, rank: Math.max(0, at - Math.floor((now - call.since) / this.ageingMs)) };
    });
    const part = (call: WaitingCall): number => {
      const group = this.group(call.group, now);
      return isRateBound ? group.start : group.active;
    };
    return ofLevels.sort(
      (a, b) =>
        a.rank - b.rank ||
        (this.hasGroups ? part(a.call) - part(b.call) : 0) ||
        a.call.since - b.call.since ||
        a.at - b.at,
    )[0]?.call;
  }

  #nextOf(level: WaitingCall[], isRateBound: boolean): WaitingCall {
    if (!this.hasGroups) return level[0]!;
    const keys = [...new Set(level.map((call) => call.group))].map((name) => ({ name, ...this.#groups.get(name)! }));
    keys.sort((a, b) =>
      isRateBound
        ? a.start - b.start || a.turn - b.turn
        : a.active - b.active || a.servedAt - b.servedAt || a.turn - b.turn,
    );
    return level.find((call) => call.group === keys[0]!.name)!;
  }
}
