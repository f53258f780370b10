import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProfileOptions } from '../../src/monitor/profiling/profile-options.js';
import { Profiler } from '../../src/monitor/profiling/profiler.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { ProfilerUnderTest, profileFolder, watchSessions } from './profiler-setup.js';

const SECOND = 1_000;

let folder: Awaited<ReturnType<typeof profileFolder>>;
beforeEach(async () => {
  folder = await profileFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

const under = (options?: ProfileOptions, clock?: ManualClock): ProfilerUnderTest =>
  new ProfilerUnderTest(join(folder.path, 'profiles'), options, clock);

describe('a profile on demand', () => {
  it('takes as long as it was asked to, and is on disk and in the list then', async () => {
    const test = under();
    const { profiler, clock } = test;
    const sessions = watchSessions();
    const startedAt = clock.now();
    const { result } = await test.begin(2 * SECOND, { reason: 'a look' });
    await clock.advanceAsync(2 * SECOND - 1);
    expect(profiler.list()).toEqual([]);
    expect(sessions()).toEqual({ connected: 1, open: 1 });
    clock.advance(1);
    const { collapsed, ...entry } = await result;
    expect(entry).toMatchObject({ kind: 'cpu', startedAt, ms: 2 * SECOND, reason: 'a look' });
    expect(entry.path).toBe(join(test.directory, entry.file));
    expect(await test.files()).toEqual([entry.file]);
    expect(profiler.list()).toEqual([entry]);
    expect(typeof collapsed).toBe('string');
    expect(test.marks).toEqual([
      { name: 'profile', kind: 'cpu', reason: 'a look', phase: 'start' },
      { name: 'profile', kind: 'cpu', reason: 'a look', phase: 'end', file: entry.file },
    ]);
    expect(sessions()).toEqual({ connected: 1, open: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('of the heap has a file of its own kind', async () => {
    const test = under();
    const { result } = await test.begin(SECOND, { kind: 'heap' });
    test.clock.advance(SECOND);
    expect(await result).toMatchObject({
      kind: 'heap',
      reason: 'on demand',
      file: expect.stringMatching(/^heap-.*\.heapprofile$/),
    });
  });

  it('is refused while one runs in any monitor of the process, which it does not disturb', async () => {
    const clock = new ManualClock();
    const [first, second] = [under({}, clock), under({}, clock)];
    const sessions = watchSessions();
    const { result } = await first.begin(SECOND);
    await expect(first.profiler.profile(SECOND)).rejects.toMatchObject({ code: 'PROFILE_RUNNING' });
    await expect(second.profiler.profile(SECOND)).rejects.toMatchObject({ code: 'PROFILE_RUNNING' });
    expect(sessions().connected).toBe(1);
    clock.advance(SECOND);
    await result;
    const next = await second.begin(SECOND);
    clock.advance(SECOND);
    await next.result;
    expect(await first.files()).toHaveLength(2);
  });

  it('is refused by the second of two that ask in the same moment', async () => {
    const test = under();
    const begun = test.next('start');
    const both = [test.profiler.profile(SECOND), test.profiler.profile(SECOND)];
    await expect(both[1]).rejects.toMatchObject({ code: 'PROFILE_RUNNING' });
    await begun;
    test.clock.advance(SECOND);
    await both[0];
  });

  it('ends with the reason of a signal that aborts, leaves no file, and lets the next one run', async () => {
    const test = under();
    const sessions = watchSessions();
    const controller = new AbortController();
    const { result } = await test.begin(SECOND, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    expect(sessions()).toEqual({ connected: 1, open: 0 });
    expect(await test.files()).toEqual([]);
    expect(test.profiler.list()).toEqual([]);
    expect(test.marks.at(-1)).toEqual({ name: 'profile', kind: 'cpu', reason: 'on demand', phase: 'end' });
    expect(test.clock.pendingTimers).toBe(0);
    const next = await test.begin(SECOND);
    test.clock.advance(SECOND);
    await next.result;
  });

  it('does not begin for a signal that has aborted, or aborts while it is being prepared', async () => {
    const test = under();
    const sessions = watchSessions();
    const aborted = AbortSignal.abort(new Error('too late'));
    await expect(test.profiler.profile(SECOND, { signal: aborted })).rejects.toThrow('too late');
    expect(sessions()).toEqual({ connected: 0, open: 0 });
    const controller = new AbortController();
    const early = test.profiler.profile(SECOND, { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(early).rejects.toThrow('changed my mind');
    expect(sessions().open).toBe(0);
    expect(test.marks).toEqual([]);
  });

  it('ends with a signal that aborts when the host is told of its start', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const onMark = () => controller.abort(new Error('not now'));
    const profiler = new Profiler({ options: { directory: folder.path }, clock, onMark, onTrouble: () => {} });
    await expect(profiler.profile(SECOND, { signal: controller.signal })).rejects.toThrow('not now');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['duration', (p: Profiler) => p.profile(0), 'duration must be a duration above 0'],
    [
      'duration',
      (p: Profiler) => p.profile('2m'),
      'duration must be at most profiles.maxDuration (60000 ms), got "2m"',
    ],
    ['kind', (p: Profiler) => p.profile(1, { kind: 'wall' as never }), "kind must be 'cpu' or 'heap'"],
    ['reason', (p: Profiler) => p.profile(1, { reason: 5 as never }), 'reason must be a string, got 5'],
  ])('is refused with a bad %s', async (_, call, message) => {
    await expect(call(under().profiler)).rejects.toThrow(message);
  });

  it('that cannot be kept is not taken, and leaves its turn to others', async () => {
    await writeFile(join(folder.path, 'profiles'), 'a file where the folder would be');
    const sessions = watchSessions();
    await expect(under().profiler.profile(SECOND)).rejects.toMatchObject({ code: 'PROFILE_DIRECTORY' });
    await expect(under().profiler.profile(SECOND)).rejects.toMatchObject({ code: 'PROFILE_DIRECTORY' });
    expect(sessions().connected).toBe(0);
  });

  it('that turns out too large is given up, and its session closed', async () => {
    const test = under({ maxBytes: 10 });
    const sessions = watchSessions();
    const { result } = await test.begin(SECOND);
    test.clock.advance(SECOND);
    await expect(result).rejects.toMatchObject({ code: 'PROFILE_TOO_LARGE' });
    expect(sessions()).toEqual({ connected: 1, open: 0 });
    expect(test.marks.at(-1)).toMatchObject({ phase: 'end' });
  });

  it('runs whatever those do who are told of it', async () => {
    const clock = new ManualClock();
    const fail = (): never => {
      throw new Error('from the host');
    };
    const options = { directory: folder.path };
    const profiler = new Profiler({ options, clock, onMark: fail, onTrouble: fail });
    const running = profiler.profile(SECOND);
    while (clock.pendingTimers === 0) await flushMicrotasks();
    clock.advance(SECOND);
    expect((await running).ms).toBe(SECOND);
  });
});

describe('the list', () => {
  it('holds what is on disk, oldest first', async () => {
    const test = under({ maxFiles: 2 });
    const files: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { result } = await test.begin(SECOND);
      test.clock.advance(SECOND);
      files.push((await result).file);
    }
    expect(test.profiler.list().map(({ file }) => file)).toEqual(files.slice(1));
    expect((await test.files()).sort()).toEqual(files.slice(1));
  });
});

describe('close', () => {
  it('ends a profile, keeps what it has by then, and waits for the file', async () => {
    const test = under();
    const sessions = watchSessions();
    const { result } = await test.begin(10 * SECOND);
    test.clock.advance(3 * SECOND);
    await Promise.all([test.profiler.close(), test.profiler[Symbol.asyncDispose]()]);
    const [kept] = test.profiler.list();
    expect(kept).toMatchObject({ ms: 3 * SECOND });
    expect(await test.files()).toEqual([kept!.file]);
    expect((await result).file).toBe(kept!.file);
    expect(sessions()).toEqual({ connected: 1, open: 0 });
    expect(test.clock.pendingTimers).toBe(0);
  });

  it('ends a profile on breach too', async () => {
    const test = under();
    await test.breach('cpuUsage');
    await test.profiler.close();
    expect(test.profiler.list()).toMatchObject([{ reason: 'cpuUsage', ms: 0 }]);
  });

  it('leaves alone what another monitor is taking', async () => {
    const clock = new ManualClock();
    const [first, second] = [under({}, clock), under({}, clock)];
    const { result } = await first.begin(SECOND);
    await second.profiler.close();
    clock.advance(SECOND);
    expect((await result).ms).toBe(SECOND);
  });

  it('starts nothing that was still being prepared', async () => {
    const test = under();
    const early = expect(test.profiler.profile(SECOND)).rejects.toMatchObject({ code: 'CLOSED' });
    await test.profiler.close();
    await early;
    const other = under();
    other.profiler.breach('cpuUsage', 'cpu');
    await other.profiler.close();
    expect([...test.marks, ...other.marks, ...other.troubles]).toEqual([]);
  });

  it('is the end of profiling: calls are refused, breaches ignored', async () => {
    const test = under();
    await test.profiler.close();
    await expect(test.profiler.profile(SECOND)).rejects.toMatchObject({ code: 'CLOSED' });
    test.profiler.breach('cpuUsage', 'cpu');
    const other = under({}, test.clock);
    await expect(test.files()).rejects.toThrow('ENOENT');
    const { result } = await other.begin(SECOND);
    test.clock.advance(SECOND);
    await result;
    expect([...test.marks, ...test.troubles]).toEqual([]);
  });
});
