import { describe, expect, it } from 'vitest';
import { SeededRandom, seedOf } from '../random.js';
import { between, byChance, byServers, byUsersAndServers, dyingAt, leaking, partlyCached } from './simulated-load.js';
import { evenly, type SimulatedRequest, served, taking } from './simulated-requests.js';
import { check, MINUTE, SECOND } from './throughput-world.js';

/** Verdicts from `fromMs` to `toMs`, each some seconds after the one before. */
function verdicts(requests: readonly SimulatedRequest[], fromMs: number, toMs: number): Set<boolean | null> {
  const found = new Set<boolean | null>();
  for (let now = fromMs; now < toMs; now += 13_700) found.add(check(requests, now, { offsetMs: 17 * SECOND }).met);
  return found;
}

describe('a service of which more is asked than it can answer', () => {
  it('is found to fall short from the second minute on, when it answers one after the other', () => {
    for (const [rate, capacity] of [
      [200, 60],
      [160, 80],
      [300, 95],
    ] as const) {
      const requests = served(capacity, evenly(rate, 0, 20 * MINUTE));
      expect(verdicts(requests, 100 * SECOND, 20 * MINUTE), `${rate}, ${capacity}`).toEqual(new Set([false]));
    }
  });

  it('is found to from the fourth minute on, when each answer takes long', () => {
    const random = new SeededRandom(seedOf('long answers, too few servers'));
    for (const [servers, mostSeconds] of [
      [20, 20],
      [60, 60],
      [60, 110],
    ] as const) {
      const latency = between(random, 0.5 * mostSeconds * SECOND, mostSeconds * SECOND);
      const requests = byServers(servers, latency, evenly(250, 0, 20 * MINUTE));
      expect(verdicts(requests, SECOND, 4 * MINUTE), `${mostSeconds} s`).not.toContain(true);
      expect(verdicts(requests, 4 * MINUTE, 20 * MINUTE), `${mostSeconds} s`).toEqual(new Set([false]));
    }
  });

  it('is found to by the ninth minute, when some answers pass the queue by, as from a cache', () => {
    const random = new SeededRandom(seedOf('past the queue'));
    const cached = evenly(200, 0, 20 * MINUTE).map((at) => ({ at, isHit: random.chance(0.3) }));
    const hits = cached.flatMap(({ at, isHit }) => (isHit ? [{ at, ms: 50 }] : []));
    const queued = cached.flatMap(({ at, isHit }) => (isHit ? [] : [at]));
    const requests = [...hits, ...served(20, queued)];
    expect(verdicts(requests, 9 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
  });

  it('is found to when its answers come in waves, with minutes of none between them', () => {
    const requests = byServers(160, () => 160 * SECOND, evenly(300, 0, 30 * MINUTE));
    expect(verdicts(requests, 9 * MINUTE, 30 * MINUTE)).toEqual(new Set([false]));
    // 95 a minute, 190 at once: right after a wave it is more than 100, on average over a few minutes.
    const nearly = byServers(190, () => 120 * SECOND, evenly(300, 0, 20 * MINUTE));
    const looks = Array.from({ length: 100 }, (_, i) => check(nearly, 6 * MINUTE + i * 8_300).met);
    expect(looks.filter((met) => met === false).length).toBeGreaterThan(55);
    expect(looks).not.toContain(null);
  });

  it('is found to when those who wait too long give up', () => {
    const gone = taking(45 * SECOND, evenly(150, 0, 20 * MINUTE)).map((each) => ({ ...each, hasFailed: true }));
    expect(verdicts(gone, 2 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
    const most = gone.map((each, i) => ({ ...each, hasFailed: i % 3 > 0 }));
    expect(verdicts(most, 2 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
    expect(check(most, 20 * MINUTE).reason).toMatch(/^6\d % of them failed$/);
  });

  it('is found to within two minutes, when it was quick before', () => {
    const random = new SeededRandom(seedOf('quick, then too much'));
    const arrivals = [...byChance(random, 40, 0, 10 * MINUTE), ...byChance(random, 200, 10 * MINUTE, 10 * MINUTE)];
    const requests = served(60, arrivals);
    expect(verdicts(requests, SECOND, 10 * MINUTE)).toEqual(new Set([null]));
    expect(verdicts(requests, 12 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
  });

  it('was not, when it took a while to answer a burst that is below the target', () => {
    const random = new SeededRandom(seedOf('a burst'));
    const requests = byServers(50, between(random, SECOND, MINUTE), evenly(5_400, 55 * SECOND, SECOND));
    expect(verdicts(requests, SECOND, 10 * MINUTE)).toEqual(new Set([null]));
  });
});

describe('a backlog of a service of which less is asked than the target', () => {
  it('counts once its requests have waited for five minutes', () => {
    // After so many minutes of too much, those that are answered have waited for five.
    for (const [rate, capacity, minutes] of [
      [80, 40, 12],
      [80, 60, 23],
      [60, 10, 9],
    ] as const) {
      const requests = served(capacity, evenly(rate, 0, 40 * MINUTE));
      expect(verdicts(requests, SECOND, (minutes - 3) * MINUTE), `${rate}, ${capacity}`).toEqual(new Set([null]));
      expect(verdicts(requests, minutes * MINUTE, 40 * MINUTE), `${rate}, ${capacity}`).toEqual(new Set([false]));
    }
  });

  it('is none of users who wait for each other', () => {
    // 20 of them, 60 a minute: a third of a minute each.
    const requests = byUsersAndServers(20, 1, () => SECOND, 20 * MINUTE);
    expect(verdicts(requests, 2 * MINUTE, 20 * MINUTE)).toEqual(new Set([null]));
  });

  it('is what too many users make when they all come at once', () => {
    const requests = byUsersAndServers(200, 1, () => SECOND, 20 * MINUTE);
    expect(verdicts(requests, 2 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
  });
});

describe('a service that dies', () => {
  it.each([20, 60, 150])(
    'is found to six minutes after its first request, when it never answered: %d a minute',
    (rate) => {
      const requests = dyingAt(0, taking(SECOND, evenly(rate, 0, 20 * MINUTE)));
      expect(verdicts(requests, SECOND, 5 * MINUTE)).toEqual(new Set([null]));
      expect(verdicts(requests, 6 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
    },
  );

  it('is found to within three minutes, when it was quick', () => {
    const requests = dyingAt(10 * MINUTE, taking(SECOND, evenly(60, 0, 20 * MINUTE)));
    expect(verdicts(requests, SECOND, 10 * MINUTE)).toEqual(new Set([null]));
    expect(verdicts(requests, 13 * MINUTE, 20 * MINUTE)).toEqual(new Set([false]));
  });

  it('is not taken for one by a few that wait, however long', () => {
    const requests = dyingAt(0, taking(SECOND, evenly(2, 0, 40 * MINUTE)));
    expect(verdicts(requests, SECOND, 40 * MINUTE)).toEqual(new Set([null]));
  });

  it('keeps up no longer, though it may just have become slow', () => {
    const requests = dyingAt(10 * MINUTE, taking(45 * SECOND, evenly(150, 0, 40 * MINUTE)));
    expect(verdicts(requests, 3 * MINUTE, 10 * MINUTE)).toEqual(new Set([true]));
    expect(verdicts(requests, 16 * MINUTE, 18 * MINUTE)).toEqual(new Set([null]));
    expect(verdicts(requests, 22 * MINUTE, 40 * MINUTE)).toEqual(new Set([false]));
  });

  it('drags down the figure of a service that kept up before', () => {
    const requests = dyingAt(10 * MINUTE, taking(SECOND, evenly(150, 0, 40 * MINUTE)));
    expect(verdicts(requests, 2 * MINUTE, 10 * MINUTE)).toEqual(new Set([true]));
    // Ten minutes of 150 are 100 a minute over a quarter of an hour.
    expect(verdicts(requests, 17 * MINUTE, 40 * MINUTE)).toEqual(new Set([false]));
  });

  it('is found to seven minutes later, when its answers took long', () => {
    const requests = dyingAt(5 * MINUTE, taking(45 * SECOND, evenly(60, 0, 30 * MINUTE)));
    expect(verdicts(requests, SECOND, 9 * MINUTE)).toEqual(new Set([null]));
    expect(verdicts(requests, 13 * MINUTE, 30 * MINUTE)).toEqual(new Set([false]));
  });

  it('is not taken for dead for a request now and then, whatever was left unread before', () => {
    const random = new SeededRandom(seedOf('now and then'));
    const leaked = leaking(random, 1, taking(SECOND, evenly(90, 0, 5 * MINUTE)));
    const latency = partlyCached(random, 0.3, between(random, SECOND, 10 * SECOND));
    const sparse = byChance(random, 1, 5 * MINUTE, 50 * MINUTE).map((at) => ({ at, ms: latency() }));
    expect(verdicts([...taking(SECOND, evenly(60, 0, MINUTE)), ...leaked, ...sparse], SECOND, 3 * MINUTE)).toEqual(
      new Set([null]),
    );
  });
});
