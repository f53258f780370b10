import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { SeededRandom, seedOf } from '../random.js';
import { monitorWorld } from './monitor-world.js';

const STEP = 5_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FOR = 120_000;
const KEEP = 180_000;

/** Spells of the day in which one request in ten takes over 3 s, in steps: of hours, of minutes, one step alone. */
const SLOW: readonly (readonly [from: number, to: number])[] = [
  [1_000, 1_030],
  [3_000, 3_700],
  [3_740, 3_760],
  [6_000, 6_001],
  [9_000, 9_025],
  [9_040, 9_300],
  [15_000, 16_440],
];

let collect: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

describe('24 hours of traffic', () => {
  it('leave memory flat and raise every alert at its tick', async () => {
    const random = new SeededRandom(seedOf('24 hours'));
    const { clock, monitor, errors } = monitorWorld({ operation: 'ask', interval: '5s' });
    monitor.alert({
      name: 'slow',
      metric: 'ask',
      when: { above: '3s' },
      window: '1m',
      for: '2m',
      keepFiring: '3m',
      minCount: 20,
    });
    const seen: [string, number][] = [];
    for (const name of ['alert', 'resolved'] as const) monitor.on(name, ({ at }) => seen.push([name, at]));
    const model = new SlowModel();
    const start = clock.now();
    const heap: number[] = [];
    const isSlow = (step: number): boolean => SLOW.some(([from, to]) => step >= from && step < to);

    for (let step = 0; step < DAY / STEP; step++) {
      const slow = isSlow(step);
      for (let i = 0; i < 10; i++) model.record(step, request(monitor, clock, random, slow && i === 0));
      // The requests of a step take no time of the grid: the next tick is due at its end.
      clock.advance(start + (step + 1) * STEP - clock.now());
      model.tick(step + 1, start + (step + 1) * STEP);
      if ((step + 1) % (HOUR / STEP) === 0) heap.push(heapUsed());
    }

    expect(seen.length).toBeGreaterThanOrEqual(8);
    expect(seen).toEqual(model.seen);
    expect(errors).toEqual([]);
    const { series } = monitor.reader.troubles();
    expect(series).toBeLessThan(40);
    expect(monitor.getMetricStats('ask')?.count).toBe(10 * (HOUR / STEP));
    // The last quarter of the day beside the second: by then every ring is full and all code compiled.
    const growth = median(heap.slice(18)) - median(heap.slice(6, 12));
    console.log(`heap by the hour, MB: ${heap.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' ')}`);
    expect(growth).toBeLessThan(0.3 * 2 ** 20);
    await monitor.close();
    expect(clock.pendingTimers).toBe(0);
  }, 60_000);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const STARTED_WITHIN_MS = 400;

/** One request, and what it took. Clocks of the real world do not stand still: each begins a little later than the one before. */
function request(
  monitor: PerformanceMonitor,
  clock: { advance(ms: number): void },
  random: SeededRandom,
  isSlow: boolean,
): number {
  const timer = monitor.startTimer('ask', { tier: random.pick(['free', 'pro']) });
  const ms = Math.floor(random.next() * STARTED_WITHIN_MS);
  timer.stage('retrieve');
  clock.advance(ms / 4);
  timer.stage('model', { model: random.pick(['small', 'large']) });
  timer.annotate({ question: random.below(1_000) });
  clock.advance(ms / 4);
  const cache = random.chance(0.6) ? 'hit' : 'miss';
  if (isSlow) {
    // A slow one is recorded, not waited for, so that the steps stay on their grid.
    monitor.recordMetric('ask', 4_000, { tier: 'slow' });
    timer.stage('given up');
  }
  timer.end(random.chance(0.01) ? { error: new TypeError('x') } : { cache });
  return isSlow ? 4_000 : 0;
}

/** What the alert is to do, written as plainly as can be: values by step, and a look at each tick. */
class SlowModel {
  readonly seen: [string, number][] = [];
  // Of full size from the start: the heap is being watched.
  readonly #slowByStep = new Uint8Array(DAY / STEP);
  readonly #countByStep = new Uint8Array(DAY / STEP);
  #state: 'inactive' | 'pending' | 'firing' | 'resolving' = 'inactive';
  #since = 0;

  record(step: number, slowMs: number): void {
    this.#countByStep[step]! += slowMs > 0 ? 2 : 1;
    this.#slowByStep[step]! += slowMs > 0 ? 1 : 0;
  }

  /** The window of a minute holds the twelve slots before the tick: the slot that begins with it is empty. */
  tick(step: number, at: number): void {
    const from = Math.max(0, step - 60_000 / STEP);
    const sum = (list: Uint8Array): number => list.subarray(from, step).reduce((all, n) => all + n, 0);
    const count = sum(this.#countByStep);
    const slow = sum(this.#slowByStep);
    // By nearest rank: the 95th percentile is slow when its rank lies among the slow ones.
    const breached = count >= 20 && Math.ceil(0.95 * count) > count - slow;
    if (this.#state === 'inactive' && breached) this.#to('pending', at);
    else if (this.#state === 'pending' && !breached) this.#to('inactive', at);
    else if (this.#state === 'pending' && at - this.#since >= FOR) this.#to('firing', at, 'alert');
    else if (this.#state === 'firing' && !breached) this.#to('resolving', at);
    else if (this.#state === 'resolving' && breached) this.#to('firing', at);
    else if (this.#state === 'resolving' && at - this.#since >= KEEP) this.#to('inactive', at, 'resolved');
  }

  #to(state: 'inactive' | 'pending' | 'firing' | 'resolving', at: number, event?: string): void {
    this.#state = state;
    this.#since = at;
    if (event !== undefined) this.seen.push([event, at]);
  }
}
