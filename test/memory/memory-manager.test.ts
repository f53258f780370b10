import { channel } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import { CollectionWatch } from '../../src/memory/collection-watch.js';
import type { Collection, CollectionListener } from '../../src/memory/collections.js';
import { MEMORY_DEFAULTS, MemoryManager, type MemoryManagerOptions } from '../../src/memory/index.js';
import { lookDelay, msToLimit, residentAge } from '../../src/memory/look-pace.js';
import type { MemoryReading } from '../../src/memory/memory-usage.js';
import { RecentRise } from '../../src/memory/recent-rise.js';
import { flushMicrotasks } from '../manual-clock.js';
import { HeldMemory, managerWorld } from './manager-world.js';
import { ScriptedReader } from './scripted-reader.js';

const MB = 2 ** 20;

describe('options of a memory manager', () => {
  test.each<[MemoryManagerOptions | unknown, string]>([
    [{ maxMemoryMb: 0 }, 'maxMemoryMb must be a number of Mb (2^20 bytes) above 0, got 0'],
    [{ maxMemoryMb: '512' }, 'maxMemoryMb must be a number of Mb (2^20 bytes) above 0, got "512"'],
    [
      { maxMemoryMb: Number.POSITIVE_INFINITY },
      'maxMemoryMb must be a number of Mb (2^20 bytes) above 0, got Infinity',
    ],
    [{ levels: { high: 0.6 } }, 'levels.high must be a share above 0.7 and up to 1, got 0.6'],
    [{ levels: { elevated: 0 } }, 'levels.elevated must be a share above 0 and up to 1, got 0'],
    [{ levels: { critical: 90 } }, 'levels.critical must be a share above 0.8 and up to 1, got 90'],
    [
      { levels: { criticle: 0.9 } },
      'levels.criticle must be absent (options here are elevated, high, critical), got 0.9',
    ],
    [{ hysteresis: 0.7 }, 'hysteresis must be a share from 0 on and below levels.elevated (0.7), got 0.7'],
    [{ hysteresis: -0.1 }, 'hysteresis must be a share from 0 on and below levels.elevated (0.7), got -0.1'],
    [{ interval: '50ms' }, 'interval must be a duration of 100 to 60000 ms, got "50ms"'],
    [{ dwell: Number.POSITIVE_INFINITY }, 'dwell must be a duration not negative'],
    [{ gc: 'always' }, "gc must be one of 'exposed', 'off', 'high', got \"always\""],
    [{ gcInterval: 999 }, 'gcInterval must be a duration of at least 1000 ms, got 999'],
    [{ trimTimeout: 0 }, 'trimTimeout must be a duration above 0'],
    [{ mode: 'auto' }, "mode must be 'on', 'off' or 'observe', got \"auto\""],
    [{ name: '' }, 'name must be a string that is not empty, got ""'],
    [{ maxMemory: 512 }, 'maxMemory must be absent (options here are '],
    [null, 'options must be an object, got null'],
  ])('are refused clearly: %j', (options, message) => {
    expect(() => new MemoryManager(options as MemoryManagerOptions)).toThrow(message);
  });

  test('are those of the contract where they are not given', () => {
    expect(MEMORY_DEFAULTS).toMatchObject({
      levels: { elevated: 0.7, high: 0.8, critical: 0.9 },
      interval: '1s',
      mode: 'on',
    });
    expect(Object.isFrozen(MEMORY_DEFAULTS) && Object.isFrozen(MEMORY_DEFAULTS.levels)).toBe(true);
  });

  test('given as undefined are not given', async () => {
    const memory = new MemoryManager({ interval: undefined, levels: undefined } as unknown as MemoryManagerOptions);
    expect(memory.name).toBe('default');
    await memory.close();
  });
});

describe('a look at memory', () => {
  test('says what the contract says', async () => {
    const { memory, reader } = managerWorld();
    Object.assign(reader, { heapUsedMb: 720, rssMb: 900, externalMb: 40 });
    expect(memory.checkMemoryUsage()).toEqual({
      ...{ rssMb: 900, heapUsedMb: 720, heapLimitMb: 1_000, externalMb: 40, limitMb: 2_000, availableMb: 280 },
      ...{ fraction: 0.72, signal: 'heap', level: 'elevated', limitSource: 'constrained' },
    });
    await memory.close();
  });

  test('at this process has figures that agree with those of Node', async () => {
    const memory = new MemoryManager();
    const { heapUsedMb, rssMb, externalMb, limitMb, availableMb, fraction } = memory.checkMemoryUsage();
    const node = process.memoryUsage();
    expect(heapUsedMb / (node.heapUsed / MB)).toBeGreaterThan(0.8);
    expect(heapUsedMb / (node.heapUsed / MB)).toBeLessThan(1.25);
    expect(Math.abs(rssMb - node.rss / MB)).toBeLessThan(50);
    expect(Math.abs(externalMb - node.external / MB)).toBeLessThan(5);
    expect(limitMb).toBeGreaterThan(rssMb);
    expect(availableMb).toBeGreaterThan(0);
    expect(fraction).toBeGreaterThan(0);
    expect(fraction).toBeLessThan(1);
    await memory.close();
  });
});

