import { describe, expect, it, vi } from 'vitest';
import { AdaptiveLimit, type AdaptiveLimitOptions } from '../../src/async/adaptive-limit.js';

function setup(options: Partial<AdaptiveLimitOptions> = {}) {
  const onChange = vi.fn();
  const limit = new AdaptiveLimit({ min: 1, max: 1_000, initial: 4, backoff: 0.8, ...options }, onChange);
  /** As many successes as the limit, with all slots in use. */
  const round = (): number => {
    const calls = limit.limit;
    for (let i = 0; i < calls; i++) limit.succeeded(limit.stamp(), calls);
    return limit.limit;
  };
  return { limit, onChange, round };
}

describe('AdaptiveLimit', () => {
  it('begins where it is told, within its bounds', () => {
    expect(setup().limit.limit).toBe(4);
    expect(setup({ initial: 1, min: 3 }).limit.limit).toBe(3);
    expect(setup({ initial: 9, max: 2 }).limit.limit).toBe(2);
  });

  it('doubles with each round until the first drop, which halves it', () => {
    const { limit, onChange, round } = setup();
    expect([round(), round(), round()]).toEqual([8, 16, 32]);
    expect(onChange).toHaveBeenLastCalledWith(32, 31, 'success');
    limit.dropped(limit.stamp());
    expect(limit.limit).toBe(16);
    expect(onChange).toHaveBeenLastCalledWith(16, 32, 'overload');
  });

  it('falls by its factor from then on', () => {
    const { limit } = setup({ initial: 100 });
    const limits = [1, 2, 3].map(() => {
      limit.dropped(limit.stamp());
      return limit.limit;
    });
    expect(limits).toEqual([50, 40, 32]);
    const deeper = setup({ initial: 100, backoff: 0.3 }).limit;
    deeper.dropped(deeper.stamp());
    expect(deeper.limit).toBe(30);
  });

  it('falls once for the drops of calls that began before it fell', () => {
    const { limit, onChange } = setup({ initial: 100 });
    const before = limit.stamp();
    for (let i = 0; i < 100; i++) limit.dropped(before);
    expect(limit.limit).toBe(50);
    expect(onChange).toHaveBeenCalledOnce();
    limit.dropped(limit.stamp());
    expect(limit.limit).toBe(40);
  });

  it('does not grow by the successes of calls that began before it fell', () => {
    const { limit } = setup({ initial: 100 });
    const before = limit.stamp();
    limit.dropped(before);
    for (let i = 0; i < 1_000; i++) limit.succeeded(before, 100);
    expect(limit.limit).toBe(50);
  });

  it('comes back in ever smaller steps, and goes on beyond the last drop in ever larger ones', () => {
    const { limit, round } = setup({ initial: 50 });
    limit.dropped(limit.stamp());
    limit.dropped(limit.stamp());
    limit.dropped(limit.stamp());
    expect(limit.limit).toBe(16);
    // The last drop came at 20.
    const limits = Array.from({ length: 12 }, round);
    const steps = limits.map((each, i) => each - (limits[i - 1] ?? 16));
    expect(limits.find((each) => each >= 20)).toBeLessThanOrEqual(21);
    expect(Math.max(...steps.slice(0, 3))).toBe(1);
    expect(steps.at(-1)).toBeGreaterThanOrEqual(16);
    limit.dropped(limit.stamp());
    const fallen = limit.limit;
    expect(round() - fallen).toBeLessThanOrEqual(Math.ceil(fallen / 0.8 / 16));
  });

  it('does not grow while less than half of it is in use', () => {
    const { limit } = setup({ initial: 10 });
    for (let i = 0; i < 100; i++) limit.succeeded(limit.stamp(), 4);
    expect(limit.limit).toBe(10);
    limit.succeeded(limit.stamp(), 5);
    expect(limit.limit).toBe(11);
  });

  it('grows from a limit of 1', () => {
    const { limit, round } = setup({ initial: 1 });
    limit.dropped(limit.stamp());
    expect(limit.limit).toBe(1);
    expect([round(), round()]).toEqual([2, 3]);
  });

  it('stays within its bounds, and tells of no change that is none', () => {
    const { limit, onChange } = setup({ min: 3, max: 6 });
    for (let i = 0; i < 100; i++) limit.succeeded(limit.stamp(), 6);
    expect(limit.limit).toBe(6);
    for (let i = 0; i < 100; i++) limit.dropped(limit.stamp());
    expect(limit.limit).toBe(3);
    expect(onChange.mock.calls).toEqual([
      [5, 4, 'success'],
      [6, 5, 'success'],
      [3, 6, 'overload'],
    ]);
  });
});
