import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../../src/async/retry/retry-budget.js';
import { ManualClock } from '../../manual-clock.js';
import { SeededRandom, seedOf } from '../../random.js';

function granted(budget: RetryBudget, asked: number): number {
  let count = 0;
  for (let i = 0; i < asked; i++) if (budget.take()) count++;
  return count;
}

describe('RetryBudget', () => {
  it('always allows ten in ten seconds, even without any call', () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(0, clock);
    expect(granted(budget, 50)).toBe(10);
    clock.advance(8_000);
    expect(granted(budget, 50)).toBe(0);
    clock.advance(2_000);
    expect(granted(budget, 50)).toBe(10);
  });

  it('allows the share of the calls of the last ten seconds', () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(0.2, clock);
    for (let i = 0; i < 1_000; i++) budget.called();
    expect(granted(budget, 500)).toBe(200);
    for (let i = 0; i < 100; i++) budget.called();
    expect(granted(budget, 500)).toBe(20);
    clock.advance(3_600_000);
    expect(granted(budget, 500)).toBe(10);
  });

  it('takes nothing when it refuses', () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(0.2, clock);
    expect(granted(budget, 10_000)).toBe(10);
    for (let i = 0; i < 100; i++) budget.called();
    expect(granted(budget, 10_000)).toBe(10);
  });

  it('has no end with a ratio of Infinity', () => {
    const budget = new RetryBudget(Number.POSITIVE_INFINITY, new ManualClock());
    expect(granted(budget, 100_000)).toBe(100_000);
  });

  it('never allows more than its share, nor less than the floor, in any nine seconds of random traffic', () => {
    const random = new SeededRandom(seedOf('retry budget'));
    const clock = new ManualClock();
    const budget = new RetryBudget(0.1, clock);
    const calls: number[] = [];
    const retries: number[] = [];
    const since = (times: number[], from: number): number => times.filter((t) => t > from).length;
    for (let i = 0; i < 3_000; i++) {
      clock.advance(random.chance(0.01) ? random.below(15_000) : random.below(60));
      const now = clock.now();
      if (random.chance(0.6)) {
        budget.called();
        calls.push(now);
        continue;
      }
      const [callsBefore, recentRetries] = [since(calls, now - 10_000), since(retries, now - 9_000)];
      if (budget.take()) {
        // What the buckets hold is of 9 to 10 s.
        expect(recentRetries).toBeLessThan(Math.max(10, 0.1 * callsBefore));
        retries.push(now);
      } else {
        expect(since(retries, now - 10_000)).toBeGreaterThanOrEqual(10);
      }
    }
    expect(retries.length).toBeGreaterThan(100);
  });
});
