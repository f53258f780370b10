import { describe, expect, test } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { HeldMemory, managerWorld } from './manager-world.js';

describe('admission', () => {
  test('is refused while memory is critical, and no longer', async () => {
    const { memory, reader, pass } = managerWorld();
    memory.start();
    expect(memory.admit()).toBe(true);
    reader.heapUsedMb = 899;
    await pass(1_000);
    expect(memory.admit()).toBe(true);
    reader.heapUsedMb = 900;
    await pass(1_000);
    expect(memory.admit()).toBe(false);
    reader.heapUsedMb = 840;
    await pass(5_000);
    expect(memory.admit()).toBe(false);
    await pass(500);
    expect(memory.admit()).toBe(true);
    expect(memory.stats()).toMatchObject({ admitted: 3, refused: 2 });
    await memory.close();
  });

  test('lets one in each second once memory has been critical for 10 s, so that it does not stay so for want of work', async () => {
    const { memory, reader, pass } = managerWorld();
    memory.start();
    reader.heapUsedMb = 950;
    await pass(1_000);
    const admitted: number[] = [];
    for (let tenth = 0; tenth < 130; tenth++) {
      if (memory.admit()) admitted.push(tenth);
      await pass(100);
    }
    expect(admitted).toEqual([100, 110, 120]);
    // After a calm time it begins anew.
    reader.heapUsedMb = 100;
    await pass(6_000);
    expect(memory.admit()).toBe(true);
    reader.heapUsedMb = 950;
    await pass(1_000);
    expect(memory.admit()).toBe(false);
    await memory.close();
  });

  test('looks by itself, once an interval, where nothing is started', async () => {
    const { memory, reader, clock } = managerWorld();
    expect(memory.admit()).toBe(true);
    reader.heapUsedMb = 950;
    for (let i = 0; i < 1_000; i++) expect(memory.admit()).toBe(true);
    expect(reader.heapReads).toBe(1);
    clock.advance(1_000);
    expect(memory.admit()).toBe(false);
    expect(reader.heapReads).toBe(2);
    await memory.close();
  });

  test('looks by itself where the event loop was blocked for so long that the last look is old', async () => {
    const { memory, reader, clock } = managerWorld();
    memory.start();
    reader.heapUsedMb = 950;
    expect(memory.admit()).toBe(true);
    // No timer has run.
    const later = clock.now() + 2_000;
    clock.coarse = () => later;
    expect(memory.admit()).toBe(false);
    await memory.close();
  });

  test('says when it is worth to try again: not before a critical level can end', async () => {
    expect(managerWorld().memory.retryAfterSeconds).toBe(6);
    expect(managerWorld({ dwell: '250ms', interval: '100ms' }).memory.retryAfterSeconds).toBe(1);
    expect(managerWorld({ dwell: '10s', interval: '1500ms' }).memory.retryAfterSeconds).toBe(12);
  });

  test('tells of what it refuses, at most once a second, with how often', async () => {
    const { memory, reader, clock } = managerWorld();
    const shed: object[] = [];
    memory.on('shed', (data) => shed.push(data));
    reader.heapUsedMb = 950;
    memory.start();
    for (let i = 0; i < 10; i++) memory.admit();
    await clock.advanceAsync(1_000);
    memory.admit();
    await flushMicrotasks();
    expect(shed).toEqual([
      { level: 'critical', refused: 1 },
      { level: 'critical', refused: 10 },
    ]);
    // What was refused last is told with the first that is let in.
    memory.admit();
    reader.heapUsedMb = 100;
    await clock.advanceAsync(10_000);
    expect(memory.admit()).toBe(true);
    await flushMicrotasks();
    expect(shed.slice(2)).toEqual([{ level: 'normal', refused: 1 }]);
    await memory.close();
  });
});

describe('the mode', () => {
  test('off looks at nothing by itself, admits everything and trims nothing', async () => {
    const { memory, reader, levels, pass } = managerWorld({ mode: 'off' });
    const cache = new HeldMemory(100);
    memory.register('cache', cache);
    reader.heapUsedMb = 990;
    memory.start();
    await pass(10_000);
    expect(memory.admit()).toBe(true);
    expect(reader.heapReads).toBe(0);
    expect(levels).toEqual([]);
    // Asked in so many words, it looks.
    expect(await memory.optimizeMemory()).toEqual({ level: 'critical', freedBytes: 0, actions: [], reason: 'off' });
    expect(cache.asked).toEqual([]);
    await memory.close();
  });

  test('observe tells what it would do, trims nothing and refuses nothing', async () => {
    const { memory, reader, levels, trims, pass } = managerWorld({ mode: 'observe', gc: 'high' });
    const cache = new HeldMemory(400);
    memory.register('cache', cache);
    reader.heapUsedMb = 850;
    memory.start();
    await pass(1_000);
    expect(levels).toMatchObject([{ level: 'high' }]);
    expect(trims).toMatchObject([{ name: 'cache', fraction: 0.625, freedBytes: 0, outcome: 'observed' }]);
    reader.heapUsedMb = 950;
    await pass(10_000);
    expect(memory.admit()).toBe(true);
    expect(cache.asked).toEqual([]);
    expect(trims).toMatchObject([{ level: 'high' }, { level: 'critical', fraction: 1, outcome: 'observed' }]);
    expect(memory.stats()).toMatchObject({ admitted: 0, refused: 1, trims: 0, forcedCollections: 0 });
    await memory.close();
  });

  test('can be changed while it runs', async () => {
    const { memory, reader, clock, pass } = managerWorld();
    const cache = new HeldMemory(100);
    memory.register('cache', cache);
    memory.start();
    memory.mode = 'off';
    expect(clock.pendingTimers).toBe(0);
    reader.heapUsedMb = 950;
    await pass(5_000);
    expect(cache.asked).toEqual([]);
    memory.mode = 'on';
    expect(cache.asked).toEqual([1]);
    expect(() => {
      memory.mode = 'auto' as never;
    }).toThrow("mode must be 'on', 'off' or 'observe', got \"auto\"");
    expect(memory.mode).toBe('on');
    await memory.close();
    expect(memory.admit()).toBe(true);
  });
});
