import { describe, expect, it } from 'vitest';
import { judgeLeak } from '../../../src/memory/leaks/judge-leak.js';
import type { SeriesVerdict } from '../../../src/memory/leaks/leak-verdict.js';
import { LiveSlots } from '../../../src/memory/leaks/live-slots.js';

const MB = 2 ** 20;
const WINDOW = 16_000;
const SETTINGS = { windowMs: WINDOW, minPoints: 8, growth: 0.1, confidence: 0.99 };

interface Told {
  readonly atWindows: number;
  readonly verdict: SeriesVerdict;
}

interface Held {
  /** Mb at a time, in windows from the beginning. */
  readonly live: (at: number) => number;
  readonly registered?: (at: number) => number;
  readonly limitMb?: number;
}

/** Every verdict of some windows, two collections a stretch, with ups and downs of 0.3 %. */
function judgeAll(windows: number, { live, registered = () => 0, limitMb = 4_000 }: Held): Told[] {
  const slots = new LiveSlots(WINDOW);
  const told: Told[] = [];
  for (let i = 1; i < windows * 32; i++) {
    const now = i * 500;
    const at = i / 32;
    const mb = live(at) * (1 + 0.003 * Math.sin(i * i));
    if (!slots.add(now, mb * MB, registered(at) * MB)) continue;
    const { window, ...past } = slots.read(now);
    told.push({ atWindows: at, verdict: judgeLeak(window, SETTINGS, { ...past, left: () => (limitMb - mb) * MB }) });
  }
  return told;
}

const leaksOf = (told: readonly Told[]): number[] =>
  told.filter(({ verdict }) => verdict.kind === 'leak').map(({ atWindows }) => atWindows);
const kindAt = (told: readonly Told[], windows: number): string =>
  told.findLast(({ atWindows }) => atWindows <= windows)!.verdict.kind;

describe('growth', () => {
  it('that leaves time is told of when it has gone on for two windows, near a limit at once', () => {
    const live = (at: number): number => 100 + 20 * at;
    const far = judgeAll(4, { live });
    expect(kindAt(far, 1)).toBe('recent');
    expect(leaksOf(far)[0]).toBeGreaterThan(1.5);
    expect(leaksOf(far)[0]).toBeLessThan(2.1);
    expect(leaksOf(judgeAll(4, { live, limitMb: 900 }))[0]).toBeLessThan(1);
  });

  it('that has just begun again is not told of by what was before', () => {
    const told = judgeAll(4, { live: (at) => 100 + 20 * Math.max(0, at - 2) });
    expect(leaksOf(told)[0]).toBeGreaterThan(3);
  });

  it('that has become many times as fast is like one that has just begun', () => {
    const told = judgeAll(6, { live: (at) => 100 + 3 * Math.min(at, 3) + 40 * Math.max(0, at - 3) });
    expect(leaksOf(told)[0]).toBeGreaterThan(4.1);
  });

  it('that slows down from window to window is told of at first, and no more', () => {
    const leaks = leaksOf(judgeAll(8, { live: (at) => 100 + 200 * (1 - Math.exp(-at / 1.5)), limitMb: 900 }));
    expect(leaks[0]).toBeLessThan(1);
    expect(Math.max(...leaks)).toBeLessThan(1.9);
  });

  it('below the share that counts in one window is found over several', () => {
    // 8 % of a large heap in a window: 4 windows of it are 32 %.
    const told = judgeAll(8, { live: (at) => 1_000 + 80 * at, limitMb: 20_000 });
    expect(kindAt(told, 2)).toBe('small');
    expect(leaksOf(told)[0]).toBeLessThan(4);
    expect(kindAt(told, 8)).toBe('leak');
    const slow = judgeAll(20, { live: (at) => 1_000 + 20 * at, limitMb: 20_000 });
    expect(leaksOf(slow)).toEqual([]);
  });

  it('below the share that counts is told of at once where it soon reaches a limit', () => {
    const live = (at: number): number => 3_000 + 90 * at;
    expect(leaksOf(judgeAll(2, { live, limitMb: 4_000 }))[0]).toBeLessThan(1);
    expect(leaksOf(judgeAll(2, { live, limitMb: 20_000 }))).toEqual([]);
  });

  it('is told of for as long as it lasts, however much there is by then', () => {
    const told = judgeAll(20, { live: (at) => 100 + 20 * at });
    expect(kindAt(told, 10)).toBe('leak');
    expect(kindAt(told, 20)).toBe('leak');
  });

  it.each<[string, number, (at: number) => number]>([
    ['a burst every third of a window', 3, (at) => 100 + 6 * Math.floor(at * 3)],
    ['a burst every half window', 4, (at) => 100 + 10 * Math.floor(at * 2)],
    ['a burst every six windows', 26, (at) => 100 + 60 * Math.floor(at / 6)],
    ['a table that doubles', 18, (at) => 60 + 2.5 * 2 ** Math.floor(Math.log2(Math.max(1, at)))],
    ['a slow leak below a sawtooth of a third of a window', 5, (at) => 100 + 20 * at + 80 * ((at * 3) % 1)],
  ])('by %s is a leak within %d windows', (_, windows, live) => {
    expect(leaksOf(judgeAll(windows, { live })).length).toBeGreaterThan(0);
  });

  it('below a sawtooth of nearly a window shows in sixteen of them', () => {
    const told = judgeAll(13, { live: (at) => 100 + 12 * at + 200 * ((at / 0.8) % 1) });
    // The first tooth looks like one.
    const later = leaksOf(told).filter((at) => at > 2);
    expect(later.length).toBeGreaterThan(0);
  });

  it.each<[string, (at: number) => number]>([
    ['two jumps', (at) => 60 + (at > 2 ? 20 : 0) + (at > 5 ? 20 : 0)],
    ['jumps that have stopped', (at) => 100 + 20 * Math.min(3, Math.floor(at))],
  ])('by %s is none', (_, live) => {
    expect(kindAt(judgeAll(9, { live }), 9)).not.toBe('leak');
  });
});

