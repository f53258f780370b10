import { describe, expect, test } from 'vitest';
import type { MemoryReading } from '../../src/memory/memory-usage.js';
import { availableMb, heapDemandBytes, pressureOf } from '../../src/memory/pressure.js';
import { reliefNeeded, reliefTarget } from '../../src/memory/relief.js';

const MB = 2 ** 20;

/** A reading in Mb: a heap of at most 1,000, a process of at most 2,000. */
function reading(mb: {
  heap?: number;
  live?: number;
  committed?: number;
  external?: number;
  rss?: number;
  workingSet?: number;
}): MemoryReading {
  const { heap = 100, live, committed = heap, external = 0, rss = 150, workingSet } = mb;
  return {
    at: 0,
    heapUsedBytes: heap * MB,
    heapCommittedBytes: committed * MB,
    heapLimitBytes: 1_000 * MB,
    ...(live !== undefined && { heapLiveBytes: live * MB }),
    externalBytes: external * MB,
    rssBytes: rss * MB,
    ...(workingSet !== undefined && { workingSetBytes: workingSet * MB }),
    limitBytes: 2_000 * MB,
    limitSource: 'constrained',
  };
}

describe('pressure', () => {
  test.each([
    ['heap', { heap: 600, rss: 800 }, 0.6],
    ['rss', { heap: 600, rss: 1_400 }, 0.7],
    ['external', { heap: 100, external: 1_000, rss: 1_400 }, 0.7],
    ['rss', { heap: 100, external: 700, rss: 1_400 }, 0.7],
    ['external', { heap: 100, external: 1_500, rss: 300 }, 0.75],
    ['rss', { heap: 100, rss: 300, workingSet: 1_800 }, 0.9],
  ] as const)('is that of the nearest limit: %s of %j', (signal, mb, fraction) => {
    expect(pressureOf(reading(mb))).toMatchObject({ signal, fraction });
  });

  test('of a limit that is not known is none', () => {
    expect(pressureOf({ ...reading({}), limitBytes: 0, heapLimitBytes: 0 }).fraction).toBe(0);
  });

  test('leaves as much as is left of the nearer limit', () => {
    expect(availableMb(reading({ heap: 400, rss: 1_900 }))).toBe(100);
    expect(availableMb(reading({ heap: 990, rss: 1_000 }))).toBe(10);
    expect(availableMb(reading({ heap: 100, rss: 3_000 }))).toBe(0);
  });
});

describe('what of the heap presses', () => {
  test('is all that is in use, while no collection was seen', () => {
    expect(heapDemandBytes(reading({ heap: 800 }))).toBe(800 * MB);
  });

  test('is what was alive, up to where V8 collects again', () => {
    expect(heapDemandBytes(reading({ heap: 600, live: 600 }))).toBe(600 * MB);
    expect(heapDemandBytes(reading({ heap: 800, live: 600 }))).toBe(600 * MB);
  });

  test('grows on from there without a jump when a collection is late', () => {
    expect(heapDemandBytes(reading({ heap: 801, live: 600 }))).toBe(601 * MB);
    expect(heapDemandBytes(reading({ heap: 940, live: 600 }))).toBe(740 * MB);
  });

  test('is all that is in use where the heap is nearly full', () => {
    expect(heapDemandBytes(reading({ heap: 950, live: 100 }))).toBe(950 * MB);
  });

  test('is what is in use where more was alive than is now', () => {
    expect(heapDemandBytes(reading({ heap: 500, live: 700 }))).toBe(500 * MB);
  });
});

describe('relief', () => {
  const facts = { level: 'high', target: 0.6, criticalEnd: 0.85, pendingBytes: 0 } as const;

  test('is for high and critical levels only', () => {
    expect(reliefNeeded(reading({ heap: 790 }), { ...facts, level: 'elevated' })).toEqual({ kind: 'calm' });
    expect(reliefNeeded(reading({ heap: 860 }), { ...facts, level: 'critical' })).toEqual({ kind: 'critical' });
  });

  test('of a critical level that is ending, or whose memory was freed and waits for the collector, is that of a high one', () => {
    const critical = { ...facts, level: 'critical' } as const;
    expect(reliefNeeded(reading({ heap: 200 }), critical)).toEqual({ kind: 'calm' });
    expect(reliefNeeded(reading({ heap: 800, rss: 900 }), critical)).toEqual({ kind: 'pressed', bytes: 200 * MB });
    const freed = { ...critical, pendingBytes: 400 * MB };
    expect(reliefNeeded(reading({ heap: 950, rss: 1_000 }), freed)).toEqual({ kind: 'pending' });
    expect(reliefNeeded(reading({ heap: 950, rss: 1_000 }), { ...critical, pendingBytes: 90 * MB })).toEqual({
      kind: 'critical',
    });
  });

  test('does not ask for what the allocator keeps of buffers that are gone', () => {
    const stuck = { ...reading({ heap: 100, external: 20, rss: 1_700 }), freedBufferBytes: 1_000 * MB };
    expect(reliefNeeded(stuck, facts)).toEqual({ kind: 'calm' });
    const refilled = { ...reading({ heap: 100, external: 1_020, rss: 1_700 }), freedBufferBytes: 0 };
    expect(reliefNeeded(refilled, facts)).toEqual({ kind: 'pressed', bytes: 500 * MB });
  });

  test('brings heap and process back to the target, whichever needs more', () => {
    expect(reliefNeeded(reading({ heap: 800, rss: 900 }), facts)).toEqual({ kind: 'pressed', bytes: 200 * MB });
    const both = reliefNeeded(reading({ heap: 800, rss: 1_700 }), facts);
    expect(both).toEqual({ kind: 'pressed', bytes: 500 * MB });
  });

  test('does not ask twice for what was freed and waits for the collector', () => {
    const some = reliefNeeded(reading({ heap: 800, rss: 900 }), { ...facts, pendingBytes: 150 * MB });
    expect(some).toEqual({ kind: 'pressed', bytes: 50 * MB });
    const all = reliefNeeded(reading({ heap: 800, rss: 900 }), { ...facts, pendingBytes: 200 * MB });
    expect(all).toEqual({ kind: 'pending' });
  });

  test('does not ask for what the heap holds free, so that resident memory that falls late does not empty the caches', () => {
    expect(reliefNeeded(reading({ heap: 300, committed: 800, rss: 1_650 }), facts)).toEqual({ kind: 'calm' });
    const rest = reliefNeeded(reading({ heap: 300, committed: 400, rss: 1_650 }), facts);
    expect(rest).toEqual({ kind: 'pressed', bytes: 350 * MB });
  });

  test('comes back to where the level above normal ends', () => {
    expect(reliefTarget(0.7, 0.05)).toBeCloseTo(0.6);
    expect(reliefTarget(0.7, 0.05)).toBeLessThan(0.7 - 0.05);
    expect(reliefTarget(0.2, 0.15)).toBeCloseTo(0.1);
  });
});
