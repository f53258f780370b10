import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterHistory } from '../../src/monitor/attachments/counter-history.js';
import { HitRates } from '../../src/monitor/attachments/hit-rates.js';
import { seedOf } from '../random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('hit rates', () => {
  it('say nothing before a read, and nothing of reads from before the first reading', () => {
    const rates = new HitRates(['memory']);
    expect(rates.add(0, { hits: 900, misses: 100, memoryHits: 900 })).toEqual({});
    expect(rates.add(1_000, { hits: 900, misses: 100, memoryHits: 900 })).toEqual({});
    expect(rates.add(2_000, { hits: 901, misses: 103, memoryHits: 900 })).toEqual({
      hitRateRecent: 0.25,
      memoryHitRateRecent: 0,
      hitRateHour: 0.25,
    });
  });

  it('are of the last minute, and fall silent when it had no reads', () => {
    const rates = new HitRates([]);
    rates.add(0, { hits: 0, misses: 0 });
    let now = 0;
    for (; now <= 10 * MINUTE; now += 1_000) rates.add(now, { hits: 0, misses: now });
    const missed = now;
    for (; now <= 10 * MINUTE + 65_000; now += 1_000) rates.add(now, { hits: now - missed, misses: missed });
    expect(rates.add(now, { hits: now - missed, misses: missed })['hitRateRecent']).toBe(1);
    const hits = now - missed;
    for (; now <= 12 * MINUTE + 10_000; now += 1_000) rates.add(now, { hits, misses: missed });
    const silent = rates.add(now, { hits, misses: missed });
    expect(silent).not.toHaveProperty('hitRateRecent');
    expect(silent['hitRateHour']).toBeCloseTo(hits / (hits + missed), 2);
  });

  it('of tiers are shares of all reads, so that they add up to the whole', () => {
    const rates = new HitRates(['memory', 'remote']);
    rates.add(0, { hits: 0, misses: 0, memoryHits: 0, remoteHits: 0 });
    const recent = rates.add(1_000, { hits: 8, misses: 2, memoryHits: 5, remoteHits: 3 });
    expect(recent).toMatchObject({ hitRateRecent: 0.8, memoryHitRateRecent: 0.5, remoteHitRateRecent: 0.3 });
  });

  it('leave out a tier that is not counted', () => {
    const rates = new HitRates(['memory', 'remote']);
    rates.add(0, { hits: 0, misses: 0 });
    expect(rates.add(1_000, { hits: 1, misses: 0 })).toEqual({ hitRateRecent: 1, hitRateHour: 1 });
  });

  it('begin anew when a total falls: what another object has counted is counted, and no more', () => {
    const rates = new HitRates([]);
    rates.add(0, { hits: 1_000, misses: 0 });
    rates.add(1_000, { hits: 1_010, misses: 0 });
    const recent = rates.add(2_000, { hits: 2, misses: 8 });
    expect(recent['hitRateRecent']).toBeCloseTo(12 / 20);
  });

  it('are of the last hour and no longer, a reading each second', () => {
    const rates = new HitRates([]);
    let misses = 0;
    let hits = 0;
    let last: Record<string, number> = {};
    for (let now = 0; now <= 2 * HOUR + 10_000; now += 1_000) {
      if (now <= HOUR) misses++;
      else hits++;
      last = rates.add(now, { hits, misses });
      if (now === HOUR) expect(last['hitRateHour']).toBe(0);
      if (now === 1.5 * HOUR) expect(last['hitRateHour']).toBeCloseTo(0.5, 2);
    }
    expect(last['hitRateHour']).toBe(1);
  });

  it('are never negative, above 1 or NaN, whatever is counted and whenever it is read', () => {
    const seed = seedOf('hit rates');
    const total = fc.oneof(fc.nat(50), fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
    const counters = fc.record({ hits: total, misses: total, memoryHits: total }, { requiredKeys: [] });
    const reading = fc.tuple(fc.integer({ min: 0, max: 2 * HOUR }), counters);
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 60 }), (readings) => {
        const rates = new HitRates(['memory', 'remote']);
        let now = 1_700_000_000_000;
        for (const [ms, counted] of readings) {
          now += ms;
          for (const [name, rate] of Object.entries(rates.add(now, counted as Record<string, number>))) {
            expect(rate >= 0 && rate <= 1, `${name} = ${rate}`).toBe(true);
          }
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe('kept readings', () => {
  it('say exactly what was counted since a moment, from the last kept reading before it', () => {
    const seed = seedOf('kept readings');
    const step = fc.record({ ms: fc.integer({ min: 1, max: 20_000 }), more: fc.nat(100), anew: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), fc.nat(HOUR), (steps, ago) => {
        const history = new CounterHistory(['n']);
        const kept = [{ at: 0, counted: 0 }];
        let at = 0;
        let n = 0;
        let counted = 0;
        history.add(at, { n });
        for (const { ms, more, anew } of steps) {
          at += ms;
          // Replaced by one that has counted less.
          if (anew && n > more) n = 0;
          n += more;
          counted += more;
          history.add(at, { n });
          if (at - kept.at(-1)!.at >= 5_000) kept.push({ at, counted });
        }
        const before = kept.findLast((row) => row.at <= at - ago) ?? kept[0]!;
        expect(history.since(at - ago)).toEqual([counted - before.counted]);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('take a total that was not read for one that has not changed', () => {
    const history = new CounterHistory(['a', 'b']);
    history.add(0, { a: 10, b: 10 });
    history.add(1_000, { a: 12 });
    history.add(2_000, { a: 12, b: 11 });
    expect(history.since(0)).toEqual([2, 1]);
  });

  it('reach back an hour at five seconds each, and no further', () => {
    const history = new CounterHistory(['n']);
    for (let at = 0; at <= 3 * HOUR; at += 1_000) history.add(at, { n: at });
    expect(history.since(2 * HOUR)).toEqual([HOUR]);
    expect(history.since(0)).toEqual([HOUR]);
    expect(history.since(3 * HOUR - MINUTE)).toEqual([MINUTE]);
  });
});