describe('a release', () => {
  it.each<[string, (at: number) => number]>([
    ['of a short burst', (at) => (at > 2 && at < 2.2 ? 150 : 0)],
    ['of what was there at the beginning', (at) => (at < 1 ? 300 : 0)],
    ['of a burst every eight windows', (at) => (at % 8 < 0.3 ? 150 : 0)],
  ])('%s excuses no slow rise', (_, burst) => {
    const told = judgeAll(8, { live: (at) => 100 + burst(at) + 20 * Math.max(0, at - 3) });
    const leaks = leaksOf(told);
    expect(leaks[0]).toBeGreaterThan(3);
    expect(leaks[0]).toBeLessThan(5.2);
  });

  it('excuses a rise like the one before it, a hundred windows later', () => {
    // As of days: two hours up, some level, down.
    const day = (at: number): number => {
      const hour = ((at / 96) % 1) * 24;
      return 100 + 200 * Math.max(0, Math.min(1, (hour - 8) / 3, (20 - hour) / 3));
    };
    const leaks = leaksOf(judgeAll(300, { live: day }));
    expect(leaks.length).toBeGreaterThan(0);
    expect(Math.max(...leaks)).toBeLessThan(96);
  });

  it('excuses no rise that goes far beyond it', () => {
    const told = judgeAll(8, { live: (at) => (at < 2 ? 100 + 20 * at : 100 + 20 * (at - 2)) });
    expect(kindAt(told, 3.5)).toBe('refilling');
    expect(kindAt(told, 7)).toBe('leak');
  });
});

describe('what is registered', () => {
  const cache = (at: number): number => 80 * Math.min(1, at / 3);

  it('is no leak while it fills, though it says a quarter too little', () => {
    const live = (at: number): number => 100 + cache(at);
    const told = judgeAll(6, { live, registered: (at) => 0.78 * cache(at) });
    expect(leaksOf(told)).toEqual([]);
    expect(told.map(({ verdict }) => verdict.kind)).toContain('registered');
    expect(leaksOf(judgeAll(6, { live })).length).toBeGreaterThan(0);
  });

  it('is no leak while what is left grows by less than counts', () => {
    const told = judgeAll(2.9, { live: (at) => 100 + cache(at) + 3 * at, registered: (at) => 0.75 * cache(at) });
    expect(leaksOf(told)).toEqual([]);
    expect(kindAt(told, 2)).toBe('registered');
  });

  it('hides no leak beside it', () => {
    const live = (at: number): number => 100 + cache(at) + 30 * at;
    expect(leaksOf(judgeAll(6, { live, registered: cache })).length).toBeGreaterThan(0);
  });

  it('is no leak when it grows in jumps', () => {
    const steps = (at: number): number => 40 * Math.floor(at / 6);
    const held = { live: (at: number): number => 100 + steps(at) };
    expect(leaksOf(judgeAll(32, held)).length).toBeGreaterThan(0);
    expect(leaksOf(judgeAll(32, { ...held, registered: steps }))).toEqual([]);
  });
});
