import { describe, expect, test } from 'vitest';
import { FreedBuffers } from '../../src/memory/freed-buffers.js';
import type { MemoryReading } from '../../src/memory/memory-usage.js';
import { flushMicrotasks } from '../manual-clock.js';
import { BlindMemory, HeldMemory, managerWorld } from './manager-world.js';
import { ScriptedReader } from './scripted-reader.js';

const MB = 2 ** 20;

/** Fails to read the heap for as long as it is told to. */
class FailingReader extends ScriptedReader {
  isFailing = true;

  override heap(): ReturnType<ScriptedReader['heap']> {
    const heap = super.heap();
    if (this.isFailing) throw new Error('no figures');
    return heap;
  }
}

describe('a heap that cannot be read', () => {
  test('rejects nothing, and is told once an interval', async () => {
    const reader = new FailingReader();
    const { memory, errors, clock } = managerWorld({ reader });
    expect(await memory.optimizeMemory()).toEqual({ level: 'normal', freedBytes: 0, actions: [], reason: 'calm' });
    for (let i = 0; i < 1_000; i++) expect(memory.admit()).toBe(true);
    await flushMicrotasks();
    expect(errors.map(({ during }) => during)).toEqual(['a look at memory', 'a look at memory']);
    clock.advance(1_000);
    reader.isFailing = false;
    reader.heapUsedMb = 950;
    expect(memory.admit()).toBe(false);
    await memory.close();
  });

  test('does not end the looks', async () => {
    const reader = new FailingReader();
    const { memory, levels, clock } = managerWorld({ reader });
    memory.start();
    reader.isFailing = false;
    reader.heapUsedMb = 750;
    await clock.advanceAsync(1_000);
    expect(levels).toMatchObject([{ level: 'elevated' }]);
    await memory.close();
  });
});

describe('limits that are no numbers', () => {
  test('leave the other one to count', async () => {
    const reader = new ScriptedReader({ heapLimitMb: Number.NaN });
    const { memory } = managerWorld({ reader });
    reader.rssMb = 1_500;
    const usage = memory.checkMemoryUsage();
    expect(usage).toMatchObject({ fraction: 0.75, signal: 'rss', level: 'elevated', availableMb: 500 });
    await memory.close();
  });
});

describe('a clock that is set back', () => {
  test('keeps neither what does not say how much it holds nor the collector from being asked', async () => {
    const { memory, reader, clock } = managerWorld();
    const blind = new BlindMemory();
    memory.register('blind', blind);
    reader.heapUsedMb = 850;
    await memory.optimizeMemory();
    const now = clock.now();
    clock.now = () => now - 3_600_000;
    await memory.optimizeMemory();
    expect(blind.asked).toEqual([0.5, 0.5]);
    await memory.close();
  });
});

describe('what was freed', () => {
  test('counts as collected after a while where only leaks are watched', async () => {
    const { memory, reader, clock } = managerWorld();
    const cache = new HeldMemory(900);
    memory.register('cache', cache);
    memory.watchLeaks();
    reader.heapUsedMb = 850;
    expect(await memory.optimizeMemory()).toMatchObject({ reason: 'pressed', freedBytes: 250 * MB });
    expect(await memory.optimizeMemory()).toMatchObject({ reason: 'pending' });
    clock.advance(30_000);
    expect(await memory.optimizeMemory()).toMatchObject({ reason: 'pressed', freedBytes: 250 * MB });
    await memory.close();
  });

  test('of buffers, and stays with the allocator, does not have the caches emptied step by step', async () => {
    const { memory, reader, pass } = managerWorld();
    const cache = new HeldMemory(1_500);
    memory.register('cache', cache);
    Object.assign(reader, { externalMb: 1_500, rssMb: 1_650 });
    memory.start();
    await pass(1_000);
    expect(cache.bytes / MB).toBeCloseTo(1_050);
    // They are collected, and the process stays as large as it was.
    reader.externalMb = 1_050;
    reader.collect(100);
    await pass(60_000);
    expect(memory.level).toBe('high');
    expect(cache.bytes / MB).toBeCloseTo(1_050);
    // It fills again: no more than before is in use.
    reader.externalMb = 1_300;
    await pass(1_000);
    expect(cache.bytes / MB).toBeLessThan(1_000);
    await memory.close();
  });

  test('is what buffers have had at their most, as far as nothing else explains what is resident', () => {
    const reading = (external: number, rss: number): MemoryReading => ({
      ...{ at: 0, heapUsedBytes: 50, heapCommittedBytes: 100, heapLimitBytes: 1_000, limitBytes: 2_000 },
      ...{ externalBytes: external, rssBytes: rss, limitSource: 'total' },
    });
    const freed = new FreedBuffers();
    expect(freed.bytes(reading(800, 1_000), false)).toBe(0);
    expect(freed.bytes(reading(300, 1_000), false)).toBe(500);
    expect(freed.bytes(reading(300, 600), false)).toBe(200);
    expect(freed.bytes(reading(700, 1_000), false)).toBe(100);
    expect(freed.bytes(reading(300, 350), true)).toBe(0);
    expect(freed.bytes(reading(300, 1_000), false)).toBe(0);
  });
});

describe('a manager that is closed', () => {
  test('measures no calls and tells nothing', async () => {
    const { memory } = managerWorld();
    const calls: unknown[] = [];
    memory.on('call', (call) => calls.push(call));
    await memory.close();
    expect(memory.measureCall('late', { warnAboveMb: 100, retained: false }, () => 7)).toBe(7);
    await flushMicrotasks();
    expect(calls).toEqual([]);
    expect(memory.stats().calls.byName).toEqual([]);
  });
});
