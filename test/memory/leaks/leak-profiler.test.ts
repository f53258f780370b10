import { expect, it } from 'vitest';
import { LeakProfiler, type ProfileCollection } from '../../../src/memory/leaks/leak-profiler.js';
import type { LeakProfile } from '../../../src/memory/leaks/leak-report.js';
import { ToldLeaks } from '../../../src/memory/leaks/told-leaks.js';
import type { MemoryReader } from '../../../src/memory/memory-reader.js';
import { ManualClock } from '../../manual-clock.js';
import { ScriptedReader } from '../scripted-reader.js';

/** Lets what waits for the inspector go on. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo() && turns < 1_000; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
}

it('at most a fiftieth of the time goes to the collections at the end of profiles', async () => {
  const clock = new ManualClock();
  const scripted = new ScriptedReader();
  const reader: MemoryReader = {
    ...{ limits: scripted.limits, rss: () => 0, oldGenerationBytes: () => 0, watchCollections: () => () => {} },
    heap: () => {
      // Read before and after: as if it took a second.
      clock.advance(1_000);
      scripted.heapUsedMb -= 10;
      return scripted.heap();
    },
  };
  const profiles: LeakProfile[] = [];
  const collections: ProfileCollection[] = [];
  const profiler = new LeakProfiler({
    ...{ clock, reader, intervalMs: 1_000 },
    onProfile: (profile) => void profiles.push(profile),
    onCollected: (collection) => void collections.push(collection),
    onTrouble: (error) => {
      throw error;
    },
  });
  const take = async (): Promise<void> => {
    const taken = profiler.take(10, new AbortController().signal);
    await Promise.race([taken, until(() => clock.pendingTimers > 0)]);
    clock.advance(10);
    await taken;
  };
  await take();
  // Two readings, a second each, of which the first is part of the time too.
  expect(collections).toEqual([{ ms: 2_000, freedBytes: 10 * 2 ** 20 }]);
  clock.advance(90_000);
  await take();
  expect(profiles).toHaveLength(1);
  clock.advance(20_000);
  await take();
  expect(profiles).toHaveLength(2);
  expect([profiler.collections, profiler.collectionMs]).toEqual([2, 4_000]);
});

it('what was told of is recent for as long as the watch says, and not when the clock was set back', () => {
  const told = new ToldLeaks();
  expect(told.isRecent('heap', 1_000, Number.POSITIVE_INFINITY)).toBe(false);
  told.note('heap', 1_000);
  expect(told.isRecent('heap', 1_999, 1_000)).toBe(true);
  expect(told.isRecent('heap', 2_000, 1_000)).toBe(false);
  expect(told.isRecent('external', 1_000, 1_000)).toBe(false);
  expect(told.isRecent('heap', 10 ** 15, Number.POSITIVE_INFINITY)).toBe(true);
  expect(told.isRecent('heap', 999, 1_000)).toBe(false);
});
