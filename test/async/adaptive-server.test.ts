import { describe, expect, it } from 'vitest';
import { AdaptiveLimit, type AdaptiveLimitOptions } from '../../src/async/adaptive-limit.js';
import { ManualClock } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';
import { SimulatedServer } from './simulated-server.js';

interface Second {
  /** Of the limit, over this second. */
  readonly limit: number;
  readonly lowest: number;
  readonly active: number;
  readonly succeeded: number;
  readonly dropped: number;
}

interface World {
  readonly limit: Partial<AdaptiveLimitOptions> & { max: number };
  readonly server: ConstructorParameters<typeof SimulatedServer>[2];
  readonly seed: number;
  /** The most calls there are to make at once. Default: no end of them. */
  readonly demand?: (second: number) => number;
  /** The size of the server from a second on. */
  readonly steps?: Readonly<Record<number, number>>;
  readonly seconds: number;
}

const TICK_MS = 50;

/** Makes calls as fast as the limit allows, for so long, and says what each second was like. */
function simulate({ limit, server: options, seed, demand, steps = {}, seconds }: World): Second[] {
  const clock = new ManualClock();
  const server = new SimulatedServer(clock, new SeededRandom(seed), options);
  const adaptive = new AdaptiveLimit({ min: 1, initial: 4, backoff: 0.8, ...limit }, () => {});
  let [active, succeeded, dropped, most] = [0, 0, 0, Number.POSITIVE_INFINITY];

  const fill = (): void => {
    while (active < Math.min(adaptive.limit, most)) {
      const stamp = adaptive.stamp();
      active++;
      server.call((answer) => {
        if (answer === 'ok') {
          succeeded++;
          adaptive.succeeded(stamp, active);
        } else {
          dropped++;
          adaptive.dropped(stamp);
        }
        active--;
        fill();
      });
    }
  };

  const lived = Array.from({ length: seconds }, (_, second) => {
    most = demand?.(second) ?? most;
    if (steps[second] !== undefined) server.resize(steps[second]);
    [succeeded, dropped] = [0, 0];
    const [limits, actives]: [number[], number[]] = [[], []];
    for (let at = 0; at < 1_000; at += TICK_MS) {
      fill();
      clock.advance(TICK_MS);
      limits.push(adaptive.limit);
      actives.push(active);
    }
    return { limit: mean(limits), lowest: Math.min(...limits), active: mean(actives), succeeded, dropped };
  });
  server.events.close();
  return lived;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The means of the seconds from one to another. */
function between(seconds: readonly Second[], from: number, to: number) {
  const part = seconds.slice(from, to);
  return {
    limit: mean(part.map((each) => each.limit)),
    perSecond: mean(part.map((each) => each.succeeded)),
    droppedShare: mean(part.map((each) => each.dropped)) / mean(part.map((each) => each.succeeded + each.dropped)),
  };
}

type Phase = readonly [what: string, from: number, size: 'whole' | 'part'];
/** Each of them 30 s after it began: the start, a step down, a step up. */
const PHASES: readonly Phase[] = [
  ['from its start', 30, 'whole'],
  ['after a step down', 90, 'part'],
  ['after a step up', 150, 'whole'],
];

describe('a server that refuses what it has no room for', () => {
  it.each([
    { servers: 4, queue: 0, serviceMs: 200 },
    { servers: 16, queue: 16, serviceMs: 100 },
    { servers: 40, queue: 0, serviceMs: 1_000 },
    { servers: 50, queue: 10, serviceMs: 2_000 },
    { servers: 200, queue: 20, serviceMs: 3_000 },
  ])('is used to within 20 % of its capacity in 30 s: %o', (server) => {
    const seed = seedOf(`refusing server of ${server.servers}`);
    const part = server.servers / 4;
    const seconds = simulate({
      limit: { max: 1_000 },
      server: { ...server, timeoutMs: 60_000 },
      seed,
      steps: { 60: part, 120: server.servers },
      seconds: 180,
    });
    for (const [what, from, size] of PHASES) {
      const servers = size === 'whole' ? server.servers : part;
      const { limit, perSecond } = between(seconds, from, from + 30);
      const room = servers + server.queue;
      expect(limit, what).toBeGreaterThan(0.8 * room);
      expect(limit, what).toBeLessThan(1.2 * room);
      // What it did in 30 s is random itself: 4 standard deviations beside the 20 %.
      const most = (servers * 1_000) / server.serviceMs;
      expect(perSecond, what).toBeGreaterThan(0.8 * most - 4 * Math.sqrt(most / 30));
    }
  });

  it('is refused by seldom: one call in a hundred, where it has some room', () => {
    const server = { servers: 50, queue: 10, serviceMs: 1_000, timeoutMs: 60_000 };
    const seconds = simulate({ limit: { max: 1_000 }, server, seed: seedOf('seldom refused'), seconds: 120 });
    expect(between(seconds, 30, 120).droppedShare).toBeLessThan(0.01);
  });

  it('is never left below the floor, nor above the bound', () => {
    const server = { servers: 2, queue: 0, serviceMs: 500, timeoutMs: 60_000 };
    const seed = seedOf('floor');
    const down = simulate({ limit: { min: 6, max: 40 }, server, seed, seconds: 60 });
    expect(Math.min(...down.map((each) => each.lowest))).toBe(6);
    const up = simulate({ limit: { min: 2, max: 9 }, server: { ...server, servers: 100 }, seed, seconds: 60 });
    expect(up.at(-1)).toMatchObject({ limit: 9, dropped: 0 });
  });

  it('is not believed to bear what was never asked of it', () => {
    const server = { servers: 100, queue: 0, serviceMs: 500, timeoutMs: 60_000 };
    const demand = (second: number): number => (second < 60 ? 5 : 1_000);
    const seconds = simulate({ limit: { max: 1_000 }, server, seed: seedOf('idle'), demand, seconds: 90 });
    expect(seconds[59]!.limit).toBeLessThanOrEqual(11);
    expect(between(seconds, 75, 90).limit).toBeGreaterThan(80);
  });
});

describe('a server that is too late for what it has no room for', () => {
  it.each([
    { servers: 20, serviceMs: 1_000, timeoutMs: 4_000 },
    { servers: 20, serviceMs: 500, timeoutMs: 2_000 },
  ])('is used to within 20 % of its capacity in 30 s: %o', (server) => {
    const seconds = simulate({
      limit: { max: 1_000 },
      server: { ...server, queue: Number.POSITIVE_INFINITY, stages: 4 },
      seed: seedOf(`late server of ${server.timeoutMs} ms`),
      steps: { 60: server.servers / 2, 120: server.servers },
      seconds: 180,
    });
    for (const [what, from, size] of PHASES) {
      const servers = size === 'whole' ? server.servers : server.servers / 2;
      const most = (servers * 1_000) / server.serviceMs;
      const { perSecond, limit } = between(seconds, from, from + 30);
      expect(perSecond, what).toBeGreaterThan(0.8 * most - 4 * Math.sqrt(most / 120));
      // More than that waits longer than the timeout.
      expect(limit, what).toBeLessThan((servers * server.timeoutMs) / server.serviceMs);
    }
  });
});
