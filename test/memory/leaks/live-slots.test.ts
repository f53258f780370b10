import { describe, expect, it } from 'vitest';
import { coarser, LiveSlots } from '../../../src/memory/leaks/live-slots.js';

const WINDOW = 16_000;

describe('what is remembered of a series', () => {
  it('keeps what was registered when the lowest of a stretch was read', () => {
    const slots = new LiveSlots(WINDOW);
    slots.add(100, 5, 1);
    slots.add(200, 3, 2);
    slots.add(300, 4, 9);
    expect(slots.read(1_000).window).toEqual([{ atMs: 200, value: 3, registered: 2, collections: 3, slot: 0 }]);
  });

  it('goes on as if the clock stood still where it is set back', () => {
    const slots = new LiveSlots(WINDOW);
    for (let at = 1_000_000; at < 1_016_000; at += 500) slots.add(at, at);
    const setBack = 600_000;
    for (let at = 1_016_000; at < 1_032_000; at += 500) slots.add(at - setBack, at);
    const { window, before } = slots.read(1_032_000 - setBack);
    expect(window).toHaveLength(16);
    expect(before.length).toBeGreaterThan(14);
    const times = [...before, ...window].map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Two collections in each: none is lost in one stretch with others.
    expect(Math.max(...window.map(({ collections }) => collections))).toBeLessThanOrEqual(3);
  });

  it('has turns of long ago, in bounded space', () => {
    const slots = new LiveSlots(WINDOW);
    const height = (at: number): number => (at > 1_000_000 && at < 1_100_000 ? 500 : 100) + (at % 7);
    for (let at = 0; at < 20_000_000; at += 1_000) slots.add(at, height(at));
    const { before, outline } = slots.read(20_000_000);
    expect(before.length).toBeLessThanOrEqual(16 * 16);
    expect(outline.length).toBeLessThanOrEqual(256);
    const high = outline.filter(({ value }) => value > 300);
    expect(high[0]!.atMs).toBeLessThan(1_003_000);
    expect(high.at(-1)!.atMs).toBeGreaterThan(1_097_000);
    expect(outline.at(-1)!.atMs).toBeLessThan(before[0]!.atMs);
  });

  it('is merged to longer stretches, counted back from the last', () => {
    const slots = [4, 9, 3, 8, 7].map((value, slot) => ({
      atMs: slot,
      value,
      registered: 10 * slot,
      collections: 1,
      slot,
    }));
    expect(coarser(slots, 2)).toEqual([
      { atMs: 0, value: 4, registered: 0, collections: 1, slot: -2 },
      { atMs: 2, value: 3, registered: 20, collections: 2, slot: -1 },
      { atMs: 4, value: 7, registered: 40, collections: 2, slot: -0 },
    ]);
  });
});
