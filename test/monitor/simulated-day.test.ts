import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import type { ManualClock } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';
import { Churn } from './churn.js';
import { CountingCache } from './counting-cache.js';
import { monitorWorld } from './monitor-world.js';
import { SLOW_RULE, SlowAlertModel } from './slow-alert-model.js';

const STEP = 5_000;
const STEPS_PER_HOUR = 3_600_000 / STEP;
const STEPS = 24 * STEPS_PER_HOUR;
const REQUESTS_PER_STEP = 10;
const MAX_SERIES = 60;
/** When every series that is meant to be has come about. */
const CHURN_FROM = 2 * STEPS_PER_HOUR;
const STEPS_PER_NAME = 10;
/** More in an hour than are kept. */
const STEPS_PER_MARK = 3;
const MARKS_KEPT = 200;

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
  it('leave memory flat and find the alert in the right state at every tick', async () => {
    const random = new SeededRandom(seedOf('24 hours'));
    const { clock, monitor, errors } = monitorWorld({ operation: 'ask', interval: '5s', maxSeries: MAX_SERIES });
    monitor.alert({ name: 'slow', metric: 'ask', when: { above: '3s' }, ...SLOW_RULE });
    const told: [string, number][] = [];
    for (const name of ['alert', 'resolved'] as const) monitor.on(name, ({ at }) => told.push([name, at]));
    let overflows = 0;
    monitor.on('overflow', () => overflows++);
    const cache = new CountingCache();
    monitor.attach({ answers: cache });
    const churn = new Churn(monitor);
    const start = clock.now();
    const model = new SlowAlertModel(start, STEP, STEPS);
    const wrong: object[] = [];
    const ticksIn = { inactive: 0, pending: 0, firing: 0, resolving: 0 };
    const used: number[] = [];
    let room = Number.NaN;

    for (let step = 0; step < STEPS; step++) {
      if (step === CHURN_FROM) room = MAX_SERIES - monitor.reader.troubles().series;
      const isSlow = SLOW.some(([from, to]) => step >= from && step < to);
      for (let i = 0; i < REQUESTS_PER_STEP; i++) {
        request(monitor, clock, random, cache);
        model.record(step, false);
        if (step >= CHURN_FROM) churn.labels();
      }
      if (isSlow) {
        // Recorded, not waited for, so that the steps stay on their grid.
        monitor.recordMetric('ask', 4_000, { tier: 'slow' });
        model.record(step, true);
      }
      if (step >= CHURN_FROM && step % STEPS_PER_NAME === 0) churn.name();
      if (step % STEPS_PER_MARK === 0) monitor.mark('deploy', { version: step });
      // The requests of a step take no time of the grid: the next tick is due at its end.
      const at = start + (step + 1) * STEP;
      clock.advance(at - clock.now());
      model.tick(step, at);
      const { state, since } = monitor.reader.alerts()[0]!;
      ticksIn[state]++;
      if (state !== model.state || since !== model.since) wrong.push({ step, state, since, model: { ...model } });
      if ((step + 1) % STEPS_PER_HOUR === 0) used.push(memoryUsed());
    }

    expect(wrong).toEqual([]);
    for (const [state, ticks] of Object.entries(ticksIn)) expect(ticks, state).toBeGreaterThan(50);
    expect(told.length).toBeGreaterThanOrEqual(8);
    expect(told).toEqual(model.told);
    expect(errors).toEqual([]);

    expect(room).toBeGreaterThan(10);
    // And the one for names without room.
    const series = MAX_SERIES + 1;
    expect(monitor.reader.troubles()).toMatchObject({ series, overflowed: churn.recorded - room, rejected: 0 });
    expect(overflows).toBe(MAX_SERIES);
    expect(churn.names).toBeGreaterThan(10 * MAX_SERIES);
    const anHour = REQUESTS_PER_STEP * STEPS_PER_HOUR;
    expect(monitor.getMetricStats('ask')?.count).toBe(anHour);
    expect(monitor.getMetricStats('tokens')?.count).toBe(anHour);
    expect(monitor.reader.attachments()).toMatchObject([
      {
        ...{ name: 'answers', kind: 'cache', states: {} },
        counters: { hits: cache.hits, misses: cache.misses },
        gauges: { hitRate: cache.hits / (cache.hits + cache.misses), hitRateHour: expect.closeTo(0.6, 1) },
        reasons: { missReasons: { absent: cache.misses } },
      },
    ]);
    expect(cache.hits + cache.misses).toBe(STEPS * REQUESTS_PER_STEP);
    const marks = monitor.reader.marks();
    expect(marks).toHaveLength(MARKS_KEPT);
    expect(marks.at(-1)).toMatchObject({ name: 'deploy', metadata: { version: STEPS - STEPS_PER_MARK } });

    // The last quarter of the day beside the second: by then every ring is full and all code compiled.
    console.log(`used by the hour, MB: ${used.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' ')}`);
    expect(median(used.slice(18)) - median(used.slice(6, 12))).toBeLessThan(0.3 * 2 ** 20);
    await monitor.close();
    expect(clock.pendingTimers).toBe(0);
  }, 60_000);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** With typed arrays, most of which are kept outside of the heap. */
function memoryUsed(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const STARTED_WITHIN_MS = 400;

/** One request. Clocks of the real world do not stand still: each begins a little later than the one before. */
function request(monitor: PerformanceMonitor, clock: ManualClock, random: SeededRandom, cache: CountingCache): void {
  const timer = monitor.startTimer('ask', { tier: random.pick(['free', 'pro']) });
  const ms = Math.floor(random.next() * STARTED_WITHIN_MS);
  timer.stage('retrieve');
  clock.advance(ms / 4);
  timer.stage('model', { model: random.pick(['small', 'large']) });
  timer.annotate({ question: random.below(1_000) });
  clock.advance(ms / 4);
  const answered = cache.read(random.chance(0.6));
  timer.end(random.chance(0.01) ? { error: new TypeError('x') } : { cache: answered });
}
