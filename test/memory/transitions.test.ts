import { describe, expect, test } from 'vitest';
import { CONTAINER_V2, POD_V1, UNLIMITED_V1 } from '../core/control-groups.js';
import { flushMicrotasks } from '../manual-clock.js';
import { managerWorld } from './manager-world.js';
import { ScriptedReader } from './scripted-reader.js';

describe('a memory manager that is started', () => {
  test('tells each change of level once, at the look that sees it, with what drives it and how fast', async () => {
    const { memory, reader, clock, levels } = managerWorld();
    reader.heapUsedMb = 690;
    memory.start();
    for (const heap of [690, 690, 699.9]) {
      reader.heapUsedMb = heap;
      await clock.advanceAsync(1_000);
    }
    expect(levels).toEqual([]);
    reader.heapUsedMb = 700;
    await clock.advanceAsync(999);
    expect(levels).toEqual([]);
    await clock.advanceAsync(1);
    expect(levels).toHaveLength(1);
    expect(levels[0]).toMatchObject({ level: 'elevated', previous: 'normal', signal: 'heap', fraction: 0.7 });
    // Resident memory was read 4 s ago, and the heap has grown by 10 Mb since.
    expect(levels[0]).toMatchObject({ heapUsedMb: 700, heapLimitMb: 1_000, rssMb: 160, externalMb: 0, limitMb: 2_000 });
    await memory.close();
  });

  test('says how fast what presses is rising, and when it would reach its limit', async () => {
    const { memory, reader, clock, levels } = managerWorld();
    reader.heapUsedMb = 500;
    memory.start();
    for (let i = 1; i <= 20; i++) {
      reader.heapUsedMb = 500 + 10 * i;
      await clock.advanceAsync(1_000);
    }
    const [change] = levels;
    expect(change?.risingMbPerMinute).toBeCloseTo(600, 0);
    expect(change?.msToLimit).toBeCloseTo(30_000, -2);
    await memory.close();
  });

  test.each([
    ['heap', { heapUsedMb: 900 }],
    ['rss', { rssMb: 1_800 }],
    ['external', { externalMb: 1_500, rssMb: 1_800 }],
  ] as const)('names the signal that drives it: %s', async (signal, figures) => {
    const { memory, reader, levels } = managerWorld();
    Object.assign(reader, figures);
    memory.start();
    await flushMicrotasks();
    expect(levels).toMatchObject([{ level: 'critical', previous: 'normal', signal, fraction: 0.9 }]);
    await memory.close();
  });

  test('goes through a script of levels exactly', async () => {
    const { memory, reader, clock } = managerWorld();
    const start = clock.now();
    const seen: [seconds: number, level: string][] = [];
    reader.heapUsedMb = 690;
    memory.on('level', ({ level }) => seen.push([(clock.now() - start) / 1_000, level]));
    memory.start();
    const script: readonly (readonly [seconds: number, heapMb: number])[] = [
      ...([
        [10, 750],
        [20, 850],
        [30, 950],
        [40, 760],
        [60, 100],
      ] as const),
    ];
    for (let ms = 0; ms < 90_000; ms += 50) {
      const due = script.findLast(([seconds]) => seconds * 1_000 - 50 <= ms);
      if (due) reader.heapUsedMb = due[1];
      await clock.advanceAsync(50);
    }
    // Looks are a second apart while calm, a quarter from elevated on, and less after a jump. Levels end 5 s after the first look that is low
    // enough.
    expect(seen).toEqual([
      ...[
        [10, 'elevated'],
        [20, 'high'],
        [30.05, 'critical'],
        [45.1, 'high'],
        [65.1, 'normal'],
      ],
    ]);
    await memory.close();
  });

  test('judges by what was alive once it has seen a collection: a heap that is filled and collected is calm', async () => {
    const { memory, reader, clock, levels } = managerWorld();
    memory.start();
    reader.collect(300);
    for (let i = 0; i < 50; i++) {
      // As V8 does it: half the way to the limit, then a collection.
      for (const heap of [400, 500, 600, 650]) {
        reader.heapUsedMb = heap;
        await clock.advanceAsync(1_000);
      }
      reader.collect(300);
    }
    expect(levels).toEqual([]);
    reader.collect(820);
    await flushMicrotasks();
    expect(levels).toMatchObject([{ level: 'high', fraction: 0.82 }]);
    await memory.close();
  });

  test('reads the system seldom while all is calm, and limits once a minute', async () => {
    const { memory, reader, clock } = managerWorld();
    memory.start();
    await clock.advanceAsync(60_000 - 1);
    expect(reader.heapReads).toBe(60);
    expect(reader.rssReads).toBe(12);
    expect(reader.limitReads).toBe(1);
    await clock.advanceAsync(60_000);
    expect(reader.limitReads).toBe(2);
    await memory.close();
  });

  test('looks four times as often from elevated on, and asks the system every second', async () => {
    const { memory, reader, clock } = managerWorld();
    reader.heapUsedMb = 750;
    memory.start();
    const { heapReads, rssReads } = reader;
    await clock.advanceAsync(10_000);
    expect(reader.heapReads - heapReads).toBe(40);
    expect(reader.rssReads - rssReads).toBe(10);
    await memory.close();
  });

  test('looks closer as soon as heap and buffers say that resident memory must have grown', async () => {
    const { memory, reader, clock, levels } = managerWorld();
    memory.start();
    await clock.advanceAsync(1_000);
    reader.externalMb = 1_700;
    reader.rssMb = 1_850;
    await clock.advanceAsync(1_000);
    expect(levels).toMatchObject([{ level: 'critical', signal: 'external', rssMb: 1_850 }]);
    await memory.close();
  });

  test('does not take the estimate for the fact', async () => {
    const { memory, reader, clock, levels } = managerWorld();
    reader.externalMb = 900;
    reader.rssMb = 1_000;
    memory.start();
    // The buffers have grown, and as much was given back elsewhere.
    reader.externalMb = 1_350;
    reader.rssMb = 1_390;
    await clock.advanceAsync(1_000);
    expect(levels).toEqual([]);
    await memory.close();
  });

  test('goes on where resident memory cannot be read', async () => {
    const { memory, reader, clock, levels, errors } = managerWorld();
    reader.rssError = new Error('EMFILE');
    memory.start();
    reader.heapUsedMb = 850;
    await clock.advanceAsync(1_000);
    expect(levels).toMatchObject([{ level: 'high', signal: 'heap' }]);
    expect(errors[0]).toMatchObject({ during: 'a reading of resident memory', error: reader.rssError });
    await memory.close();
  });

  test('leaves neither timers nor subscriptions behind', async () => {
    const { memory, reader, clock } = managerWorld();
    memory.start();
    memory.start();
    expect(clock.pendingTimers).toBe(1);
    expect(reader.listeners).toBe(1);
    memory.stop();
    expect(clock.pendingTimers).toBe(0);
    expect(reader.listeners).toBe(0);
    memory.start();
    await memory.close();
    memory.start();
    expect(clock.pendingTimers).toBe(0);
    expect(reader.listeners).toBe(0);
  });
});

