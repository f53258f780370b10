import { channel } from 'node:diagnostics_channel';
import { expect, it } from 'vitest';
import { LeakWatches } from '../../src/memory/leak-watches.js';
import type { LeakWatching } from '../../src/memory/leaks/leak-watch.js';
import { MemoryEventSource } from '../../src/memory/memory-event-source.js';
import { resolveMemoryOptions } from '../../src/memory/memory-options.js';
import type { Trimmable } from '../../src/memory/trimmable.js';
import { CONTAINER_V2 } from '../core/control-groups.js';
import { ManualClock } from '../manual-clock.js';
import { leakyWorld, profileEnds, until } from './leaky-world.js';
import { ScriptedReader } from './scripted-reader.js';

const MB = 2 ** 20;
const MINUTE = 60_000;

it('a manager tells of a leak by its event, its channel, its figures and its log', async () => {
  const world = leakyWorld();
  const published: unknown[] = [];
  const listen = (message: unknown): void => void published.push(message);
  channel('hotpath:memory:leak').subscribe(listen);
  world.memory.watchLeaks();
  await world.leak(10);
  channel('hotpath:memory:leak').unsubscribe(listen);
  expect(world.leaks).toMatchObject([{ what: 'heap', mbPerMinute: expect.closeTo(2, 3) }]);
  expect(published).toEqual([{ namespace: 'default', ...world.leaks[0] }]);
  expect(world.warnings).toEqual(['hotpath memory: a leak: heap memory that is alive keeps growing']);
  expect(world.memory.stats()).toMatchObject({ leaks: 1, majorCollections: 60, isStarted: false });
  await world.memory.close();
});

it('counts to the limit by what the whole control group has in use', async () => {
  const world = leakyWorld();
  world.reader.files = {
    ...CONTAINER_V2,
    '/sys/fs/cgroup/memory.max': `${1_000 * MB}`,
    '/sys/fs/cgroup/memory.current': `${900 * MB}`,
    '/sys/fs/cgroup/memory.stat': `inactive_file ${100 * MB}\n`,
  };
  world.memory.watchLeaks();
  await world.leak(10);
  // Of 1,000 Mb 800 are in use, of which 150 by this process.
  expect(world.leaks[0]!.msToLimit / MINUTE).toBeCloseTo(100, 1);
  await world.memory.close();
});

it('counts a cache that is registered and fills for no leak', async () => {
  const world = leakyWorld();
  const cache = { bytes: 0, trim: () => 0 };
  world.memory.register('cache', cache);
  world.memory.register('silent', { trim: () => 0 });
  const watch = world.memory.watchLeaks();
  for (let minute = 0; minute < 20; minute += 0.5) {
    cache.bytes += MB;
    await world.leak(0.5);
  }
  expect(watch.verdict().heap).toEqual({ kind: 'registered' });
  expect(world.leaks).toEqual([]);
  await world.leak(30);
  expect(world.leaks.length).toBeGreaterThan(0);
  await world.memory.close();
});

it('tells of a leak sooner where it soon reaches a limit', async () => {
  const near = leakyWorld();
  const far = leakyWorld();
  far.reader.heapLimitMb = 100_000;
  far.reader.limitMb = 100_000;
  near.memory.watchLeaks();
  far.memory.watchLeaks();
  await Promise.all([near.leak(10), far.leak(10)]);
  expect([near.leaks.length, far.leaks.length]).toEqual([1, 0]);
  await far.leak(20);
  expect(far.leaks.length).toBeGreaterThan(0);
  await Promise.all([near.memory.close(), far.memory.close()]);
});

it('watches side by side tell of the same memory once, and take one profile of it', async () => {
  const world = leakyWorld({ gc: 'exposed' });
  for (const window of ['10m', '10m', '12m'] as const) world.memory.watchLeaks({ window, cooldown: '20m' });
  await world.leak(16);
  expect([world.leaks.length, world.memory.stats().leaks]).toEqual([1, 1]);
  await profileEnds(world);
  await world.leak(16);
  expect(world.leaks).toHaveLength(2);
  await profileEnds(world);
  expect(world.profiles).toHaveLength(2);
  expect(world.errors).toEqual([]);
  await world.memory.close();
});

it('a profile ends with a collection, which is told and counted as one on purpose', async () => {
  const world = leakyWorld({ gc: 'exposed' });
  const kept: object[] = [];
  world.memory.watchLeaks();
  await world.leak(9);
  await until(() => world.clock.pendingTimers > 0);
  for (let i = 0; i < 40_000; i++) kept.push({ i, list: [i, i, i, i] });
  await profileEnds(world);
  expect(world.profiles[0]).toMatchObject({ ms: 30_000 });
  expect(world.profiles[0]!.suspects.some(({ place }) => place.includes('manager-leaks.test.ts'))).toBe(true);
  expect(world.profiles[0]!.totalBytes / MB).toBeGreaterThan(1);
  expect(kept).toHaveLength(40_000);
  expect(world.collections).toEqual([{ level: 'normal', ms: expect.any(Number), freedBytes: expect.any(Number) }]);
  expect(world.memory.stats()).toMatchObject({ forcedCollections: 1, forcedCollectionMs: expect.any(Number) });
  await world.memory.close();
});

