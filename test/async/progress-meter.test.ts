import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src/async/progress.js';
import { ProgressMeter } from '../../src/async/progress-meter.js';
import { totalOf } from '../../src/async/total-of.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

function testMeter({ total, onProgress }: { total?: number; onProgress?: (progress: Progress) => void } = {}) {
  const clock = new ManualClock();
  const began = clock.now();
  const reports: (Progress & { at: number })[] = [];
  const troubles: unknown[] = [];
  const meter = new ProgressMeter({
    clock,
    total,
    onProgress: (progress) => {
      reports.push({ ...progress, at: clock.now() - began });
      return onProgress?.(progress);
    },
    trouble: (error) => troubles.push(error),
  });
  return { clock, meter, reports, troubles };
}

describe('progress', () => {
  it('is told at most four times a second, however many items settle, and once at the end', () => {
    const { clock, meter, reports } = testMeter();
    for (let i = 0; i < 10_000; i++) {
      clock.advance(1);
      meter.settled(true, 5);
    }
    meter.finish();
    expect(reports.length).toBeGreaterThanOrEqual(39);
    for (const second of Array.from({ length: 10 }, (_, i) => i * 1_000)) {
      const within = reports.slice(0, -1).filter(({ at }) => at > second && at <= second + 1_000);
      expect(within.length).toBeLessThanOrEqual(4);
    }
    expect(reports.at(-1)!.done).toBe(10_000);
  });

  it('is told within a quarter of a second after an item, though none follows', () => {
    const { clock, meter, reports } = testMeter();
    meter.settled(true, 1);
    expect(reports).toHaveLength(0);
    clock.advance(250);
    expect(reports).toMatchObject([{ done: 1 }]);
    clock.advance(60_000);
    expect(reports).toHaveLength(1);
  });

  it('counts what failed, what ran and what was done before', () => {
    const { clock, meter, reports } = testMeter({ total: 110 });
    meter.resumed(100);
    for (let i = 0; i < 4; i++) meter.settled(i !== 0, 10);
    clock.advance(1_000);
    expect(reports.at(-1)).toMatchObject({ done: 4, failed: 1, resumed: 100, total: 110 });
    meter.finish();
    expect(reports.at(-1)).toMatchObject({ done: 4, elapsedMs: 1_000 });
  });

  it('says the rate of the last ten seconds, and how long the rest takes at it', () => {
    const { clock, meter, reports } = testMeter({ total: 10_000 });
    for (let i = 0; i < 600; i++) {
      clock.advance(100);
      meter.settled(true, 1);
    }
    expect(reports.at(-1)!.ratePerSecond).toBeCloseTo(10, 0);
    for (let i = 0; i < 1_200; i++) {
      clock.advance(10);
      meter.settled(true, 1);
    }
    const last = reports.at(-1)!;
    expect(last.ratePerSecond).toBeGreaterThan(95);
    expect(last.etaMs).toBeCloseTo(((10_000 - last.done) / last.ratePerSecond) * 1_000, 3);
  });

  it('does not take a short rush for the rate', () => {
    const { clock, meter, reports } = testMeter();
    for (let i = 0; i < 200; i++) {
      clock.advance(100);
      meter.settled(true, 1);
    }
    for (let i = 0; i < 50; i++) meter.settled(true, 1);
    clock.advance(250);
    expect(reports.at(-1)!.ratePerSecond).toBeGreaterThan(10);
    expect(reports.at(-1)!.ratePerSecond).toBeLessThan(20);
  });

  it('says a steady rate of items that take minutes each', () => {
    const { clock, meter, reports } = testMeter({ total: 1_000 });
    for (let i = 0; i < 200; i++) {
      // Two come close together, then none for two minutes.
      clock.advance(i % 2 === 0 ? 1_000 : 119_000);
      meter.settled(true, 60_000);
    }
    clock.advance(250);
    for (const { ratePerSecond, done } of reports.slice(30)) {
      expect(ratePerSecond, `after ${done}`).toBeGreaterThan(0.8 / 60);
      expect(ratePerSecond, `after ${done}`).toBeLessThan(1.2 / 60);
    }
  });

  it('knows no time to the end where it knows no total or no rate, and says 0 when nothing is left', () => {
    const unknown = testMeter();
    unknown.meter.settled(true, 1);
    unknown.clock.advance(250);
    expect(unknown.reports[0]).toMatchObject({ total: undefined, etaMs: undefined });
    const begun = testMeter({ total: 2 });
    begun.meter.resumed(1);
    begun.clock.advance(250);
    expect(begun.reports[0]).toMatchObject({ ratePerSecond: 0, etaMs: undefined });
    begun.meter.settled(true, 1);
    begun.clock.advance(250);
    expect(begun.reports[1]!.etaMs).toBe(0);
  });

  it('says the p95 of the last 1,024 items, leaving out those that never ran', () => {
    const { meter, reports } = testMeter();
    for (let i = 0; i < 5_000; i++) meter.settled(true, 9_999);
    for (let i = 1; i <= 1_024; i++) meter.settled(i % 2 === 0, i);
    for (let i = 0; i < 1_024; i++) meter.settled(false, 0);
    meter.finish();
    expect(reports.at(-1)!.p95Ms).toBe(973);
    expect(testMeter().reports).toEqual([]);
  });

  it('has no p95 before the first item ran', () => {
    const { meter, reports } = testMeter();
    meter.finish();
    expect(reports).toMatchObject([{ done: 0, p95Ms: undefined, ratePerSecond: 0 }]);
  });

  it('goes on when its listener throws or rejects, and says so', async () => {
    const thrown = testMeter({
      onProgress: () => {
        throw new Error('sync');
      },
    });
    thrown.meter.settled(true, 1);
    thrown.clock.advance(250);
    thrown.meter.settled(true, 1);
    thrown.meter.finish();
    expect(thrown.troubles).toMatchObject([{ message: 'sync' }, { message: 'sync' }]);
    const rejected = testMeter({ onProgress: () => Promise.reject(new Error('async')) as never });
    rejected.meter.finish();
    await flushMicrotasks();
    expect(rejected.troubles).toMatchObject([{ message: 'async' }]);
  });

  it('is silent after the end, and leaves no timer', () => {
    const { clock, meter, reports } = testMeter();
    meter.settled(true, 1);
    meter.finish();
    meter.finish();
    meter.settled(true, 1);
    expect(clock.pendingTimers).toBe(0);
    clock.advance(1_000);
    expect(reports).toHaveLength(1);
  });
});

describe('the total of a source', () => {
  it('is what arrays, typed arrays, sets and maps say, and unknown of what must be read', () => {
    expect(totalOf(['a', 'b'])).toBe(2);
    expect(totalOf([])).toBe(0);
    expect(totalOf(new Float32Array(7))).toBe(7);
    expect(totalOf(new Set([1, 2, 3]))).toBe(3);
    expect(totalOf(new Map([[1, 2]]))).toBe(1);
    expect(totalOf([1, 2].values())).toBeUndefined();
    expect(totalOf('text')).toBeUndefined();
    async function* endless() {
      yield 1;
    }
    expect(totalOf(endless())).toBeUndefined();
  });
});
