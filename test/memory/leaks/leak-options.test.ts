import { describe, expect, it } from 'vitest';
import { LEAK_DEFAULTS, type LeakWatchOptions, resolveLeakOptions } from '../../../src/memory/leaks/leak-options.js';

describe('options of a leak watch', () => {
  it('have defaults that follow the window', () => {
    expect(resolveLeakOptions()).toEqual({
      windowMs: 600_000,
      minPoints: 8,
      growth: 0.1,
      confidence: 0.99,
      warmUpMs: 60_000,
      profileMs: 30_000,
      cooldownMs: 600_000,
    });
    expect(resolveLeakOptions({ window: '1h' })).toMatchObject({ warmUpMs: 360_000, cooldownMs: 3_600_000 });
    expect(Object.isFrozen(LEAK_DEFAULTS)).toBe(true);
  });

  it('may be undefined, and a profile may be left out', () => {
    expect(resolveLeakOptions({ window: undefined, profile: false } as object)).toMatchObject({
      windowMs: 600_000,
      profileMs: undefined,
    });
  });

  it.each<[keyof LeakWatchOptions | 'windows', unknown]>([
    ['window', '999ms'],
    ['window', '8d'],
    ['window', 'long'],
    ['minPoints', 5],
    ['minPoints', 8.5],
    ['growth', 0],
    ['growth', Number.NaN],
    ['confidence', 0.5],
    ['confidence', 1],
    ['warmUp', -1],
    ['warmUp', Number.POSITIVE_INFINITY],
    ['profile', true],
    ['profile', 0],
    ['cooldown', 'never'],
    ['windows', '10m'],
  ])('%s: %s is refused by name', (option, value) => {
    expect(() => resolveLeakOptions({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
