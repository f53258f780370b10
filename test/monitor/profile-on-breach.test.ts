import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileOptions } from '../../src/monitor/profiling/profile-options.js';
import { flushMicrotasks, type ManualClock } from '../manual-clock.js';
import { ProfilerUnderTest, profileFolder } from './profiler-setup.js';

const SECOND = 1_000;
const MINUTE = 60_000;

let folder: Awaited<ReturnType<typeof profileFolder>>;
beforeEach(async () => {
  folder = await profileFolder();
});
afterEach(() => folder.remove());

const under = (options?: ProfileOptions, clock?: ManualClock): ProfilerUnderTest =>
  new ProfilerUnderTest(join(folder.path, 'profiles'), options, clock);

describe('a profile on breach', () => {
  it('runs for 10 s unless it is told otherwise, and not longer than the longest', async () => {
    const test = under({ cooldown: 0, maxDuration: '15s' });
    await test.breach('responseTimeP95');
    await test.finish(10 * SECOND);
    for (const duration of ['5s', '1h'] as const) {
      const begun = test.next('start');
      test.profiler.breach('memoryUsage', 'heap', duration);
      await begun;
      await test.finish(duration === '5s' ? 5 * SECOND : 15 * SECOND);
    }
    expect(test.profiler.list()).toMatchObject([
      { kind: 'cpu', reason: 'responseTimeP95', ms: 10 * SECOND },
      { kind: 'heap', reason: 'memoryUsage', ms: 5 * SECOND },
      { kind: 'heap', reason: 'memoryUsage', ms: 15 * SECOND },
    ]);
  });

  it('is followed by a cool-down, to the millisecond, in which none starts by itself', async () => {
    const test = under({ cooldown: '10m' });
    await test.breach('first');
    test.profiler.breach('while it runs', 'cpu');
    await test.finish(10 * SECOND);
    test.profiler.breach('at once', 'cpu');
    test.clock.advance(10 * MINUTE - 1);
    test.profiler.breach('just before', 'heap');
    await flushMicrotasks();
    test.clock.advance(1);
    await test.breach('just after');
    await test.finish(10 * SECOND);
    expect(test.profiler.list().map(({ reason }) => reason)).toEqual(['first', 'just after']);
    expect(test.troubles).toEqual([]);
  });

  it('does not hold back what is asked for, and is not held back by it', async () => {
    const test = under();
    await test.breach('breach');
    await test.finish(10 * SECOND);
    const { result } = await test.begin(SECOND);
    test.clock.advance(SECOND);
    await result;
    const other = under({}, test.clock);
    const wished = await other.begin(SECOND);
    other.profiler.breach('while one runs', 'cpu');
    test.clock.advance(SECOND);
    await wished.result;
    await other.breach('after it');
    await other.finish(10 * SECOND);
    expect(other.profiler.list().map(({ reason }) => reason)).toEqual(['on demand', 'after it']);
  });

  it('that fails is reported, throws nothing, and is tried again after the cool-down only', async () => {
    await writeFile(join(folder.path, 'profiles'), 'a file where the folder would be');
    const test = under({ cooldown: '1m' });
    const told = test.next('trouble');
    test.profiler.breach('cpuUsage', 'cpu');
    await told;
    test.clock.advance(MINUTE - 1);
    test.profiler.breach('cpuUsage', 'cpu');
    await flushMicrotasks();
    expect(test.troubles).toEqual([
      { error: expect.objectContaining({ code: 'PROFILE_DIRECTORY' }), during: 'a profile on breach' },
    ]);
    const again = test.next('trouble');
    test.clock.advance(1);
    test.profiler.breach('cpuUsage', 'cpu');
    await again;
    expect(test.troubles).toHaveLength(2);
  });

  it('of an unknown kind is reported', async () => {
    const test = under();
    const told = test.next('trouble');
    test.profiler.breach('cpuUsage', 'wall' as never);
    await told;
    expect(test.troubles[0]!.error).toMatchObject({ code: 'INVALID_OPTION' });
    await test.breach('cpuUsage');
    await test.finish(10 * SECOND);
  });
});
