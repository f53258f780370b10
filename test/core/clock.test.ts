import { pbkdf2 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { flushMicrotasks } from '../manual-clock.js';

/** Lets the system's time move on without the clock under test being asked. */
function spin(): void {
  const start = performance.now();
  while (performance.now() === start);
}

describe('the time of the system clock', () => {
  const clock = systemClock();

  it('is milliseconds since the epoch and never steps back, though the wall clock does', () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
    const before = clock.now();
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    try {
      expect(clock.now()).toBeGreaterThanOrEqual(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it('read coarsely is not older than the wait before it', async () => {
    const clock = systemClock();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const before = clock.coarse();
    // Work on another thread ends while the loop is idle: what it wakes must not read the time from before the wait.
    const after = await new Promise<number>((resolve) =>
      pbkdf2('a', 'b', 100_000, 64, 'sha512', () => resolve(clock.coarse())),
    );
    expect(after).toBeGreaterThan(before);
  });

  it('is one clock for the process', () => {
    expect(systemClock()).toBe(clock);
  });

  it('read coarsely stays within a macrotask, and has moved on in the next', async () => {
    await flushMicrotasks();
    const first = clock.coarse();
    spin();
    await Promise.resolve();
    expect(clock.coarse()).toBe(first);
    spin();
    await flushMicrotasks();
    expect(clock.coarse()).toBeGreaterThan(first);
  });

  it('read coarsely is never ahead of the exact one, and never behind an exact reading taken before', async () => {
    for (let i = 0; i < 200; i++) {
      const exact = clock.now();
      const coarse = clock.coarse();
      expect(coarse).toBeGreaterThanOrEqual(exact);
      expect(clock.now()).toBeGreaterThanOrEqual(coarse);
      if (i % 10 === 0) await flushMicrotasks();
    }
  });
});

describe('timers of the system clock', () => {
  const LONGEST = 2 ** 31 - 1;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([0, 1000, LONGEST, LONGEST + 1, 2 ** 31 + 5000, 3 * LONGEST + 7])('run once, after %d ms', (delay) => {
    const fn = vi.fn();
    systemClock().setTimer(fn, delay);
    if (delay > 0) {
      vi.advanceTimersByTime(delay - 1);
      expect(fn).not.toHaveBeenCalled();
    }
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * LONGEST);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('never run when the delay is infinite', () => {
    const fn = vi.fn();
    const cancel = systemClock().setTimer(fn, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(10 * LONGEST);
    expect(fn).not.toHaveBeenCalled();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be cancelled on every part of a long way, once, twice and afterwards', () => {
    for (const passed of [0, LONGEST - 1, LONGEST + 1]) {
      const fn = vi.fn();
      const cancel = systemClock().setTimer(fn, 2 * LONGEST);
      vi.advanceTimersByTime(passed);
      cancel();
      cancel();
      vi.advanceTimersByTime(3 * LONGEST);
      expect(fn).not.toHaveBeenCalled();
    }
    const fn = vi.fn();
    const cancel = systemClock().setTimer(fn, 10);
    vi.advanceTimersByTime(10);
    cancel();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('never keep the process alive, short or long', () => {
    vi.useRealTimers();
    const set = vi.spyOn(globalThis, 'setTimeout');
    try {
      const cancels = [100_000, 2 ** 40].map((delay) => systemClock().setTimer(() => {}, delay));
      for (const { value } of set.mock.results) expect((value as NodeJS.Timeout).hasRef()).toBe(false);
      expect(set).toHaveBeenCalledTimes(2);
      for (const cancel of cancels) cancel();
    } finally {
      set.mockRestore();
    }
  });
});

it('the coarse time goes on under fake timers, and after them', async () => {
  const clock = systemClock();
  const turn = setImmediate;
  await flushMicrotasks();
  vi.useFakeTimers({ toFake: ['setImmediate'] });
  const during = clock.coarse();
  vi.useRealTimers();
  spin();
  await new Promise((resolve) => turn(resolve));
  expect(clock.coarse()).toBeGreaterThan(during);
});
