import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LeakWorld, MB } from './leak-world.js';

/** Written by record-series.ts, by real processes: what was alive after each major collection of a run of 15 s. */
interface RecordedPoint {
  readonly atMs: number;
  readonly bytes: number;
  readonly externalBytes: number;
  /** What a cache said it holds, where there is one. */
  readonly registered?: number;
}

const RUN_MS = 15_000;
const SCALES = [
  ['a second for each recorded one', 1],
  ['a minute for each recorded second', 60],
  ['an hour for each recorded second', 3_600],
] as const;

function seriesOf(name: string): RecordedPoint[] {
  return JSON.parse(readFileSync(new URL(`series/${name}.json`, import.meta.url), 'utf8')) as RecordedPoint[];
}

/** The run as one window or two, as slow as the scale says. */
function replay(name: string, scale: number, windows: number, isRegistered = true): LeakWorld {
  const window = (RUN_MS * scale) / windows;
  const world = new LeakWorld({ window, cooldown: 10 * window });
  // As it was recorded.
  world.heapLimit = 90 * MB;
  world.memory = 600 * MB;
  let at = 0;
  for (const { atMs, bytes, externalBytes, registered = 0 } of seriesOf(name)) {
    world.external = externalBytes;
    world.registered = isRegistered ? registered : 0;
    world.collect((atMs - at) * scale, bytes);
    at = atMs;
  }
  // The last stretch is over when the next collection tells of it.
  const last = seriesOf(name).at(-1)!;
  world.external = last.externalBytes;
  world.collect(Math.max(0, RUN_MS - at) * scale + 1, last.bytes);
  return world;
}

/** Mb in a run, and what they are. */
const PLANTED = {
  'slow-leak': { mb: 6, what: 'heap' },
  'fast-leak': { mb: 30, what: 'heap' },
  'leak-below-sawtooth': { mb: 20, what: 'heap' },
  'buffer-leak': { mb: 24, what: 'external' },
} as const;
/** A table of a million places, of which 20 bytes each. */
const SET_MB = 20;
const FILLS = ['linear-fill', 'long-fill'];
const LONGER = [...FILLS, 'doubling-set', 'burst-then-leak', 'daily-ramp'];
const HARMLESS = ['flat', 'sawtooth', 'slow-sawtooth', 'warm-up', 'step', 'two-steps'];

describe.each(SCALES)('recorded series, %s', (_, scale) => {
  it.each(HARMLESS)('%s is no leak', (name) => {
    for (const windows of [1, 2]) expect(replay(name, scale, windows).leaks).toEqual([]);
  });

  it.each(Object.entries(PLANTED))('%s is told within its window, by how much it is', (name, { mb, what }) => {
    const { leaks, toldAtMs } = replay(name, scale, 1);
    expect(leaks.map((leak) => leak.what)).toEqual([what]);
    expect(toldAtMs[0]).toBeLessThanOrEqual(RUN_MS * scale + 1);
    const planted = mb / ((RUN_MS * scale) / 60_000);
    expect(leaks[0]!.mbPerMinute / planted).toBeGreaterThan(0.7);
    expect(leaks[0]!.mbPerMinute / planted).toBeLessThan(1.4);
    expect(leaks[0]!.lowestMbPerMinute).toBeGreaterThan(0);
    expect(leaks[0]!.highestMbPerMinute).toBeGreaterThan(leaks[0]!.mbPerMinute);
  });
});

/** Share of the run that a report came at. */
const sharesOf = ({ toldAtMs }: LeakWorld, scale: number): number[] => toldAtMs.map((at) => at / scale / RUN_MS);

describe.each(SCALES)('recorded series of a longer time, %s', (_, scale) => {
  it.each(FILLS)('%s of a cache that is registered is no leak; not registered, it looks like one', (name) => {
    for (const windows of [1, 2, 4]) expect(replay(name, scale, windows).leaks).toEqual([]);
    expect(replay(name, scale, 2, false).leaks).toMatchObject([{ what: 'heap' }]);
  });

  it('a set that keeps all it is given, whose table doubles, is told of', () => {
    const world = replay('doubling-set', scale, 4);
    expect(world.leaks).toMatchObject([{ what: 'heap' }]);
    const planted = SET_MB / ((RUN_MS * scale) / 60_000);
    expect(world.leaks[0]!.mbPerMinute / planted).toBeGreaterThan(0.5);
    expect(world.leaks[0]!.mbPerMinute / planted).toBeLessThan(2);
  });

  it('a leak after a burst is told of within a window and a bit, by how much it is', () => {
    const world = replay('burst-then-leak', scale, 4);
    const [at] = sharesOf(world, scale);
    expect(at).toBeGreaterThan(0.2);
    expect(at).toBeLessThan(0.2 + 1.3 / 4);
    const planted = 24 / ((RUN_MS * scale) / 60_000);
    expect(world.leaks[0]!.mbPerMinute / planted).toBeGreaterThan(0.6);
    expect(world.leaks[0]!.mbPerMinute / planted).toBeLessThan(1.6);
  });

  it('a ramp of the morning is told of on the first day, and known on the second', () => {
    const shares = sharesOf(replay('daily-ramp', scale, 12), scale);
    expect(shares.length).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeLessThan(0.5);
  });
});

it('every recorded series is judged here', () => {
  const files = readdirSync(new URL('series/', import.meta.url)).map((file) => file.replace('.json', ''));
  expect(files.sort()).toEqual([...HARMLESS, ...LONGER, ...Object.keys(PLANTED)].sort());
  for (const name of files) expect(seriesOf(name).at(-1)!.bytes, name).toBeGreaterThan(10 * MB);
});