describe('figures of a memory manager', () => {
  test('add up', async () => {
    const { memory, reader, pass } = managerWorld();
    const cache = new HeldMemory(300);
    memory.register('cache', cache, { priority: 3 });
    memory.start();
    await pass(10_000);
    reader.heapUsedMb = 800;
    await pass(20_000);
    reader.collect(600);
    reader.collect(600, 'minor');
    await pass(10_000);
    const stats = memory.stats();
    const { normal, elevated, high, critical } = stats.msAtLevel;
    expect({ normal, elevated, high, critical }).toEqual({ normal: 16_000, elevated: 0, high: 24_000, critical: 0 });
    expect(stats).toMatchObject({ level: 'normal', isStarted: true, levelChanges: 2, trims: 1, freedBytes: 200 * MB });
    expect(stats).toMatchObject({ majorCollections: 1, majorCollectionMs: 5, liveBytes: 600 * MB, advice: [] });
    expect(stats.registered).toEqual([
      { name: 'cache', priority: 3, bytes: 100 * MB, trims: 1, freedBytes: 200 * MB, failures: 0, hangs: 0, trimMs: 0 },
    ]);
    await memory.close();
  });

  test('say so where the heap may outgrow what the process may take, and the log is told once', async () => {
    const warned: string[] = [];
    const nothing = (): void => {};
    const logger = { debug: nothing, info: nothing, error: nothing, warn: (_: object, text = '') => warned.push(text) };
    const reader = new ScriptedReader({ heapLimitMb: 4_000, limitMb: 1_000 });
    const { memory } = managerWorld({ reader, logger });
    expect(memory.stats().advice).toEqual([
      "V8's heap may grow to 4000 Mb, and the process may take 1000 Mb (constrained): the system may end it before V8 collects. Start Node with --max-old-space-size=600, or set gc: 'high'.",
    ]);
    memory.start();
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain('--max-old-space-size=600');
    await memory.close();
    const roomy = managerWorld({ reader: new ScriptedReader({ heapLimitMb: 750, limitMb: 1_000 }) });
    expect(roomy.memory.stats().advice).toEqual([]);
    await roomy.memory.close();
  });
});

describe('events of a memory manager', () => {
  test('go to the diagnostics channels too, under its name', async () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): void => {
      seen.push(message);
    };
    channel('hotpath:memory:level').subscribe(listener);
    const { memory, reader } = managerWorld({ name: 'worker' });
    reader.heapUsedMb = 700;
    memory.checkMemoryUsage();
    await flushMicrotasks();
    channel('hotpath:memory:level').unsubscribe(listener);
    expect(seen).toMatchObject([{ namespace: 'worker', level: 'elevated', previous: 'normal' }]);
    await memory.close();
  });

  test('reach the next listener when one throws, and the manager goes on', async () => {
    const { memory, reader, errors, levels } = managerWorld();
    memory.on('level', () => {
      throw new Error('a listener');
    });
    reader.heapUsedMb = 700;
    memory.checkMemoryUsage();
    await flushMicrotasks();
    expect(levels).toHaveLength(1);
    expect(errors).toMatchObject([{ during: "a listener of 'level'" }]);
    await memory.close();
  });

  test('that there are none of are refused', () => {
    expect(() => managerWorld().memory.on('levels' as never, () => {})).toThrow(
      'event must be one of level, trim, gc,',
    );
  });
});

