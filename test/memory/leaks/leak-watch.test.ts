import { expect, it } from 'vitest';
import { flushMicrotasks } from '../../manual-clock.js';
import { LeakWorld, MB } from './leak-world.js';

const MINUTE = 60_000;
/** 2 Mb a minute on 50. */
const leaking = (atMs: number): number => 50 * MB + (atMs / MINUTE) * 2 * MB;

it('tells of growth within its window, with the figures that say so', () => {
  const world = new LeakWorld();
  world.run(10 * MINUTE, 10_000, leaking);
  const [leak] = world.leaks;
  expect(world.leaks).toHaveLength(1);
  expect(leak!.mbPerMinute).toBeCloseTo(2, 3);
  expect(leak!.lowestMbPerMinute).toBeCloseTo(2, 2);
  expect(leak).toMatchObject({ what: 'heap', confidence: expect.closeTo(1, 2) });
  expect(leak!.growth).toBeGreaterThan(0.25);
  expect(leak!.points).toBeGreaterThan(40);
  // The heap's limit is nearer than that of the process.
  expect(leak!.msToLimit).toBeCloseTo(((1_000 - leak!.liveMb) / 2) * MINUTE, -3);
});

it('counts to the limit of the process where that is nearer, and to none that is passed', () => {
  const world = new LeakWorld({}, 300 * MB);
  world.run(10 * MINUTE, 10_000, leaking);
  expect(world.leaks[0]!.msToLimit).toBeCloseTo(50 * MINUTE, -3);
  const over = new LeakWorld({}, 100 * MB);
  over.run(10 * MINUTE, 10_000, leaking);
  expect(over.leaks[0]!.msToLimit).toBe(0);
});

it('tells again when it persists, once a cool-down', () => {
  const world = new LeakWorld({ cooldown: '20m' });
  world.run(60 * MINUTE, 10_000, leaking);
  expect(world.leaks).toHaveLength(3);
  const everyWindow = new LeakWorld();
  everyWindow.run(60 * MINUTE, 10_000, leaking);
  expect(everyWindow.leaks).toHaveLength(6);
});

it('falls silent when growth ends', () => {
  const world = new LeakWorld();
  world.run(60 * MINUTE, 10_000, (at) => leaking(Math.min(at, 12 * MINUTE)));
  expect(world.leaks.length).toBeLessThanOrEqual(2);
  expect(world.watch.verdict().heap).toEqual({ kind: 'flat' });
});

it('tells of buffers apart from the heap', () => {
  const world = new LeakWorld();
  world.memory = 500 * MB;
  for (let i = 0; i < 60; i++) {
    world.external += MB / 2;
    world.collect(10_000);
  }
  expect(world.leaks.map(({ what }) => what)).toEqual(['external']);
  expect(world.leaks[0]!.mbPerMinute).toBeCloseTo(3, 2);
  // Of heap and buffers together: of the few buffers alone it would be many times as much.
  expect(world.leaks[0]!.growth).toBeLessThan(1);
});

it('does not count what buffers grow by when the heap is large beside it', () => {
  const world = new LeakWorld();
  for (let i = 0; i < 60; i++) {
    world.external += MB / 15;
    world.collect(10_000);
  }
  expect(world.leaks).toEqual([]);
  expect(world.watch.verdict().external).toEqual({ kind: 'small' });
});

it('says that a quiet service has too few collections', () => {
  const world = new LeakWorld();
  world.run(60 * MINUTE, 10 * MINUTE, leaking);
  expect(world.watch.verdict()).toMatchObject({ heap: { kind: 'insufficient', why: 'points' } });
  expect(world.leaks).toEqual([]);
});

it('says that collections stand in too small a part of the window', () => {
  const world = new LeakWorld();
  world.run(4 * MINUTE, 10_000, leaking);
  expect(world.watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'time' });
});

it('forgets when nothing is collected any more', () => {
  const world = new LeakWorld();
  world.run(10 * MINUTE, 10_000, leaking);
  expect(world.watch.verdict().heap).toMatchObject({ kind: 'leak', report: { what: 'heap' } });
  world.clock.advance(11 * MINUTE);
  expect(world.watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'points' });
});

it('takes no notice of minor collections, nor of what is alive while the process warms up', () => {
  const world = new LeakWorld({ warmUp: '30m' });
  world.run(30 * MINUTE - 1, 10_000, leaking);
  world.collect(30 * MINUTE, 90 * MB, 'minor');
  expect(world.watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'points' });
});

it('reports figures that cannot be read, and goes on', () => {
  const world = new LeakWorld();
  world.broken = true;
  world.collect(2 * MINUTE);
  expect(world.troubles).toMatchObject([{ error: { message: 'no figures' }, during: 'a look for leaks' }]);
  world.broken = false;
  world.run(10 * MINUTE, 10_000, leaking);
  expect(world.leaks).toHaveLength(1);
});

it('tells of a leak that could not be told of as soon as it can', () => {
  const world = new LeakWorld({ cooldown: '1h' });
  world.isRssBroken = true;
  world.run(10 * MINUTE, 10_000, leaking);
  expect(world.leaks).toEqual([]);
  expect(world.troubles[0]).toMatchObject({ error: { message: 'no file descriptors' }, during: 'a look for leaks' });
  world.isRssBroken = false;
  world.run(MINUTE, 10_000, (at) => leaking(at));
  expect(world.leaks).toHaveLength(1);
});

it('counts collections that are told of together as one: their figures are the same', () => {
  const world = new LeakWorld();
  for (let i = 1; i <= 30; i++) world.collectTogether(20_000, 5, leaking(i * 20_000));
  expect(world.leaks[0]!.points).toBeLessThanOrEqual(30);
  const quiet = new LeakWorld();
  for (let i = 1; i <= 7; i++) quiet.collectTogether(2 * MINUTE, 5, leaking(i * 2 * MINUTE));
  expect(quiet.watch.verdict().heap).toEqual({ kind: 'insufficient', why: 'points' });
});

it('remembers a rise that came down again for longer than it remembers each stretch', () => {
  const world = new LeakWorld({ window: '1m', cooldown: 0 });
  // By 40 Mb in the first 4 minutes of every 40, down at once: a job.
  const job = (at: number): number => {
    const minutes = (at / MINUTE) % 40;
    return (50 + (minutes < 4 ? 10 * minutes : 0)) * MB;
  };
  world.run(39 * MINUTE, 2_000, job);
  const ofTheFirst = world.leaks.length;
  expect(ofTheFirst).toBeGreaterThan(0);
  world.run(80 * MINUTE, 2_000, job);
  expect(world.leaks).toHaveLength(ofTheFirst);
});

it('ends its subscription with stop(), twice the same', async () => {
  const world = new LeakWorld();
  expect(world.subscribed).toBe(1);
  world.watch.stop();
  world.watch.stop();
  expect(world.subscribed).toBe(0);
  world.run(20 * MINUTE, 10_000, leaking);
  await flushMicrotasks();
  expect(world.leaks).toEqual([]);
  expect(world.clock.pendingTimers).toBe(0);
});
