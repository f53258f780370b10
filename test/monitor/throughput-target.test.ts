import { describe, expect, it } from 'vitest';
import { SeededRandom, seedOf } from '../random.js';
import { evenly, type SimulatedRequest, served, taking } from './simulated-requests.js';
import { check, HOUR, MINUTE, SECOND } from './throughput-world.js';

describe('throughput of a system of which little is asked', () => {
  it('has no verdict and no figure when nothing was ever asked for', () => {
    expect(check([], HOUR)).toEqual({
      met: null,
      actual: null,
      target: 100,
      unit: 'perMinute',
      bound: 'min',
      samples: 0,
      confidence: 'low',
      reason: 'nothing was asked for',
    });
  });

  it('has no verdict, and says how much was asked for', () => {
    expect(check(taking(50, evenly(12, 0, HOUR)), HOUR)).toMatchObject({
      met: null,
      actual: 12,
      samples: 720,
      reason: 'only 12 a minute were asked for',
    });
    expect(check(taking(50, [10 * SECOND]), 4 * MINUTE)).toMatchObject({
      actual: 0.25,
      reason: 'only 1 a minute were asked for',
    });
  });

  it('names the busiest minute, never rounded up to the target', () => {
    const requests = taking(50, [...evenly(12, 0, 10 * MINUTE), ...evenly(99.5, 10 * MINUTE, 2 * MINUTE)]);
    const result = check(requests, HOUR, { coarseMs: 2 * MINUTE });
    expect(result).toMatchObject({ met: null, reason: 'only 99 a minute were asked for' });
  });

  it('has no verdict a little below the target, though what is under way from before would make up for it', () => {
    for (const ms of [3 * SECOND, 20 * SECOND, 30 * SECOND]) {
      const requests = taking(ms, evenly(97, 0, HOUR));
      for (let now = SECOND; now <= 5 * MINUTE; now += 1_700) expect(check(requests, now).met).toBeNull();
      expect(check(requests, HOUR).reason).toBe('only 97 a minute were asked for');
    }
  });
});

describe('throughput of a system that keeps up', () => {
  it('is what was asked for, at the target and above', () => {
    expect(check(taking(50, evenly(100, 0, HOUR)), HOUR)).toEqual({
      met: true,
      actual: 100,
      target: 100,
      unit: 'perMinute',
      bound: 'min',
      samples: 6_000,
      confidence: 'high',
    });
    expect(check(taking(50, evenly(300, 0, HOUR)), HOUR)).toMatchObject({ met: true, actual: 300 });
  });

  it('is judged by the busy minutes only', () => {
    const busy = [...evenly(120, 5 * MINUTE, 2 * MINUTE), ...evenly(180, 20 * MINUTE, MINUTE)];
    const requests = taking(50, [...busy, ...evenly(10, 30 * MINUTE, 5 * MINUTE)]);
    expect(check(requests, HOUR)).toMatchObject({ met: true, actual: 140, samples: 420 });
  });

  it('does not suffer from requests that begin in one minute and end in the next', () => {
    // One busy minute, and 5 of its 100 requests end after it.
    const requests = taking(3 * SECOND, evenly(100, 0, MINUTE));
    expect(check(requests, HOUR)).toMatchObject({ met: true, actual: 100, samples: 100 });
    for (let now = 0; now <= 3 * MINUTE; now += 490) expect(check(requests, now).met).not.toBe(false);
    // As soon as the last of them has ended, that is certain.
    expect(check(requests, MINUTE + 2 * SECOND).met).toBeNull();
    expect(check(requests, MINUTE + 3 * SECOND).met).toBe(true);
  });

  it('does not suffer from a burst at the end of a minute', () => {
    const requests = taking(3 * SECOND, evenly(6_000, 58 * SECOND, SECOND));
    expect(check(requests, HOUR)).toMatchObject({ met: true, actual: 100, samples: 100 });
    for (let now = 0; now <= 3 * MINUTE; now += 490) expect(check(requests, now).met).not.toBe(false);
  });

  it('does not suffer from slow answers', () => {
    expect(check(taking(30 * SECOND, evenly(100, 0, HOUR)), HOUR)).toMatchObject({ met: true, actual: 100 });
  });

  it('does not suffer from a burst below the target that is answered in the next minute', () => {
    const burst = evenly(5_400, 55 * SECOND, SECOND);
    const requests = taking(20 * SECOND, [...burst, ...evenly(10, MINUTE, 5 * MINUTE)]);
    for (let now = 0; now <= 3 * MINUTE; now += 490) expect(check(requests, now).met).toBeNull();
  });

  it.each([1, 60])('does not suffer from a few that take long: slots of %d s', (seconds) => {
    const requests = evenly(105, 0, 10 * MINUTE).map((at, i) => ({ at, ms: i % 13 === 0 ? 50 * SECOND : 3 * SECOND }));
    for (let now = 0; now <= 12 * MINUTE; now += 2_900) {
      expect(check(requests, now, { coarseMs: seconds * SECOND }).met).not.toBe(false);
    }
    expect(check(requests, 10 * MINUTE, { coarseMs: seconds * SECOND }).met).toBe(true);
  });

  it('is never found to fall short, whatever comes when and at whatever moment it is judged', () => {
    const random = new SeededRandom(seedOf('a system that keeps up'));
    for (let run = 0; run < 30; run++) {
      const requests: SimulatedRequest[] = [];
      const longest = random.pick([100, 3 * SECOND, 30 * SECOND]);
      const rate = random.pick([30, 90, 105, 250]);
      for (let at = 0; at < 8 * MINUTE; at += -Math.log(1 - random.next()) * (MINUTE / rate)) {
        for (let n = random.chance(0.02) ? random.below(60) : 1; n > 0; n--) {
          requests.push({ at, ms: random.next() * longest });
        }
      }
      const offsetMs = random.below(MINUTE);
      for (let now = random.below(5_000); now < 9 * MINUTE; now += 1 + random.below(7_000)) {
        expect(check(requests, now, { offsetMs }).met).not.toBe(false);
      }
    }
  });
});

