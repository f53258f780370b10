import type { AlertState } from '../../src/monitor/alerts/alert-status.js';

/** The rule that is modelled, but for its threshold, which the caller knows. */
export const SLOW_RULE = { window: '1m', for: '2m', keepFiring: '3m', minCount: 20 } as const;
const WINDOW = 60_000;
const FOR = 120_000;
const KEEP = 180_000;

/** What an alert on a slow p95 is to do, written as plainly as can be: values by step, and a look at each tick. */
export class SlowAlertModel {
  /** What it tells of, and when. */
  readonly told: [event: 'alert' | 'resolved', at: number][] = [];
  state: AlertState = 'inactive';
  since: number;
  readonly #stepMs: number;
  // Of full size from the start: memory is being watched.
  readonly #slowByStep: Uint8Array;
  readonly #countByStep: Uint8Array;

  constructor(startedAt: number, stepMs: number, steps: number) {
    this.since = startedAt;
    this.#stepMs = stepMs;
    this.#slowByStep = new Uint8Array(steps);
    this.#countByStep = new Uint8Array(steps);
  }

  record(step: number, isSlow: boolean): void {
    this.#countByStep[step]!++;
    if (isSlow) this.#slowByStep[step]!++;
  }

  /** The tick that ends a step. Its window holds the steps of a minute before it: the slot that begins with it is empty. */
  tick(step: number, at: number): void {
    const from = Math.max(0, step + 1 - WINDOW / this.#stepMs);
    const sum = (list: Uint8Array): number => list.subarray(from, step + 1).reduce((all, n) => all + n, 0);
    const count = sum(this.#countByStep);
    // By nearest rank: the 95th percentile is slow when its rank lies among the slow ones.
    const isSlow = Math.ceil(0.95 * count) > count - sum(this.#slowByStep);
    this.#look(count >= SLOW_RULE.minCount && isSlow, at);
  }

  #look(isBreached: boolean, at: number): void {
    const lasted = at - this.since;
    if (this.state === 'inactive' && isBreached) this.#to('pending', at);
    else if (this.state === 'pending' && !isBreached) this.#to('inactive', at);
    else if (this.state === 'pending' && lasted >= FOR) this.#to('firing', at, 'alert');
    else if (this.state === 'firing' && !isBreached) this.#to('resolving', at);
    else if (this.state === 'resolving' && isBreached) this.#to('firing', at);
    else if (this.state === 'resolving' && lasted >= KEEP) this.#to('inactive', at, 'resolved');
  }

  #to(state: AlertState, at: number, event?: 'alert' | 'resolved'): void {
    this.state = state;
    this.since = at;
    if (event !== undefined) this.told.push([event, at]);
  }
}
