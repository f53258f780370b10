import { describe, expect, it } from 'vitest';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { checkThroughput } from '../../src/monitor/targets/throughput-target.js';
import { SeededRandom, seedOf } from '../random.js';
import {
  evenly,
  monitorOf,
  type SimulatedOptions,
  type SimulatedRequest,
  served,
  taking,
} from './simulated-requests.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function check(requests: readonly SimulatedRequest[], nowMs: number, options: SimulatedOptions = {}): TargetResult {
  return checkThroughput({ min: 100, demand: 'measured' }, monitorOf(requests, nowMs, options));
}

function queueOf(queued: number): AttachmentReading {
  return { name: 'jobs', kind: 'processor', counters: {}, gauges: { active: 1, queued }, reasons: {}, states: {} };
}

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
    for (let now = SECOND; now < 90 * SECOND; now += SECOND) expect(check(requests, now).met).toBeNull();
    for (let now = 90 * SECOND; now < HOUR; now += 10 * SECOND) {
      expect(check(requests, now)).toMatchObject({ met: false, actual: 0, samples: 0 });
    }
  });

  it('falls short with fewer requests too, where they wait on and on', () => {
    const requests = taking(Number.POSITIVE_INFINITY, evenly(60, 0, HOUR));
    for (let now = 0; now < 90 * SECOND; now += SECOND) expect(check(requests, now).met).toBeNull();
    for (let now = 91 * SECOND; now < 10 * MINUTE; now += 7 * SECOND) expect(check(requests, now).met).toBe(false);
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

describe('the minute under way', () => {
  const twice = evenly(200, 0, HOUR);

  it('counts with the time that has passed of it', () => {
    expect(check(served(80, twice), 10.5 * MINUTE)).toMatchObject({ met: false, samples: 840 });
  });

  it('is left out in its first tenth', () => {
    const lately = [...evenly(120, 0, MINUTE), ...evenly(6_000, MINUTE, 10 * SECOND)];
    expect(check(taking(10, lately), MINUTE + 5.9 * SECOND)).toMatchObject({ actual: 120, samples: 120 });
    expect(check(taking(10, lately), MINUTE + 6 * SECOND).samples).toBeGreaterThan(700);
  });

  it('is judged from the start when there is no other', () => {
    const result = check(taking(10, evenly(240, 0, MINUTE)), 2 * SECOND);
    expect(result).toMatchObject({ met: true, samples: 8, confidence: 'low', reason: 'judged by 2 s only' });
    expect(check([], 0)).toMatchObject({ met: null, actual: null, reason: 'nothing was asked for' });
    expect(check(taking(10, [0]), 0)).toMatchObject({ met: null, actual: null });
  });

  it('has no verdict while what is under way makes the difference', () => {
    expect(check(taking(3 * SECOND, evenly(120, 0, MINUTE)), 10 * SECOND)).toMatchObject({
      met: null,
      actual: 90,
      reason: 'too early to tell: requests are under way',
    });
  });
});

describe('the first minute', () => {
  it('counts from when the monitor was made', () => {
    const result = check(taking(10, evenly(120, 0, 20 * SECOND)), HOUR, { offsetMs: 40 * SECOND });
    expect(result).toMatchObject({ met: true, actual: 120, samples: 40, confidence: 'low' });
  });

  it('tells nothing when it was short and the next has just begun', () => {
    expect(check(taking(10, evenly(120, 0, 5 * SECOND)), 5 * SECOND, { offsetMs: 57 * SECOND })).toMatchObject({
      ...{ met: null, actual: 120, reason: 'too early to tell: requests are under way' },
    });
  });

  it('is left out when there was less than a tenth of it', () => {
    const result = check(taking(10, [100, 200]), HOUR, { offsetMs: 59 * SECOND });
    expect(result).toMatchObject({ met: null, reason: 'nothing was asked for' });
  });
});

describe('work that waits in a queue', () => {
  const slow = taking(SECOND, evenly(60, 0, 5 * MINUTE));

  it('is asked for in the minute under way', () => {
    expect(check(slow, 4.5 * MINUTE)).toMatchObject({ met: null, reason: expect.stringMatching(/^only 6\d a minute/) });
    expect(check(slow, 4.5 * MINUTE, { attachments: [queueOf(500)] })).toMatchObject({ met: false, actual: 60 });
  });

  it('is not much when it is not long', () => {
    expect(check(slow, 4.5 * MINUTE, { attachments: [queueOf(3)] }).met).toBeNull();
  });

  it('is asked for when nothing was ever begun', () => {
    expect(check([], 4.5 * MINUTE, { attachments: [queueOf(500)] })).toMatchObject({ met: false, actual: 0 });
  });

  it('is what is asked for when there is nothing else', () => {
    expect(check([], 4 * MINUTE + 30 * SECOND, { attachments: [queueOf(3)] })).toMatchObject({
      ...{ met: null, actual: null, reason: 'only 6 a minute were asked for' },
    });
  });

  it('is nothing where the attached says nothing of a queue', () => {
    const attachments = [{ ...queueOf(0), gauges: { entries: 5 } }];
    expect(check(slow, 4.5 * MINUTE, { attachments })).toEqual(check(slow, 4.5 * MINUTE));
  });
});

describe('a target that always holds', () => {
  const always = (requests: readonly SimulatedRequest[], nowMs: number): TargetResult =>
    checkThroughput({ min: 10, demand: 'always' }, monitorOf(requests, nowMs));

  it('is judged in every minute in which anything was asked for', () => {
    const light = taking(3 * SECOND, evenly(6, 10 * MINUTE, 5 * MINUTE));
    expect(always(light, HOUR)).toMatchObject({ met: false, actual: 6, samples: 30 });
    expect(always(taking(3 * SECOND, evenly(10, 10 * MINUTE, 5 * MINUTE)), HOUR)).toMatchObject({
      met: true,
      actual: 10,
    });
  });

  it('has no verdict without requests', () => {
    expect(always([], HOUR)).toMatchObject({ met: null, actual: null, reason: 'nothing was asked for' });
  });
});

describe('a window whose slots are shorter than a minute', () => {
  it.each([1, 7, 10, 45])('is judged by the minute: slots of %d s', (seconds) => {
    const options = { coarseMs: seconds * SECOND };
    const few = taking(3 * SECOND, evenly(50, 0, 10 * MINUTE));
    const enough = taking(3 * SECOND, evenly(110, 0, 10 * MINUTE));
    const tooMuch = served(60, evenly(200, 0, 10 * MINUTE));
    for (let now = 2 * MINUTE; now <= 10 * MINUTE; now += 3_700) {
      expect(check(few, now, options).met).toBeNull();
      expect(check(enough, now, options).met).not.toBe(false);
      expect(check(tooMuch, now, options).met).toBe(false);
    }
    expect(check(enough, 10 * MINUTE, options)).toMatchObject({ met: true, confidence: 'high' });
  });

  it('takes no single slow request for a backlog', () => {
    // Waves of quick requests below the target, and after each wave one that ends alone in its slot.
    const waves = Array.from({ length: 10 }, (_, i) => i * MINUTE);
    const requests = waves.flatMap((at) => [
      ...taking(3 * SECOND, evenly(285, at, 20 * SECOND)),
      { at: at + 5 * SECOND, ms: 40 * SECOND },
    ]);
    for (let now = 2 * MINUTE; now <= 9 * MINUTE; now += 3_700) {
      expect(check(requests, now, { coarseMs: SECOND }).met).toBeNull();
    }
  });
});
