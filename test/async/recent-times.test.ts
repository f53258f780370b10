import { describe, expect, it } from 'vitest';
import { RecentTimes } from '../../src/async/recent-times.js';

function timesOf(...values: number[]): RecentTimes {
  const times = new RecentTimes();
  for (const value of values) times.record(value);
  return times;
}

describe('recent times', () => {
  it('say nothing before the first', () => {
    expect(timesOf().p95()).toBeUndefined();
    expect(timesOf().mean()).toBeUndefined();
  });

  it('give the 95th percentile by nearest rank, in whatever order they came', () => {
    expect(timesOf(7).p95()).toBe(7);
    expect(timesOf(2, 1).p95()).toBe(2);
    const twenty = [20, 1, 19, 2, 18, 3, 17, 4, 16, 5, 15, 6, 14, 7, 13, 8, 12, 9, 11, 10];
    expect(timesOf(...twenty).p95()).toBe(19);
    expect(timesOf(...twenty, 100).p95()).toBe(20);
    expect(timesOf(9, 10, 100).p95()).toBe(100);
  });

  it('give the mean', () => {
    expect(timesOf(1, 2, 6).mean()).toBe(3);
  });

  it('forget all but the last 1,024', () => {
    const times = timesOf(...Array.from({ length: 3_000 }, () => 1_000));
    for (let i = 0; i < 1_024; i++) times.record(i % 2);
    expect(times.p95()).toBe(1);
    expect(times.mean()).toBe(0.5);
    times.record(1_025);
    expect(times.mean()).toBe(1.5 + 1 / 1_024);
  });
});