describe('the time to the next look', () => {
  test('is the interval while all is calm, and a quarter of it from elevated on', () => {
    expect(lookDelay(1_000, 'normal', Number.POSITIVE_INFINITY)).toBe(1_000);
    expect(lookDelay(1_000, 'elevated', Number.POSITIVE_INFINITY)).toBe(250);
    expect(lookDelay(1_000, 'critical', 60_000)).toBe(250);
  });

  test('is a tenth of the time to the limit, and never below 50 ms', () => {
    expect(lookDelay(1_000, 'normal', 5_000)).toBe(500);
    expect(lookDelay(1_000, 'normal', 100)).toBe(50);
    expect(lookDelay(1_000, 'normal', 0)).toBe(50);
  });

  test('goes by what grows fastest towards its limit, garbage included', () => {
    const look = (at: number, heap: number, rss: number): MemoryReading => ({
      ...{ at, heapUsedBytes: heap * MB, heapCommittedBytes: heap * MB, heapLimitBytes: 1_000 * MB, heapLiveBytes: 1 },
      ...{ externalBytes: 0, rssBytes: rss * MB, limitBytes: 2_000 * MB, limitSource: 'total' },
    });
    expect(msToLimit(undefined, look(0, 1, 1))).toBe(Number.POSITIVE_INFINITY);
    expect(msToLimit(look(0, 500, 900), look(1_000, 400, 900))).toBe(Number.POSITIVE_INFINITY);
    expect(msToLimit(look(0, 400, 900), look(1_000, 500, 900))).toBe(5_000);
    expect(msToLimit(look(0, 400, 900), look(1_000, 500, 1_400))).toBe(1_200);
    expect(msToLimit(look(0, 400, 900), look(1_000, 1_100, 900))).toBe(0);
    expect(msToLimit(look(1_000, 400, 900), look(0, 500, 900))).toBe(Number.POSITIVE_INFINITY);
  });

  test('of the system is shorter where there is little room for what only it knows of', () => {
    expect(residentAge('normal', 10_000 * MB)).toBe(5_000);
    expect(residentAge('normal', 200 * MB)).toBe(2_000);
    expect(residentAge('normal', 0)).toBe(250);
    expect(residentAge('elevated', 10_000 * MB)).toBe(1_000);
  });
});

describe('how fast memory has been rising', () => {
  test('is the slope over the last 30 s', () => {
    const rise = new RecentRise();
    for (let s = 0; s < 40; s++) rise.add(s * 1_000, 'rss', 5_000);
    expect(rise.bytesPerMs).toBe(0);
    for (let s = 40; s < 80; s++) rise.add(s * 1_000, 'rss', 5_000 + (s - 40) * 2_000);
    expect(rise.bytesPerMs).toBeCloseTo(2);
  });

  test('is not known from two looks, of another signal, or over a clock that was set back', () => {
    const rise = new RecentRise();
    rise.add(0, 'heap', 0);
    rise.add(1_000, 'heap', 1_000);
    expect(rise.bytesPerMs).toBe(0);
    rise.add(2_000, 'heap', 2_000);
    expect(rise.bytesPerMs).toBeCloseTo(1);
    rise.add(3_000, 'rss', 900_000);
    expect(rise.bytesPerMs).toBe(0);
    rise.add(4_000, 'external', 901_000);
    rise.add(5_000, 'rss', 902_000);
    expect(rise.bytesPerMs).toBeCloseTo(1);
    rise.add(1_000, 'rss', 5);
    expect(rise.bytesPerMs).toBe(0);
  });

  test('of looks at one time is 0', () => {
    const rise = new RecentRise();
    for (const bytes of [1, 2, 3]) rise.add(0, 'heap', bytes);
    expect(rise.bytesPerMs).toBe(0);
  });
});

describe('those who listen to collections', () => {
  test('share one subscription, which ends with the last of them', () => {
    let listener: CollectionListener | undefined;
    let subscriptions = 0;
    const troubles: string[] = [];
    const watch = new CollectionWatch(
      (given) => {
        subscriptions++;
        listener = given;
        return () => {
          listener = undefined;
        };
      },
      (_, during) => troubles.push(during),
    );
    const seen: Collection[] = [];
    const endBroken = watch.on(() => {
      throw new Error('broken');
    });
    const end = watch.on((collection) => seen.push(collection));
    const major = { kind: 'major', ms: 3, isForced: false } as const;
    listener?.(major);
    listener?.({ ...major, kind: 'minor' });
    expect(subscriptions).toBe(1);
    expect(seen).toHaveLength(2);
    expect(troubles).toHaveLength(2);
    expect([watch.majors, watch.majorMs]).toEqual([1, 3]);
    endBroken();
    endBroken();
    expect(watch.isWatching).toBe(true);
    end();
    expect([watch.isWatching, listener]).toEqual([false, undefined]);
  });
});
