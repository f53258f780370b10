import { describe, expect, it } from 'vitest';
import { LocalRateLimiter } from '../../../src/async/rate/local-rate-limiter.js';
import type { Reservation } from '../../../src/async/rate/rate-limiter.js';
import { ManualClock } from '../../manual-clock.js';
import { SeededRandom, seedOf } from '../../random.js';

const NONE = Number.POSITIVE_INFINITY;
/** The nightly run simulates a day. */
const HOURS = Number(process.env['HOTPATH_RATE_HOURS'] ?? 2);

function setUp(limits: { requests?: number; tokens?: number; windowMs?: number; spread?: boolean } = {}) {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter(
    { requests: NONE, tokens: NONE, windowMs: 60_000, spread: false, ...limits },
    clock,
  );
  return { clock, limiter };
}

function granted(answer: Reservation | number): Reservation {
  if (typeof answer === 'number') throw new Error(`not before ${answer} ms`);
  return answer;
}

/** As many as may start now. */
function startAll(limiter: LocalRateLimiter, tokens = 0, most = 10_000): number {
  let count = 0;
  while (count < most && typeof limiter.reserve(tokens) !== 'number') count++;
  return count;
}

/** A reservation in an empty window. */
function setUpAgain(clock: ManualClock, limiter: LocalRateLimiter): Reservation | number {
  clock.advance(120_000);
  return limiter.reserve(5);
}

