import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src/async/rate/sliding-window.js';
import { SeededRandom, seedOf } from '../../random.js';

const START = 1_700_000_000_000;
const NONE = Number.POSITIVE_INFINITY;

/** What started when, and what it counts for: all of it, for ever. */
interface Started {
  readonly at: number;
  readonly place: number;
  tokens: number;
}

/** The most of any half-open window that begins with a start, which is where a window is fullest. */
function fullest(log: readonly Started[], windowMs: number): { requests: number; tokens: number } {
  let requests = 0;
  let tokens = 0;
  let sum = 0;
  let first = 0;
  for (const [index, { at, tokens: its }] of log.entries()) {
    sum += its;
    while (log[first]!.at <= at - windowMs) sum -= log[first++]!.tokens;
    requests = Math.max(requests, index - first + 1);
    tokens = Math.max(tokens, sum);
  }
  return { requests, tokens };
}

describe('a sliding window', () => {
  it('holds exactly its limit, and lets the next one in a whole window after the first', () => {
    const window = new SlidingWindow(60_000);
    for (let i = 0; i < 3; i++) {
      expect(window.msUntil(START + i, 0, 3, NONE)).toBe(0);
      window.add(START + i, 1, 0);
    }
    const ms = window.msUntil(START + 2, 0, 3, NONE);
    expect(window.msUntil(START + 60_000, 0, 3, NONE)).toBeGreaterThan(0);
    expect(window.msUntil(START + 2 + ms - 1, 0, 3, NONE)).toBeGreaterThan(0);
    expect(window.msUntil(START + 2 + ms, 0, 3, NONE)).toBe(0);
    // A bucket of a minute is 10 ms.
    expect(2 + ms).toBeLessThanOrEqual(60_010);
  });

  it('says that what is larger than an empty window never fits', () => {
    const window = new SlidingWindow(1_000);
    expect(window.msUntil(START, 11, NONE, 10)).toBe(NONE);
    expect(window.msUntil(START, 0, 0, NONE)).toBe(NONE);
  });

  it('takes back what is given back while it is in the window, and nothing that has left', () => {
    const window = new SlidingWindow(1_000);
    const place = window.add(START, 1, 8);
    window.change(place, 0, -5);
    expect(window.msUntil(START, 7, NONE, 10)).toBe(0);
    window.add(START + 2_000, 1, 10);
    window.change(place, -1, -3);
    expect(window.requests).toBe(1);
    expect(window.tokens).toBe(10);
  });

  it('stands still while its clock goes back', () => {
    const window = new SlidingWindow(1_000);
    window.add(START, 1, 0);
    window.add(START - 5_000, 1, 0);
    expect(window.msUntil(START - 5_000, 0, 2, NONE)).toBeGreaterThan(5_900);
    expect(window.msUntil(START + 990, 0, 2, NONE)).toBeGreaterThan(0);
    expect(window.msUntil(START + 1_002, 0, 2, NONE)).toBe(0);
  });

  it('is never above its limits, wherever a window begins, and the waits it names are exact', () => {
    const random = new SeededRandom(seedOf('sliding window'));
    for (let round = 0; round < 60; round++) {
      const windowMs = random.pick([10, 100, 1_000, 60_000, 3_600_000]);
      const maxRequests = random.pick([1, 3, 50, NONE]);
      const maxTokens = random.pick([10, 1_000, NONE]);
      const window = new SlidingWindow(windowMs);
      const log: Started[] = [];
      let now = START + random.next();
      let wokenAfter = 0;
      for (let step = 0; step < 400; step++) {
        const tokens = random.chance(0.2) ? 0 : random.below(maxTokens === NONE ? 100 : maxTokens + 1);
        const ms = window.msUntil(now, tokens, maxRequests, maxTokens);
        if (ms > 0) {
          expect(Number.isInteger(ms)).toBe(true);
          if (ms > 1) expect(window.msUntil(now + ms - 1.001, tokens, maxRequests, maxTokens)).toBeGreaterThan(0);
          now += ms;
          expect(window.msUntil(now, tokens, maxRequests, maxTokens)).toBe(0);
          wokenAfter++;
        }
        log.push({ at: now, place: window.add(now, 1, tokens), tokens });
        if (random.chance(0.2)) {
          const one = random.pick(log);
          const back = random.below(one.tokens + 1);
          const isThere = one.at > now - windowMs;
          window.change(one.place, 0, -back);
          if (isThere) one.tokens -= back;
        }
        if (random.chance(0.3)) now += (random.next() * windowMs) / random.pick([1, 10, 100]);
      }
      const most = fullest(log, windowMs);
      expect(most.requests).toBeLessThanOrEqual(maxRequests);
      expect(most.tokens).toBeLessThanOrEqual(maxTokens);
      if (maxRequests === 3) expect(wokenAfter).toBeGreaterThan(10);
    }
  });

  it('uses at least 999 of 1,000 parts of its limit over simulated hours', () => {
    const window = new SlidingWindow(60_000);
    let now = START;
    let started = 0;
    while (now < START + 4 * 3_600_000) {
      const ms = window.msUntil(now, 0, 60, NONE);
      if (ms > 0) now += ms;
      else {
        window.add(now, 1, 0);
        started++;
      }
    }
    expect(started).toBeGreaterThanOrEqual(0.999 * 4 * 60 * 60);
    expect(started).toBeLessThanOrEqual(4 * 60 * 60 + 60);
  });

  it('keeps its counts through many more buckets than it began with', () => {
    const window = new SlidingWindow(60_000);
    for (let i = 0; i < 30_000; i++) window.add(START + i * 7, 1, 2);
    window.advance(START + 30_000 * 7);
    expect(window.requests).toBeGreaterThanOrEqual(8_571);
    expect(window.requests).toBeLessThanOrEqual(8_573);
    expect(window.tokens).toBe(2 * window.requests);
    window.advance(START + 1e6);
    expect(window.requests).toBe(0);
  });
});
