import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_OFF, type LevelSwitches, levelOn, switched } from '../../src/memory/level-switches.js';
import { levelOf, MEMORY_LEVELS } from '../../src/memory/memory-level.js';
import { seedOf } from '../random.js';

const rules = { levels: { elevated: 0.7, high: 0.8, critical: 0.9 }, hysteresis: 0.05, dwellMs: 5_000 };

/** The levels after each of these looks, given as time in seconds and share. */
function levels(...looks: readonly (readonly [seconds: number, share: number])[]): string[] {
  let switches: LevelSwitches = ALL_OFF;
  return looks.map(([seconds, share]) => {
    switches = switched(switches, share, seconds * 1_000, rules);
    return levelOn(switches);
  });
}

describe('levels of memory', () => {
  test('begin at once, exactly at their threshold', () => {
    expect(levels([0, 0.699999], [1, 0.7], [2, 0.8], [3, 0.9])).toEqual(['normal', 'elevated', 'high', 'critical']);
    expect(levels([0, 0.95])).toEqual(['critical']);
  });

  test('end when the share has been below threshold less hysteresis for the dwell time, and not a look sooner', () => {
    expect(levels([0, 0.8], [1, 0.749], [5.999, 0.74], [6, 0.74])).toEqual(['high', 'high', 'high', 'elevated']);
  });

  test('stay while the share hovers between threshold and hysteresis', () => {
    expect(levels([0, 0.8], [1, 0.751], [20, 0.799], [40, 0.76])).toEqual(['high', 'high', 'high', 'high']);
  });

  test('begin their dwell anew after each rise into the band', () => {
    const seen = levels([0, 0.8], [1, 0.7], [5, 0.76], [6, 0.7], [10.9, 0.7], [11, 0.7]);
    expect(seen).toEqual(['high', 'high', 'high', 'high', 'high', 'elevated']);
  });

  test('end together after a fall through all of them', () => {
    expect(levels([0, 0.95], [1, 0.2], [5.9, 0.2], [6, 0.2])).toEqual(['critical', 'critical', 'critical', 'normal']);
  });

  test('end one by one after a slow fall', () => {
    expect(levels([0, 0.95], [1, 0.84], [3, 0.7], [6, 0.7], [8, 0.7])).toEqual([
      ...['critical', 'critical', 'critical', 'high', 'elevated'],
    ]);
  });

  test('do not end early when the clock is set back', () => {
    expect(levels([100, 0.8], [101, 0.5], [50, 0.5], [54.9, 0.5], [55, 0.5])).toEqual([
      ...['high', 'high', 'high', 'high', 'normal'],
    ]);
  });

  test('are never below that of the present share, nor above the worst of the dwell time and its band', () => {
    const seed = seedOf('levels of memory');
    const look = fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.double({ min: 0, max: 1.2, noNaN: true }));
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 60 }), (looks) => {
        let switches: LevelSwitches = ALL_OFF;
        let now = 0;
        const seen: { at: number; share: number }[] = [];
        for (const [step, share] of looks) {
          now += step;
          seen.push({ at: now, share });
          switches = switched(switches, share, now, rules);
          const level = MEMORY_LEVELS.indexOf(levelOn(switches));
          expect(level).toBeGreaterThanOrEqual(MEMORY_LEVELS.indexOf(levelOf(share, rules.levels)));
          // The look before the dwell time too: it was the last that is known of its beginning.
          const first = seen.findLastIndex(({ at }) => at <= now - rules.dwellMs);
          const worst = Math.max(...seen.slice(Math.max(0, first)).map((each) => each.share));
          const bound = MEMORY_LEVELS.indexOf(levelOf(worst + rules.hysteresis + 1e-9, rules.levels));
          if (first >= 0) expect(level).toBeLessThanOrEqual(bound);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});