describe('throughput of a system that falls short', () => {
  it('is what was answered, while more was asked for', () => {
    const result = check(served(60, evenly(200, 0, 20 * MINUTE)), 20 * MINUTE);
    expect(result).toMatchObject({ met: false, target: 100, confidence: 'high' });
    expect(result.actual).toBeCloseTo(60, 0);
  });

  it('is told from the second minute on, and as long as the backlog lasts', () => {
    const requests = served(80, evenly(160, 0, 5 * MINUTE));
    for (let now = 2 * MINUTE; now <= 10 * MINUTE; now += SECOND) {
      const { met, actual } = check(requests, now);
      expect(met).toBe(false);
      expect(actual).toBeGreaterThan(75);
      expect(actual).toBeLessThan(82);
    }
  });

  it('is told from one that does not by a request a minute', () => {
    const much = evenly(200, 0, HOUR);
    expect(check(served(101, much), HOUR).met).toBe(true);
    expect(check(served(99, much), HOUR).met).toBe(false);
  });

  it('is told by a single minute that takes long to answer', () => {
    const result = check(served(60, evenly(150, 5 * MINUTE, MINUTE)), HOUR);
    expect(result.met).toBe(false);
    expect(result.actual).toBeCloseTo(60, -1);
  });

  it('falls to nothing where nothing is answered', () => {
    const requests = taking(Number.POSITIVE_INFINITY, evenly(150, 0, 3 * MINUTE));
    // One that has never answered may be one that takes minutes: it is given five, and the minute of the last request.
    for (let now = SECOND; now < 6 * MINUTE; now += SECOND) expect(check(requests, now).met).toBeNull();
    for (let now = 6 * MINUTE + SECOND; now < HOUR; now += 10 * SECOND) {
      expect(check(requests, now)).toMatchObject({ met: false, actual: 0 });
    }
  });

  it('falls short with fewer requests too, where they wait on and on', () => {
    const requests = taking(Number.POSITIVE_INFINITY, evenly(60, 0, HOUR));
    for (let now = 0; now < 6 * MINUTE; now += SECOND) expect(check(requests, now).met).toBeNull();
    for (let now = 6 * MINUTE + SECOND; now < 10 * MINUTE; now += 7 * SECOND)
      expect(check(requests, now).met).toBe(false);
  });

  it('is never found to be met, at random rates above and below the target', () => {
    const random = new SeededRandom(seedOf('a system that falls short'));
    for (let run = 0; run < 30; run++) {
      const requests = served(20 + random.below(70), evenly(120 + random.below(200), 0, 6 * MINUTE));
      const offsetMs = random.below(MINUTE);
      for (let now = 3 * MINUTE; now < 6 * MINUTE; now += 1 + random.below(5_000)) {
        expect(check(requests, now, { offsetMs }).met).toBe(false);
      }
    }
  });
});

describe('requests that began before the window', () => {
  it('are no demand of it, and what was answered is still told', () => {
    const result = check(taking(3 * SECOND, evenly(6_000, 58 * SECOND, SECOND)), 61 * MINUTE);
    expect(result).toMatchObject({ met: null, actual: 100 / 60, samples: 100, reason: 'nothing was asked for' });
  });
});

describe('requests that never end', () => {
  it('are no demand of the minutes after, while others are answered quickly', () => {
    const stuck = taking(Number.POSITIVE_INFINITY, evenly(90, 0, 3 * MINUTE));
    const light = taking(100, evenly(5, 0, HOUR));
    expect(check([...stuck, ...light], HOUR)).toMatchObject({ met: null, reason: 'only 95 a minute were asked for' });
  });

  it('are no demand of minutes in which nothing moves', () => {
    const stuck = taking(Number.POSITIVE_INFINITY, evenly(90, 0, MINUTE));
    expect(check(stuck, HOUR)).toMatchObject({ met: null, actual: 0, reason: 'only 90 a minute were asked for' });
    expect(check(stuck, 2 * HOUR)).toMatchObject({ met: null, actual: null, reason: 'nothing was asked for' });
  });
});
