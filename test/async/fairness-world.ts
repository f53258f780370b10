import type { Waiter } from '../../src/async/waiter.js';
import { WaitingQueue } from '../../src/async/waiting-queue.js';
import { ManualClock } from '../manual-clock.js';

/** Calls of one group. */
export interface Load {
  readonly group: string;
  /** Milliseconds from one arrival to the next. */
  readonly between: () => number;
  /** Calls that arrive at once. Default 1. */
  readonly burst?: () => number;
  /** How long a call runs. */
  readonly service: () => number;
  /** Instead of arrivals: so many calls are always there, a new one for each that ends. */
  readonly always?: number;
}

class SimulatedCall implements Waiter {
  readonly priority = 0;
  readonly tokens = 0;
  readonly isExempt = false;
  isWaiting = false;
  previous: Waiter | undefined;
  next: Waiter | undefined;

  constructor(
    readonly load: Load,
    readonly since: number,
    readonly serviceMs: number,
  ) {}

  get group(): string {
    return this.load.group;
  }

  admit(): void {}
  refuse(): void {}
}

/** A service with so many slots, calls of several groups before it, and the order of a WaitingQueue. No time passes but a manual clock's. */
export class FairnessWorld {
  readonly clock = new ManualClock(0);
  readonly queue = new WaitingQueue({ max: Number.POSITIVE_INFINITY, policy: 'reject', ageingMs: 10_000 });
  /** Calls that run. */
  active = 0;
  readonly #latencies = new Map<string, number[]>();
  readonly #slotMs = new Map<string, number>();
  #warmUntil = Number.POSITIVE_INFINITY;

  constructor(
    readonly limit: number,
    loads: readonly Load[],
  ) {
    for (const load of loads) {
      this.#latencies.set(load.group, []);
      if (load.always !== undefined) for (let i = 0; i < load.always; i++) this.#arrive(load);
      else this.#arriveLater(load);
    }
  }

  /** Runs on; what arrived before does not count. */
  warmUp(ms: number): this {
    this.clock.advance(ms);
    this.#warmUntil = this.clock.now();
    return this;
  }

  run(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  /** From arrival to end, in milliseconds. */
  latenciesOf(group: string): readonly number[] {
    return this.#latencies.get(group)!;
  }

  /** Slots that a group had on average. */
  slotsOf(group: string): number {
    return (this.#slotMs.get(group) ?? 0) / (this.clock.now() - this.#warmUntil);
  }

  #arriveLater(load: Load): void {
    this.clock.setTimer(() => {
      const burst = load.burst?.() ?? 1;
      for (let i = 0; i < burst; i++) this.#arrive(load);
      this.#arriveLater(load);
    }, load.between());
  }

  #arrive(load: Load): void {
    const now = this.clock.now();
    const call = new SimulatedCall(load, now, load.service());
    const free = this.limit - this.active;
    if (free > 0 && this.queue.size === 0 && this.queue.mayEnter(load.group, free, this.limit, now)) this.#start(call);
    else {
      this.queue.push(call, now);
      this.#advance();
    }
  }

  #advance(): void {
    while (this.active < this.limit) {
      const call = this.queue.peek(this.clock.now(), this.limit - this.active, this.limit, false);
      if (call === undefined) return;
      this.queue.remove(call);
      this.#start(call as SimulatedCall);
    }
  }

  #start(call: SimulatedCall): void {
    const { group } = call;
    this.active++;
    this.queue.entered(group, 0, this.clock.now());
    this.clock.setTimer(() => {
      this.active--;
      this.queue.left(group, this.clock.now());
      if (this.clock.now() >= this.#warmUntil) this.#slotMs.set(group, (this.#slotMs.get(group) ?? 0) + call.serviceMs);
      if (call.since >= this.#warmUntil) this.#latencies.get(group)!.push(this.clock.now() - call.since);
      this.#advance();
      if (call.load.always !== undefined) this.#arrive(call.load);
    }, call.serviceMs);
  }
}

export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