describe('a rate limit of one process', () => {
  it('lets in what the window holds, then names the exact time of the next one', () => {
    const { clock, limiter } = setUp({ requests: 5 });
    expect(startAll(limiter)).toBe(5);
    const ms = limiter.reserve(0) as number;
    clock.advance(ms - 1);
    expect(limiter.reserve(0)).toBe(1);
    clock.advance(1);
    expect(startAll(limiter)).toBe(5);
  });

  it('counts tokens: what was not used is given back, what was used beyond is charged', () => {
    const { limiter } = setUp({ tokens: 100 });
    const first = granted(limiter.reserve(60));
    expect(limiter.reserve(50)).toBeTypeOf('number');
    first.settle(30);
    const second = granted(limiter.reserve(50));
    second.settle(70);
    expect(limiter.reserve(1)).toBeTypeOf('number');
    expect(granted(limiter.reserve(0)).tokens).toBe(0);
  });

  it('charges what a call used beyond its reservation even when the call itself began a window ago', () => {
    const { clock, limiter } = setUp({ tokens: 100 });
    const long = granted(limiter.reserve(10));
    clock.advance(100_000);
    long.settle(100);
    expect(limiter.reserve(20)).toBeTypeOf('number');
    clock.advance(60_010);
    granted(limiter.reserve(100));
  });

  it('counts only the first of settle and cancel', () => {
    const { limiter } = setUp({ requests: 1, tokens: 10 });
    const one = granted(limiter.reserve(10));
    one.settle(10);
    one.cancel();
    one.settle(0);
    expect(limiter.reserve(1)).toBeTypeOf('number');
  });

  it('counts a call from its start on, when the process was busy after it was let in', () => {
    const { clock, limiter } = setUp({ requests: 2, tokens: 10 });
    const late = granted(limiter.reserve(5) as Reservation | number);
    granted(limiter.reserve(5) as Reservation | number).started();
    clock.advance(40_000);
    late.started();
    clock.advance(20_100);
    expect(startAll(limiter, 5)).toBe(1);
    clock.advance(40_000);
    expect(startAll(limiter, 5)).toBe(1);
    // Started after its place had left the window: counted anew, not taken back from what never held it.
    const later = granted(setUpAgain(clock, limiter));
    clock.advance(70_000);
    later.started();
    expect(startAll(limiter, 5)).toBe(1);
  });

  it('gives all of a call back that was never sent', () => {
    const { limiter } = setUp({ requests: 1, tokens: 10 });
    granted(limiter.reserve(10)).cancel();
    granted(limiter.reserve(10));
  });

  it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])(
    'lets a reservation stand when the use is said to be %s',
    (tokens) => {
      const { limiter } = setUp({ tokens: 10 });
      const one = granted(limiter.reserve(10));
      one.settle(tokens);
      expect(limiter.reserve(1)).toBeTypeOf('number');
      one.settle(0);
      granted(limiter.reserve(10));
    },
  );

  it.each([NONE, Number.NaN, -1])('lets the reservation of a call stand that says it used %d tokens', (used) => {
    const { limiter } = setUp({ tokens: 10 });
    granted(limiter.reserve(1)).settle(used);
    expect(startAll(limiter, 1)).toBe(9);
  });

  it('takes what a call used after it is over', () => {
    const { limiter } = setUp({ tokens: 10 });
    const call = granted(limiter.reserve(8));
    call.ended();
    call.settle(3);
    expect(startAll(limiter, 1)).toBe(7);
  });

  it('rounds parts of tokens up', () => {
    const { limiter } = setUp({ tokens: 3 });
    expect(startAll(limiter, 0.1)).toBe(3);
  });

  it('grants everything without a limit', () => {
    const { limiter } = setUp();
    expect(limiter.mostTokens).toBe(NONE);
    expect(startAll(limiter, 1e6, 1_000)).toBe(1_000);
  });

  it('spreads starts evenly when asked to, and makes up for a late timer', () => {
    const { clock, limiter } = setUp({ requests: 300, spread: true });
    const starts: number[] = [];
    const began = clock.now();
    while (clock.now() < began + 600_000) {
      const ms = limiter.reserve(0);
      if (typeof ms === 'number') clock.advance(ms + 20);
      else starts.push(clock.now());
    }
    const gaps = starts.slice(1).map((at, i) => at - starts[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(75);
    expect(starts.length).toBeGreaterThanOrEqual(0.99 * 3_000);
  });

  it('spreads tokens too: a large call is followed by a long pause', () => {
    const { limiter } = setUp({ tokens: 600, spread: true });
    granted(limiter.reserve(300));
    const ms = limiter.reserve(1) as number;
    expect(ms).toBeGreaterThan(29_800);
    expect(ms).toBeLessThanOrEqual(30_000);
  });

  it(`stays within both limits in every window of ${HOURS} simulated hours, and uses them`, () => {
    const random = new SeededRandom(seedOf('rate limit over hours'));
    for (const spread of [false, true]) {
      const { clock, limiter } = setUp({ requests: 300, tokens: 30_000, spread });
      const log: { at: number; tokens: number }[] = [];
      const running: { until: number; end(): void }[] = [];
      const end = clock.now() + HOURS * 3_600_000;
      let wanted = 100;
      while (clock.now() < end) {
        const now = clock.now();
        while (running.length > 0 && running[0]!.until <= now) running.shift()!.end();
        const answer = limiter.reserve(wanted);
        if (typeof answer === 'number') {
          clock.advance(Math.min(answer, Math.max(0.01, (running[0]?.until ?? NONE) - now)));
          continue;
        }
        const entry = { at: now, tokens: wanted };
        log.push(entry);
        const used = random.chance(0.5) ? wanted : random.below(wanted + 1);
        const isSent = !random.chance(0.02);
        running.push({
          until: now + 2_000,
          end: () => {
            entry.tokens = isSent ? used : 0;
            if (isSent) answer.settle(used);
            else {
              answer.cancel();
              log.splice(log.indexOf(entry), 1);
            }
          },
        });
        // On average of what the limits allow a call.
        wanted = random.below(270);
        if (random.chance(0.001)) clock.advance(random.below(30_000));
      }
      let first = 0;
      let sum = 0;
      let most = 0;
      for (const [index, { at, tokens }] of log.entries()) {
        sum += tokens;
        while (log[first]!.at <= at - 60_000) sum -= log[first++]!.tokens;
        expect(sum).toBeLessThanOrEqual(30_000);
        most = Math.max(most, index - first + 1);
      }
      expect(most).toBeLessThanOrEqual(300);
      if (!spread) expect(most).toBeGreaterThan(290);
    }
  });

  it('reaches at least 0.999 of the allowed rate', () => {
    const { clock, limiter } = setUp({ requests: 600 });
    const began = clock.now();
    let count = 0;
    while (clock.now() < began + 3_600_000) {
      const ms = limiter.reserve(0);
      if (typeof ms === 'number') clock.advance(ms);
      else count++;
    }
    expect(count).toBeGreaterThanOrEqual(0.999 * 600 * 60);
    expect(count).toBeLessThanOrEqual(600 * 61);
  });
});
