import { describe, expect, it } from 'vitest';
import { SeededRandom, seedOf } from '../random.js';
import { FairnessWorld, type Load, p95 } from './fairness-world.js';

/** Simulated calls take about a second. */
const SERVICE_MS = 1_000;
/** What runs before the quiet group's times are taken: it finds the service taken when it first comes, whatever the rules. */
const WARM_UP_MS = 60_000;
/** Calls of the quiet group in each run: their p95 is known to a few percent. */
const CALLS = 4_000;

type Times = (random: SeededRandom) => () => number;

const exponential =
  (mean: number): Times =>
  (random) =>
  () =>
    -Math.log(1 - random.next()) * mean;

/** How long calls run: all as long, without memory, or with the long tail of model answers. */
const SERVICES: Record<string, Times> = {
  'as long as each other': () => () => SERVICE_MS,
  'exponential times': exponential(SERVICE_MS),
  'lognormal times': (random) => () =>
    0.8 *
    SERVICE_MS *
    Math.exp(0.6 * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())),
};

interface Noise {
  /** What the noisy groups do. @param rate - of the quiet group, in calls a second */
  readonly loads: (limit: number, service: Times, rate: number, seed: number) => Load[];
  readonly limits: readonly number[];
}

const NOISES: Record<string, Noise> = {
  'a group that always has ten times as many calls as slots': {
    limits: [4, 8, 16, 64],
    loads: (limit, service, _rate, seed) => [
      { group: 'noisy', always: 10 * limit, between: () => 0, service: service(new SeededRandom(seed)) },
    ],
  },
  'a group of ten times its load': {
    limits: [4, 8, 16, 64],
    loads: (_limit, service, rate, seed) => [
      {
        group: 'noisy',
        between: exponential(1_000 / rate / 10)(new SeededRandom(seed)),
        service: service(new SeededRandom(seed + 1)),
      },
    ],
  },
  'a group that comes in bursts': {
    limits: [4, 8, 16, 64],
    loads: (limit, service, _rate, seed) => [
      {
        group: 'noisy',
        between: exponential(20_000)(new SeededRandom(seed)),
        burst: () => 12 * limit,
        service: service(new SeededRandom(seed + 1)),
      },
    ],
  },
  'a group of calls ten times as long, all in step': {
    limits: [4, 8, 16, 64],
    loads: (limit) => [{ group: 'noisy', always: 4 * limit, between: () => 0, service: () => 10 * SERVICE_MS }],
  },
  'four groups that always have many calls': {
    limits: [16, 64],
    loads: (limit, service, _rate, seed) =>
      [1, 2, 3, 4].map((nth) => ({
        group: `noisy ${nth}`,
        always: 2 * limit,
        between: () => 0,
        service: service(new SeededRandom(seed + nth)),
      })),
  },
};

/** Slots that the quiet group uses on average, by its fair share: it is quiet. */
const QUIET = 0.2;

function quietLoad(rate: number, service: Times, seed: number): Load {
  return {
    group: 'quiet',
    between: exponential(1_000 / rate)(new SeededRandom(seed)),
    service: service(new SeededRandom(seed + 1)),
  };
}

describe('a quiet group beside noisy ones', () => {
  const seed = seedOf('fairness');

  for (const [noise, { limits, loads }] of Object.entries(NOISES)) {
    it(`has at most 1.3 times its own p95 beside ${noise}`, () => {
      for (const limit of limits) {
        for (const [times, service] of Object.entries(SERVICES)) {
          const noisyGroups = loads(limit, service, 1, seed).length;
          const rate = (QUIET * limit) / (noisyGroups + 1) / (SERVICE_MS / 1_000);
          const latency = (others: Load[]): number =>
            p95(
              new FairnessWorld(limit, [quietLoad(rate, service, seed + 100), ...others])
                .warmUp(WARM_UP_MS)
                .run((CALLS / rate) * 1_000)
                .latenciesOf('quiet'),
            );
          const ratio = latency(loads(limit, service, rate, seed + 200)) / latency([]);
          expect(ratio, `limit ${limit}, ${times}`).toBeLessThanOrEqual(1.3);
        }
      }
    });
  }

  it('costs the noisy group no more than the slots that are kept', () => {
    for (const limit of [4, 8, 16, 64]) {
      const service = SERVICES['exponential times']!;
      const world = new FairnessWorld(limit, [
        quietLoad((QUIET * limit) / 2, service, seed),
        { group: 'noisy', always: 10 * limit, between: () => 0, service: service(new SeededRandom(seed + 1)) },
      ])
        .warmUp(WARM_UP_MS)
        .run(600_000);
      // Its own share in any case.
      expect(world.slotsOf('noisy'), `limit ${limit}`).toBeGreaterThan(0.45 * limit);
    }
  });
});

describe('groups that all want more than their share', () => {
  it('have as many slots as each other, and none stays free', () => {
    const seed = seedOf('equal groups');
    for (const limit of [4, 7, 16]) {
      const groups = ['a', 'b', 'c'];
      const world = new FairnessWorld(
        limit,
        groups.map((group, nth) => ({
          group,
          always: limit * (1 + 10 * nth),
          between: () => 0,
          service: SERVICES['exponential times']!(new SeededRandom(seed + nth)),
        })),
      )
        .warmUp(WARM_UP_MS)
        .run(2_000_000);
      for (const group of groups)
        expect(world.slotsOf(group) / (limit / 3), `${group} of ${limit}`).toBeCloseTo(1, 0.7);
      expect(world.active).toBe(limit);
    }
  });
});