describe('the limit of the process', () => {
  const v1 = '/sys/fs/cgroup/memory/kubepods/pod1/c1/memory.limit_in_bytes';
  const v2 = '/sys/fs/cgroup/memory.max';
  test.each<[name: string, files: Record<string, string>, constrainedMb: number, limitMb: number, source: string]>([
    ['version 2', { ...CONTAINER_V2, [v2]: '536870912\n' }, 0, 512, 'cgroup-v2'],
    ['version 1', { ...POD_V1, [v1]: '536870912\n' }, 0, 512, 'cgroup-v1'],
    ['version 2 without one', { ...CONTAINER_V2, [v2]: 'max\n' }, 700, 700, 'constrained'],
    ['version 1 without one', { ...POD_V1, [v1]: UNLIMITED_V1 }, 700, 700, 'constrained'],
    ['version 2 that says 0', { ...CONTAINER_V2, [v2]: '0\n' }, 700, 700, 'constrained'],
    ['version 1 that says -1', { ...POD_V1, [v1]: '-1\n' }, 700, 700, 'constrained'],
    ['version 2 that says nonsense', { ...CONTAINER_V2, [v2]: 'lots\n' }, 700, 700, 'constrained'],
    ['no control group', {}, 700, 700, 'constrained'],
    ['no control group, and Node says 0', {}, 0, 2 ** 20, 'total'],
    ['no control group, and Node says 2^64', {}, 2 ** 44, 2 ** 20, 'total'],
    ['no control group, and Node says nothing', {}, Number.NaN, 2 ** 20, 'total'],
  ])('is that of %s', async (_, files, constrainedMb, limitMb, limitSource) => {
    const reader = new ScriptedReader({ limitMb: constrainedMb, files, totalMb: 2 ** 20 });
    const { memory } = managerWorld({ reader });
    expect(memory.checkMemoryUsage()).toMatchObject({ limitMb, limitSource });
    const chosen = managerWorld({ reader, maxMemoryMb: 300 });
    expect(chosen.memory.checkMemoryUsage()).toMatchObject({ limitMb: 300, limitSource: 'option', fraction: 0.5 });
    await memory.close();
    await chosen.memory.close();
  });

  test('is held against what the whole control group has in use, without pages of files that can be dropped', async () => {
    const files = {
      ...CONTAINER_V2,
      [v2]: String(1_000 * 2 ** 20),
      '/sys/fs/cgroup/memory.current': String(900 * 2 ** 20),
      '/sys/fs/cgroup/memory.stat': `anon 1\ninactive_file ${150 * 2 ** 20}\n`,
    };
    const { memory } = managerWorld({ reader: new ScriptedReader({ files }) });
    expect(memory.checkMemoryUsage()).toMatchObject({
      fraction: 0.75,
      level: 'elevated',
      signal: 'rss',
      availableMb: 250,
    });
    await memory.close();
  });
});
