import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LeakWorld, MB } from './leak-world.js';

/** Written by record-series.ts, by real processes: what was alive after each major collection of a run of 15 s. */
interface RecordedPoint {
  readonly atMs: number;
  readonly bytes: number;
  readonly externalBytes: number;
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
function replay(name: string, scale: number, windows: number): LeakWorld {
  const window = (RUN_MS * scale) / windows;
  const world = new LeakWorld({ window, cooldown: 10 * window });
  // As it was recorded.
  world.heapLimit = 90 * MB;
  let at = 0;
  for (const { atMs, bytes, externalBytes } of seriesOf(name)) {
    world.external = externalBytes;
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

it('every recorded series is judged here', () => {
  const files = readdirSync(new URL('series/', import.meta.url)).map((file) => file.replace('.json', ''));
  expect(files.sort()).toEqual([...HARMLESS, ...Object.keys(PLANTED)].sort());
  for (const name of files) expect(seriesOf(name).at(-1)!.bytes, name).toBeGreaterThan(10 * MB);
});
