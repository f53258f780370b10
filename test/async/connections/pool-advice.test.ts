import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serversFor } from '../../../src/async/connections/erlang.js';
import { observePool } from '../../../src/async/connections/observe-pool.js';
import { poolAdvice } from '../../../src/async/connections/pool-advice.js';
import { PoolSamples, type SampleSummary } from '../../../src/async/connections/pool-samples.js';
import { InvalidOptionError } from '../../../src/core/errors.js';
import { ManualClock } from '../../manual-clock.js';
import { SeededRandom, seedOf } from '../../random.js';

/** A minute of 20 calls a second that hold a connection for 200 ms: a load of 4. */
const minute: SampleSummary = {
  samples: 600,
  spanMs: 60_000,
  meanInUse: 4,
  meanWaiting: 0,
  mostInUse: 9,
  mostWaiting: 0,
  fullShare: 0,
  arrivals: 1_200,
  acquired: 1_200,
};

describe('poolAdvice', () => {
  it('keeps a pool that fits', () => {
    const { verdict, size, why } = poolAdvice(minute, 10);
    expect({ verdict, size }).toEqual({ verdict: 'keep', size: 10 });
    expect(why).toContain('20 calls a second, each held a connection for 200 ms: a load of 4 connections');
  });

  it('asks for more where the load is more than the pool, also for what still waits', () => {
    const swamped = { ...minute, meanInUse: 4, mostInUse: 4, fullShare: 1, meanWaiting: 300, mostWaiting: 600 };
    expect(poolAdvice({ ...swamped, arrivals: 1_800 }, 4)).toMatchObject({ verdict: 'more', size: 9 });
  });

  it('takes calls that come at once for what they are', () => {
    const bursts = { ...minute, meanWaiting: 2, mostWaiting: 40, mostInUse: 10, fullShare: 0.1 };
    const { verdict, size, why } = poolAdvice(bursts, 10);
    expect({ verdict, size }).toEqual({ verdict: 'bursts', size: 10 });
    expect(why).toContain('up to 40 waited at once');
  });

  it('gives back what was never used, but no connection that was', () => {
    expect(poolAdvice(minute, 50)).toMatchObject({ verdict: 'fewer', size: 9 });
    expect(poolAdvice({ ...minute, mostInUse: 26 }, 50)).toMatchObject({ verdict: 'keep', size: 50 });
  });

  it('says that it has not seen enough', () => {
    expect(poolAdvice({ ...minute, arrivals: 99 }, 10)).toMatchObject({ verdict: 'not enough seen', size: 10 });
    expect(poolAdvice({ ...minute, samples: 49 }, 10)).toMatchObject({ verdict: 'not enough seen', size: 10 });
  });

  it('never asks for fewer where the pool has no bound', () => {
    expect(poolAdvice(minute, Number.POSITIVE_INFINITY)).toMatchObject({ verdict: 'keep', size: Infinity });
  });
});

describe('serversFor', () => {
  it('agrees with a simulation of random calls', () => {
    const random = new SeededRandom(seedOf('erlang'));
    for (const load of [0.5, 4, 12]) {
      const size = serversFor(load, 0.1);
      expect(size).toBeGreaterThan(load);
      expect(meanWait(load, size, random)).toBeLessThan(0.13);
      // One fewer would wait longer, or bear the load not at all.
      if (size - 1 > load) expect(meanWait(load, size - 1, random)).toBeGreaterThan(0.08);
    }
  });

  it('agrees with Erlang C written out', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 60, noNaN: true }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (load, most) => {
          const size = serversFor(load, most);
          expect(waitWrittenOut(load, size)).toBeLessThanOrEqual(most * (1 + 1e-9));
          if (size - 1 > load) expect(waitWrittenOut(load, size - 1)).toBeGreaterThan(most * (1 - 1e-9));
        },
      ),
    );
  });

  it('is never less than the load, and grows with it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 500, noNaN: true }), (load) => {
        const size = serversFor(load, 0.1);
        return size > load && serversFor(load + 1, 0.1) >= size;
      }),
    );
  });
});

/** Mean wait in hold times: the sums of the textbook. */
function waitWrittenOut(load: number, servers: number): number {
  let term = 1;
  let below = 0;
  for (let n = 0; n < servers; n++) {
    below += term;
    term *= load / (n + 1);
  }
  const all = (term * servers) / (servers - load);
  return all / (below + all) / (servers - load);
}

/** Mean wait in hold times: exponential gaps and hold times, first come first served. */
function meanWait(load: number, servers: number, random: SeededRandom): number {
  const exponential = (): number => -Math.log(1 - random.next());
  const freeAt = new Array<number>(servers).fill(0);
  let now = 0;
  let waited = 0;
  const calls = 200_000;
  for (let i = 0; i < calls; i++) {
    now += exponential() / load;
    let earliest = 0;
    for (let s = 1; s < servers; s++) if (freeAt[s]! < freeAt[earliest]!) earliest = s;
    const begin = Math.max(now, freeAt[earliest]!);
    waited += begin - now;
    freeAt[earliest] = begin + exponential();
  }
  return waited / calls;
}

describe('PoolSamples', () => {
  it('forgets what is older than its window', () => {
    const samples = new PoolSamples(3);
    const level = (inUse: number, waiting: number) => ({ inUse, idle: 0, waiting, max: 4 });
    samples.add(0, level(4, 9), 0);
    samples.add(100, level(4, 3), 5);
    samples.add(200, level(4, 1), 8);
    samples.add(300, level(0, 0), 10);
    expect(samples.summary(false)).toEqual({
      samples: 2,
      spanMs: 200,
      meanInUse: 2,
      meanWaiting: 0.5,
      mostInUse: 4,
      mostWaiting: 1,
      fullShare: 0.5,
      arrivals: 2,
      acquired: 5,
    });
    expect(samples.summary(true)).toMatchObject({ arrivals: 5, acquired: 8 });
  });

  it('is nothing before the first look', () => {
    expect(new PoolSamples(3).summary(true)).toMatchObject({ samples: 0, spanMs: 0, arrivals: 0, meanInUse: 0 });
  });
});

describe('observePool: bad input', () => {
  it.each([
    ['no pool', undefined],
    ['an object of another kind', { query() {} }],
    ['a promise of a pool', Promise.resolve()],
  ])('refuses %s', (_, pool) => {
    expect(() => observePool(pool as object)).toThrow(InvalidOptionError);
  });

  it.each([
    ['an interval of 0', { interval: 0 }, 'interval'],
    ['more looks than it keeps', { interval: 1, window: '1h' as const }, 'window'],
    ['a misspelt option', { intervall: 5 } as object, 'intervall'],
  ])('refuses %s', (_, options, option) => {
    const pool = { totalCount: 0, idleCount: 0, waitingCount: 0, options: {}, on() {}, removeListener() {} };
    expect(() => observePool(pool, { clock: new ManualClock(), ...options })).toThrow(option);
  });
});
