import { describe, expect, it } from 'vitest';
import { distributionOf, timelineOf } from '../../src/monitor/series-reading.js';
import { slotsOf } from '../../src/monitor/slot-grid.js';
import { SeededRandom, seedOf } from '../random.js';
import { HOUR, type SeriesWorld, seriesWorld } from './series-world.js';

const MINUTE = 60_000;

function read({ clock, grid, book }: SeriesWorld, windowMs: number) {
  const range = slotsOf(grid, clock.now(), windowMs);
  return { ...range, values: distributionOf(book.select('ask'), range)! };
}

describe('windows', () => {
  it('hold what was recorded in their slots, and let go of it slot by slot', () => {
    const world = seriesWorld();
    const series = world.book.get('ask', undefined, 'ms');
    series.record(100);
    world.clock.advance(4_999);
    expect(read(world, 5_000).values.count).toBe(1);
    // The next slot: the window of 5 s still reaches into the one before.
    world.clock.advance(1);
    series.record(200);
    expect(read(world, 5_000).values.count).toBe(2);
    world.clock.advance(5_000);
    const later = read(world, 5_000);
    expect([later.values.count, later.values.min, later.values.max]).toEqual([1, 200, 200]);
    world.clock.advance(5_000);
    expect(read(world, 5_000).values.count).toBe(0);
    expect(read(world, MINUTE).values.count).toBe(2);
    expect(series.lifetime().count).toBe(2);
  });

  it('cover what was asked for and at most one slot more, but nothing before the start', () => {
    const world = seriesWorld();
    expect(read(world, MINUTE).coveredMs).toBe(0);
    world.clock.advance(12_345);
    expect(read(world, MINUTE).coveredMs).toBe(12_345);
    world.clock.advance(10 * MINUTE);
    expect(read(world, MINUTE).coveredMs).toBe(MINUTE + 2_345);
    expect(read(world, 5 * MINUTE).coveredMs).toBe(5 * MINUTE + 2_345);
    expect(read(world, 6 * MINUTE).coveredMs).toBe(6 * MINUTE + 12_345);
  });

  it('of an hour keep a value for an hour, whatever comes after it', () => {
    const world = seriesWorld();
    const series = world.book.get('ask', undefined, 'ms');
    series.record(7);
    for (let minute = 1; minute <= 60; minute++) {
      world.clock.advance(MINUTE);
      series.record(1_000);
      expect(read(world, HOUR).values.min, `minute ${minute}`).toBe(7);
    }
    world.clock.advance(MINUTE);
    expect(read(world, HOUR).values.min).toBe(1_000);
    expect(read(world, HOUR).values.count).toBe(60);
  });

  it('forget everything after an hour without a value', () => {
    const world = seriesWorld();
    world.book.get('ask', undefined, 'ms').record(7);
    world.clock.advance(HOUR + MINUTE);
    expect(read(world, HOUR).values.count).toBe(0);
    expect(
      timelineOf(world.book.select('ask'), world.grid, world.clock.now(), HOUR).every(({ count }) => count === 0),
    ).toBe(true);
    world.clock.advance(100 * HOUR);
    expect(read(world, HOUR).values.count).toBe(0);
  });

  it('show what is recorded after a clock was set back, and keep what was there', () => {
    const world = seriesWorld();
    const series = world.book.get('ask', undefined, 'ms');
    world.clock.advance(HOUR);
    series.record(1);
    world.clock.advance(-1_000_000);
    series.record(2);
    series.record(3);
    expect(read(world, MINUTE).values.count).toBe(0);
    series.record(4);
    expect(read(world, MINUTE).values.count).toBe(1);
    world.clock.advance(1_000_000);
    series.record(5);
    expect(read(world, MINUTE).values.count).toBe(4);
    expect(series.lifetime().count).toBe(5);
  });

  it('agree with a plain list of values over random histories', () => {
    const random = new SeededRandom(seedOf('windows'));
    for (let round = 0; round < 30; round++) {
      const world = seriesWorld({ windowMs: random.pick([HOUR, 10 * MINUTE, 24 * HOUR]) });
      const { clock, grid, book } = world;
      const log: { at: number; value: number }[] = [];
      for (let step = 0; step < 400; step++) {
        clock.advance(Math.floor(random.next() ** 6 * grid.windowMs * 0.4));
        for (let i = random.below(5); i > 0; i--) {
          const value = Math.floor(random.next() * 200);
          book.get('ask', undefined, 'ms').record(value);
          log.push({ at: clock.now(), value });
        }
        if (!random.chance(0.2) || log.length === 0) continue;
        const windowMs = random.pick([
          1,
          grid.slotMs,
          7 * grid.slotMs,
          60 * grid.slotMs,
          13 * grid.coarseMs,
          grid.windowMs,
        ]);
        const { values, kind, first } = read(world, windowMs);
        const from = first * (kind === 'fine' ? grid.slotMs : grid.coarseMs);
        expect(clock.now() - from).toBeGreaterThanOrEqual(Math.min(windowMs, grid.windowMs) - 0.001);
        const inside = log.filter(({ at }) => at >= from);
        expect(values.count).toBe(inside.length);
        expect(values.sum).toBe(inside.reduce((sum, { value }) => sum + value, 0));
      }
      expect(book.get('ask', undefined, 'ms').lifetime().count).toBe(log.length);
    }
  });
});

describe('a timeline', () => {
  it('has a point for each slot, with its own percentiles, the slot under way last', () => {
    const world = seriesWorld();
    const series = world.book.get('ask', undefined, 'ms');
    for (const value of [10, 20, 30]) {
      series.record(value);
      world.clock.advance(5_000);
    }
    world.clock.advance(1_000);
    const points = timelineOf([series], world.grid, world.clock.now(), MINUTE);
    expect(points.map(({ count, max, ms }) => [count, max, ms])).toEqual([
      [1, 10, 5_000],
      [1, 20, 5_000],
      [1, 30, 5_000],
      [0, null, 1_000],
    ]);
  });

  it('of the whole window has coarse points', () => {
    const world = seriesWorld();
    const series = world.book.get('ask', undefined, 'ms');
    for (let i = 0; i < 90; i++) {
      series.record(i);
      world.clock.advance(MINUTE);
    }
    const points = timelineOf([series], world.grid, world.clock.now(), HOUR);
    expect(points).toHaveLength(61);
    expect(points.map(({ max }) => max)).toEqual([...Array.from({ length: 60 }, (_, i) => i + 30), null]);
  });
});