it('profiles lie apart by the shortest time between collections on purpose', async () => {
  const world = leakyWorld({ gc: 'exposed', gcInterval: '30m' });
  world.memory.watchLeaks({ cooldown: '2m' });
  await world.leak(9);
  await profileEnds(world);
  await world.leak(20);
  expect(world.leaks.length).toBeGreaterThan(5);
  expect(world.clock.pendingTimers).toBe(0);
  await world.leak(15);
  await profileEnds(world);
  expect(world.profiles).toHaveLength(2);
  expect(world.errors).toEqual([]);
  await world.memory.close();
});

it('a manager that never collects takes no profile, unless one is asked for', async () => {
  const never = leakyWorld({ gc: 'off' });
  never.memory.watchLeaks();
  await never.leak(10);
  // As long as loading the profiler would take.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([never.leaks.length, never.clock.pendingTimers]).toEqual([1, 0]);
  const asked = leakyWorld({ gc: 'off' });
  asked.memory.watchLeaks({ profile: '30s' });
  await asked.leak(9);
  await profileEnds(asked);
  expect(asked.profiles).toHaveLength(1);
  await Promise.all([never.memory.close(), asked.memory.close()]);
});

it('looks at nothing while the mode is off, and tells in observe', async () => {
  const world = leakyWorld({ mode: 'off' });
  const watch = world.memory.watchLeaks();
  await world.leak(60);
  expect(watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'points' });
  expect(world.leaks).toEqual([]);
  world.memory.mode = 'observe';
  await world.leak(10);
  expect(world.leaks).toHaveLength(1);
  // Of too few collections nobody is warned who did not want to see any.
  expect(world.warnings).toHaveLength(1);
  await world.memory.close();
});

it('close() ends the watches, and a profile under way without its result', async () => {
  const world = leakyWorld({ gc: 'exposed' });
  world.memory.watchLeaks();
  world.memory.watchLeaks({ window: '1h' });
  await world.leak(9);
  await until(() => world.clock.pendingTimers > 0);
  expect(world.reader.listeners).toBe(1);
  await world.memory.close();
  await until(() => world.clock.pendingTimers === 0);
  await world.leak(30);
  expect([world.reader.listeners, world.clock.pendingTimers]).toEqual([0, 0]);
  expect([world.leaks.length, world.profiles.length, world.collections.length]).toEqual([1, 0, 0]);
});

it('after close() a watch does nothing, and nothing is held that is registered', async () => {
  const world = leakyWorld();
  await world.memory.close();
  const watch = world.memory.watchLeaks();
  const unregister = world.memory.register('late', { trim: () => 0 });
  await world.leak(20);
  expect([world.reader.listeners, world.leaks.length]).toEqual([0, 0]);
  expect(watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'points' });
  expect(world.memory.stats().registered).toEqual([]);
  unregister();
  watch.stop();
  expect(() => world.memory.watchLeaks({ minPoints: 1 })).toThrow('minPoints must be');
  expect(() => world.memory.register('', { trim: () => 0 })).toThrow('name must be');
});

it('a watch that is stopped while a collection is told does not look at it any more', async () => {
  const world = leakyWorld();
  const watches: LeakWatching[] = [];
  let looks = 0;
  const stopsTheOther: Trimmable = {
    trim: () => 0,
    get bytes() {
      looks++;
      watches[1]?.stop();
      return 0;
    },
  };
  world.memory.register('hook', stopsTheOther);
  watches.push(world.memory.watchLeaks(), world.memory.watchLeaks());
  world.clock.advance(2 * MINUTE);
  world.reader.collect(100);
  const looksOfOne = looks;
  world.reader.collect(100);
  expect(looks).toBe(2 * looksOfOne);
  expect(looksOfOne).toBeGreaterThan(0);
  await world.memory.close();
});

it('forgets a watch that was stopped', () => {
  const clock = new ManualClock();
  const settings = resolveMemoryOptions({ clock, reader: new ScriptedReader() });
  let ends = 0;
  const watches = new LeakWatches({
    ...{ settings, events: new MemoryEventSource('default', undefined, clock) },
    collections: {
      on: () => () => {
        ends++;
      },
    },
    ...{ isOff: () => false, level: () => 'normal', registeredBytes: () => 0 },
  });
  watches.watch({}).stop();
  watches.watch({});
  watches.close();
  expect(ends).toBe(2);
});

it('warns once, after three windows, that there are too few collections to judge by', async () => {
  const world = leakyWorld();
  const warning = 'hotpath memory: too few major collections so far to see a leak: watch with a longer window';
  world.memory.watchLeaks();
  const warnedAfter = (collections: number): number => {
    for (let i = 0; i < collections; i++) {
      world.clock.advance(9 * MINUTE);
      world.reader.collect(100);
    }
    return world.warnings.filter((each) => each === warning).length;
  };
  expect(warnedAfter(4)).toBe(0);
  expect(warnedAfter(1)).toBe(1);
  expect(warnedAfter(4)).toBe(1);
  await world.memory.close();
});

it('begins anew to count the windows without a judgement when there was one', async () => {
  const world = leakyWorld();
  world.memory.watchLeaks({ window: '10s' });
  const collect = (times: number, everyMs: number): void => {
    for (let i = 0; i < times; i++) {
      world.clock.advance(everyMs);
      world.reader.collect(100);
    }
  };
  for (let cycle = 0; cycle < 5; cycle++) {
    collect(50, 400);
    collect(1, 10 * MINUTE);
  }
  expect(world.warnings).toEqual([]);
  await world.memory.close();
});
