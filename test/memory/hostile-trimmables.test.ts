import { describe, expect, test } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { HeldMemory, managerWorld } from './manager-world.js';

const MB = 2 ** 20;

describe('something registered', () => {
  test.each<[string, () => unknown]>([
    ['no prototype', () => Object.create(null)],
    [
      'a text that throws',
      () => ({
        toString() {
          throw new Error('no');
        },
      }),
    ],
    ['a symbol', () => Symbol('freed')],
  ])('may answer with %s, at once or later, without harm', async (_, make) => {
    const { memory, reader, trims } = managerWorld();
    memory.register('at once', { trim: () => make() as never });
    memory.register('later', { trim: async () => make() as never });
    memory.register('cache', new HeldMemory(500), { priority: 1 });
    reader.heapUsedMb = 800;
    await expect(memory.optimizeMemory()).resolves.toMatchObject({ freedBytes: 200 * MB, reason: 'pressed' });
    expect(trims.map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid', 'freed']);
    await memory.close();
  });

  test('that claims to have freed more than there is is not believed, and the next one is asked', async () => {
    const { memory, reader, trims } = managerWorld();
    const cache = new HeldMemory(500);
    memory.register('boasts', { trim: () => 1e15 });
    memory.register('boasts too', { trim: () => 1e308, bytes: 10 * MB });
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 800;
    await memory.optimizeMemory();
    expect(trims.map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid', 'freed']);
    expect(memory.stats().freedBytes).toBe(200 * MB);
    await memory.close();
  });

  test('may ask for memory itself while it is trimmed', async () => {
    const { memory, reader, trims } = managerWorld();
    const answers: Promise<unknown>[] = [];
    for (const name of ['a', 'b', 'c']) {
      memory.register(name, {
        bytes: 10 * MB,
        trim: () => {
          answers.push(memory.optimizeMemory());
          return 0;
        },
      });
    }
    reader.heapUsedMb = 950;
    const outer = await memory.optimizeMemory();
    expect(trims.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    // It is the same response.
    for (const answer of answers) expect(await answer).toBe(outer);
    await memory.close();
  });

  test.each(['stop', 'close', 'off'] as const)('may end the manager (%s) while it is trimmed', async (how) => {
    const { memory, reader, clock, pass } = managerWorld();
    const behind = new HeldMemory(100);
    let trimmed = 0;
    memory.register('ends it', {
      bytes: 500 * MB,
      trim: () => {
        trimmed++;
        if (how === 'stop') memory.stop();
        else if (how === 'close') void memory.close();
        else memory.mode = 'off';
        return MB;
      },
    });
    memory.register('behind', behind, { priority: 1 });
    reader.heapUsedMb = 950;
    memory.start();
    await pass(10_000);
    expect(trimmed).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    expect(reader.listeners).toBe(0);
    // Stopping ends the looks; what has begun is done.
    expect(behind.asked).toEqual(how === 'stop' ? [1] : []);
    await memory.close();
  });

  test('may switch the mode to and fro while it is trimmed, and one timer is left', async () => {
    const { memory, reader, clock } = managerWorld();
    memory.register('switches', {
      bytes: 500 * MB,
      trim: () => {
        memory.mode = 'off';
        memory.mode = 'on';
        return 0;
      },
    });
    reader.heapUsedMb = 950;
    memory.start();
    await flushMicrotasks();
    expect(clock.pendingTimers).toBe(1);
    memory.stop();
    expect(clock.pendingTimers).toBe(0);
    await memory.close();
  });

  test('is not asked any more when what was asked before it has unregistered it', async () => {
    const { memory, reader } = managerWorld();
    const cache = new HeldMemory(100);
    memory.register('first', {
      trim: () => {
        unregister();
        return 0;
      },
    });
    const unregister = memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 950;
    await memory.optimizeMemory();
    expect(cache.asked).toEqual([]);
    await memory.close();
  });

  test('is not trimmed after close, however long the one before it takes', async () => {
    const { memory, reader, pass } = managerWorld();
    const cache = new HeldMemory(500);
    let answer: (freed: number) => void = () => {};
    const answered = new Promise<number>((resolve) => {
      answer = resolve;
    });
    memory.register('slow', { trim: () => answered });
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 850;
    const response = memory.optimizeMemory();
    await pass(100);
    const closed = memory.close();
    answer(0);
    await closed;
    expect((await response).actions).toMatchObject([{ name: 'slow' }]);
    expect(cache.asked).toEqual([]);
  });

  test('that hangs keeps none waiting while memory is critical', async () => {
    const { memory, reader, pass } = managerWorld();
    const cache = new HeldMemory(100);
    const asked: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      memory.register(name, {
        trim: () => {
          asked.push(name);
          return new Promise<number>(() => {});
        },
      });
    }
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 950;
    memory.start();
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(cache.asked).toEqual([1]);
    const closed = memory.close();
    await pass(1_000);
    await closed;
  });
});
