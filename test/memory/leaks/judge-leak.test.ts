import { describe, expect, it } from 'vitest';
import { type JudgeContext, judgeLeak } from '../../../src/memory/leaks/judge-leak.js';
import type { SeriesVerdict } from '../../../src/memory/leaks/leak-verdict.js';
import { LiveSlots } from '../../../src/memory/leaks/live-slots.js';

const MB = 2 ** 20;
const SETTINGS = { windowMs: 16_000, minPoints: 8, growth: 0.1, confidence: 0.99 };

/** 20 to 40 windows for what is judged here to grow by 1 Mb in each stretch. */
const NEAR = (): number => 600 * MB;

/** Of a window of 16 stretches, one figure in Mb in each. */
function judge(mbs: readonly number[], context?: JudgeContext): SeriesVerdict {
  const points = mbs.map((mb, slot) => ({
    atMs: slot * 1_000 + 500,
    value: mb * MB,
    registered: 0,
    collections: 2,
    slot,
  }));
  return judgeLeak(points, SETTINGS, { left: NEAR, ...context });
}

const grow = (from: number, step: number): number[] => Array.from({ length: 16 }, (_, i) => from + step * i);
/** No trend, no repetition. */
const jitter = [0.3, -0.2, 0.1, -0.3, 0.2, 0, -0.1, 0.3, -0.2, 0.1, -0.3, 0.2, -0.1, 0, 0.3, -0.2];
const jittered = (mbs: readonly number[], by = 1): number[] => mbs.map((mb, i) => mb + by * jitter[i]!);

describe('the verdict on what is alive', () => {
  it.each<[string, readonly number[], object]>([
    ['too few collections', [50, 51, 52], { kind: 'insufficient', why: 'points' }],
    ['nothing', [], { kind: 'insufficient', why: 'points' }],
    ['half a window', grow(50, 2).slice(0, 8), { kind: 'insufficient', why: 'time' }],
    ['level', jittered(grow(50, 0)), { kind: 'flat' }],
    ['exactly level', grow(50, 0), { kind: 'flat' }],
    ['falling', grow(80, -2), { kind: 'flat' }],
    ['growth below the share that counts', jittered(grow(50, 0.3)), { kind: 'small' }],
    ['growth of a heap so small that it is less than 1 Mb', grow(2, 0.05), { kind: 'small' }],
    ['growth among greater ups and downs', jittered(grow(50, 0.6), 60), { kind: 'noisy' }],
    ['one jump', jittered([...grow(50, 0).slice(8), ...grow(70, 0).slice(8)]), { kind: 'step' }],
    ['two jumps', [50, 50, 50, 50, 50, 60, 60, 60, 60, 60, 70, 70, 70, 70, 70, 70], { kind: 'step' }],
    ['growth that ends', grow(0, 1).map((i) => 80 - 30 * Math.exp(-i / 10)), { kind: 'warming-up' }],
    ['growth', jittered(grow(50, 1)), { kind: 'leak' }],
    ['growth that gets faster', grow(0, 1).map((i) => 50 + i * i * 0.1), { kind: 'leak' }],
    ['a jump every other stretch', grow(0, 1).map((i) => 50 + 2 * Math.floor(i / 2)), { kind: 'leak' }],
  ])('%s', (_, mbs, verdict) => {
    expect(judge(mbs)).toMatchObject(verdict);
  });

  it('on growth to a height that it had before, and came down from, is another one', () => {
    const before = [60, 64, 68, 50].map((mb, i) => ({
      atMs: (i - 4) * 1_000,
      value: mb * MB,
      registered: 0,
      collections: 1,
      slot: i - 4,
    }));
    expect(judge(grow(50, 1))).toMatchObject({ kind: 'leak' });
    expect(judge(grow(50, 1), { before })).toEqual({ kind: 'refilling' });
    // Far above it, it is none of that.
    expect(judge(grow(50, 3), { before })).toMatchObject({ kind: 'leak' });
  });

  it('counts growth against all that was there', () => {
    const left = (): number => 100 * MB;
    expect(judge(grow(2, 0.5), { left })).toMatchObject({ kind: 'leak' });
    expect(judge(grow(2, 0.5), { left, besides: 1_000 * MB })).toEqual({ kind: 'small' });
  });

  it('on a leak has its figures', () => {
    const verdict = judge(grow(50, 1));
    expect(verdict.kind).toBe('leak');
    if (verdict.kind !== 'leak') return;
    expect(verdict.trend).toMatchObject({ collections: 32, spanMs: 15_000 });
    expect(verdict.trend.slope).toBeCloseTo(MB / 1_000);
    expect(verdict.trend.growth).toBeCloseTo(15 / 50);
    expect(verdict.trend.confidence).toBeGreaterThan(0.999);
  });
});

describe('what is remembered', () => {
  it('is the lowest of each stretch, and how many there were', () => {
    const slots = new LiveSlots(16_000);
    expect([slots.add(100, 5), slots.add(900, 3), slots.add(950, 4), slots.add(1_000, 9)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(slots.read(2_000).window).toEqual([
      { atMs: 900, value: 3, registered: 0, collections: 3, slot: 0 },
      { atMs: 1_000, value: 9, registered: 0, collections: 1, slot: 1 },
    ]);
    // The stretch under way is not over.
    expect(slots.read(1_500).window).toHaveLength(1);
  });

  it('is bounded, however long and often', () => {
    const slots = new LiveSlots(16_000);
    for (let at = 0; at < 2_000_000; at += 250) slots.add(at, at);
    const { window, before } = slots.read(2_000_000);
    expect(window).toHaveLength(16);
    expect(before.length).toBeGreaterThan(200);
    expect(before.length).toBeLessThanOrEqual(16 * 16);
  });
});
