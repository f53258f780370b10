import { describe, expect, it } from 'vitest';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import { evenly, type SimulatedRequest, served, taking } from './simulated-requests.js';
import { check, HOUR, judge, MINUTE, SECOND } from './throughput-world.js';

function queueOf(queued: number): AttachmentReading {
  return { name: 'jobs', kind: 'processor', counters: {}, gauges: { active: 1, queued }, reasons: {}, states: {} };
}

describe('the minute under way', () => {
  const twice = evenly(200, 0, HOUR);

  it('counts with the time that has passed of it', () => {
    expect(check(served(80, twice), 10.5 * MINUTE)).toMatchObject({ met: false, actual: 80 });
  });

  it('is left out in its first tenth', () => {
    const lately = [...evenly(120, 0, MINUTE), ...evenly(6_000, MINUTE, 10 * SECOND)];
    expect(check(taking(10, lately), MINUTE + 5.9 * SECOND)).toMatchObject({ actual: 120, samples: 120 });
    expect(check(taking(10, lately), MINUTE + 6 * SECOND).samples).toBeGreaterThan(700);
  });

  it('is shown from the start, and judged when it is whole', () => {
    const requests = taking(10, evenly(240, 0, 2 * MINUTE));
    const early = { met: null, actual: 240, samples: 8, confidence: 'low' };
    expect(check(requests, 2 * SECOND)).toMatchObject({
      ...early,
      reason: 'too early to tell: requests are under way',
    });
    expect(check(requests, 61 * SECOND)).toMatchObject({ met: true, actual: 240 });
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
  const always = (requests: readonly SimulatedRequest[], nowMs: number) =>
    judge({ min: 10, demand: 'always' }, requests, nowMs);

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
