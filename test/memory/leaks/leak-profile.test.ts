import { Session } from 'node:inspector/promises';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';
import { takeProfileTurn } from '../../../src/core/profiling/profile-turn.js';
import { takeLeakProfile } from '../../../src/memory/leaks/leak-profile.js';
import { flushMicrotasks, ManualClock } from '../../manual-clock.js';
import { LeakWorld, MB } from './leak-world.js';

const kept: object[] = [];
afterEach(() => {
  kept.length = 0;
});

function keepsWhatItMakes(): void {
  for (let i = 0; i < 40_000; i++) kept.push({ i, text: `kept ${i}`, list: [i, i, i, i] });
}

/** Lets what waits for the inspector go on. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo() && turns < 1_000; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
}

function leak(world: LeakWorld): void {
  world.run(600_000, 10_000, (atMs) => 50 * MB + (atMs / 60_000) * 2 * MB);
}

it('names the function that keeps what it makes', async () => {
  const clock = new ManualClock();
  const end = new AbortController();
  const taken = takeLeakProfile({ clock, ms: 30_000, end: end.signal, collecting: (stop) => stop() });
  await until(() => clock.pendingTimers === 1);
  keepsWhatItMakes();
  clock.advance(30_000);
  const profile = await taken;
  expect(profile).toMatchObject({ ms: 30_000 });
  expect(profile!.suspects.length).toBeLessThanOrEqual(10);
  const suspect = profile!.suspects.find(({ name }) => name === 'keepsWhatItMakes');
  expect(suspect!.place).toMatch(/^test\/memory\/leaks\/leak-profile\.test\.ts:\d+$/);
  expect(suspect!.bytes / MB).toBeGreaterThan(1);
  expect(profile!.totalBytes).toBeGreaterThanOrEqual(suspect!.bytes);
});

it('is started by a suspicion, and told when it is over', async () => {
  const world = new LeakWorld({ profile: '30s' });
  leak(world);
  await until(() => world.clock.pendingTimers === 1);
  keepsWhatItMakes();
  world.clock.advance(30_000);
  await until(() => world.profiles.length > 0);
  expect(world.profiles).toMatchObject([{ ms: 30_000 }]);
  expect(world.troubles).toEqual([]);
});

it('is ended by stop(), without a result, and lets the next one in', async () => {
  const world = new LeakWorld({ profile: '30s' });
  leak(world);
  await until(() => world.clock.pendingTimers === 1);
  world.watch.stop();
  await until(() => world.clock.pendingTimers === 0);
  await flushMicrotasks();
  const giveBack = takeProfileTurn();
  expect(giveBack).toBeDefined();
  giveBack?.();
  expect([world.profiles, world.troubles]).toEqual([[], []]);
});

it('leaves no profiler behind when it is ended', async () => {
  const clock = new ManualClock();
  const end = new AbortController();
  const session = new Session();
  session.connect();
  const taken = takeLeakProfile({ clock, ms: 30_000, end: end.signal, collecting: (stop) => stop() });
  await until(() => clock.pendingTimers === 1);
  await session.post('HeapProfiler.getSamplingProfile');
  end.abort();
  expect(await taken).toBeUndefined();
  await expect(session.post('HeapProfiler.getSamplingProfile')).rejects.toThrow('was not started');
  session.disconnect();
});

it('is left out, and said to be, while another profile runs', async () => {
  const giveBack = takeProfileTurn()!;
  const world = new LeakWorld({ profile: '30s' });
  leak(world);
  await flushMicrotasks();
  giveBack();
  expect(world.leaks).toHaveLength(1);
  expect(world.troubles).toMatchObject([{ error: { code: 'PROFILE_RUNNING' }, during: 'the heap profile of a leak' }]);
});

it('is not taken of buffers, nor where it is switched off', async () => {
  const world = new LeakWorld({ profile: '30s' });
  world.memory = 500 * MB;
  for (let i = 0; i < 60; i++) {
    world.external += MB / 2;
    world.collect(10_000);
  }
  const off = new LeakWorld({ profile: false });
  leak(off);
  await flushMicrotasks();
  expect([world.leaks.length, off.leaks.length]).toEqual([1, 1]);
  expect(world.clock.pendingTimers + off.clock.pendingTimers).toBe(0);
});

it('takes its time from the real clock as well', async () => {
  const end = new AbortController().signal;
  const profile = await takeLeakProfile({ clock: systemClock(), ms: 10, end, collecting: (stop) => stop() });
  expect(profile!.ms).toBeGreaterThanOrEqual(9);
});
