import { describe, expect, it } from 'vitest';
import { distributionOf } from '../../src/monitor/series-reading.js';
import { slotsOf } from '../../src/monitor/slot-grid.js';
import { SeededRandom, seedOf } from '../random.js';
import { seriesWorld } from './series-world.js';

const WINDOWS = [5_000, 60_000, 300_000, 600_000, 3_600_000];

describe('the window of one series', () => {
  it('holds its own values of the last minute, and nothing once it is idle', () => {
    const { clock, book } = seriesWorld();
    const a = book.get('ask', { cache: 'hit' }, 'ms');
    const b = book.get('ask', { cache: 'hit', model: 'large' }, 'ms');
    expect(a.window(60_000)).toMatchObject({ unit: 'ms', count: 0, sum: 0 });
    a.record(10);
    a.record(30);
    b.record(500);
    const { count, sum, min, max } = a.window(60_000);
    expect([count, sum, min, max]).toEqual([2, 40, 10, 30]);
    clock.advance(30_000);
    a.record(20);
    expect(a.window(60_000).count).toBe(3);
    expect(a.window(60_000).percentile(0.5)).toBeCloseTo(20, 0);
    clock.advance(70_000);
    expect(a.window(60_000).count).toBe(0);
    expect(a.window(60_000).percentile(0.5)).toBeNull();
    expect(a.window(300_000).count).toBe(3);
  });

  it('is what the series has part in of its metric, whatever was recorded when', () => {
    const seed = seedOf('the window of one series');
    const random = new SeededRandom(seed);
    const { clock, grid, book } = seriesWorld();
    const series = ['a', 'b', 'c'].map((model) => book.get('ask', { model }, 'ms'));
    for (let i = 0; i < 2_000; i++) {
      random.pick(series).record(1 + random.below(5_000));
      if (random.chance(0.2)) clock.advance(random.below(random.chance(0.05) ? 900_000 : 9_000));
      if (i % 40 !== 0) continue;
      for (const windowMs of WINDOWS) {
        const range = slotsOf(grid, clock.now(), windowMs);
        const all = distributionOf(book.select('ask'), range)!;
        const windows = series.map((one) => one.window(windowMs));
        for (const [at, one] of windows.entries()) {
          const own = distributionOf([series[at]!], range)!;
          expect([one.count, one.sum, one.percentile(0.95)], `${windowMs} ms, seed ${seed}`).toEqual([
            own.count,
            own.sum,
            own.percentile(0.95),
          ]);
        }
        const merged = windows.reduce((sum, { count }) => sum + count, 0);
        expect(merged, `${windowMs} ms, seed ${seed}`).toBe(all.count);
      }
    }
  });
});
