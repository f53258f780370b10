import { describe, expect, test } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { BlindMemory, HeldMemory, managerWorld } from './manager-world.js';

const MB = 2 ** 20;

describe('when memory is high', () => {
  test('what has the lowest priority gives back first, and no more than is needed', async () => {
    const { memory, reader, trims } = managerWorld();
    const cheap = new HeldMemory(150);
    const dear = new HeldMemory(400);
    const untouched = new HeldMemory(400);
    memory.register('untouched', untouched, { priority: 2 });
    memory.register('dear', dear, { priority: 1 });
    memory.register('cheap', cheap);
    reader.heapUsedMb = 800;
    const { level, freedBytes, actions, reason } = await memory.optimizeMemory();
    // Back to 600 Mb: all of the cheap one, an eighth of the dear one.
    expect(trims).toMatchObject([
      { name: 'cheap', level: 'high', fraction: 1, freedBytes: 150 * MB, outcome: 'freed' },
      { name: 'dear', level: 'high', fraction: 0.125, freedBytes: 50 * MB, outcome: 'freed' },
    ]);
    expect(untouched.asked).toEqual([]);
    expect({ level, freedBytes, reason }).toEqual({ level: 'high', freedBytes: 200 * MB, reason: 'pressed' });
    expect(actions.slice(0, 2)).toEqual(trims.map((trim) => ({ kind: 'trim', ...trim })));
    expect(actions[2]).toEqual({ kind: 'gc', outcome: 'skipped', why: 'policy' });
    await memory.close();
  });

  test('of equal priority the cache whose bytes have saved least of late goes first, and those that do not say last', async () => {
    const { memory, reader, trims, pass } = managerWorld();
    const silent = { trim: () => 10 * MB };
    const useful = new HeldMemory(100);
    const idle = new HeldMemory(100, 1_000_000);
    const small = new HeldMemory(10);
    memory.register('silent', silent);
    memory.register('useful', useful);
    memory.register('idle', idle);
    memory.register('small', small);
    memory.start();
    // The idle one has saved a lot, long ago. The small one saves less than the useful one, and more for its bytes.
    await pass(180_000);
    useful.savedMs += 5_000;
    small.savedMs += 1_000;
    reader.heapUsedMb = 890;
    await pass(1_000);
    expect(trims.map(({ name }) => name)).toEqual(['idle', 'useful', 'small', 'silent']);
    await memory.close();
  });

  test('what was freed is not asked for again before the collector has been by', async () => {
    const { memory, reader, trims, pass } = managerWorld();
    const cache = new HeldMemory(700);
    memory.register('cache', cache);
    memory.start();
    reader.heapUsedMb = 800;
    // V8 takes its time: the heap is as full as before.
    await pass(60_000);
    expect(trims).toHaveLength(1);
    expect(cache.bytes / MB).toBeCloseTo(500);
    // It frees all of it, and the heap fills again with what is alive.
    reader.collect(600);
    await pass(60_000);
    expect(trims).toHaveLength(1);
    reader.collect(800);
    await pass(1_000);
    expect(trims).toHaveLength(2);
    expect(cache.bytes / MB).toBeCloseTo(300);
    await memory.close();
  });

  test('resident memory that does not fall after the collector has been by does not empty the caches', async () => {
    const { memory, reader, pass } = managerWorld();
    const cache = new HeldMemory(800);
    memory.register('cache', cache);
    reader.heapLimitMb = 4_000;
    reader.heapUsedMb = 1_200;
    reader.rssMb = 1_600;
    memory.start();
    await pass(60_000);
    expect(cache.bytes / MB).toBeCloseTo(400);
    // The heap keeps its pages, as V8 does.
    reader.heapCommittedMb = 1_200;
    reader.collect(800);
    await pass(600_000);
    expect(memory.level).toBe('high');
    expect(cache.bytes / MB).toBeCloseTo(400);
    await memory.close();
  });

  test('those that do not say how much they hold give half, and are left alone for a while', async () => {
    const { memory, reader, pass } = managerWorld();
    const blind = new BlindMemory();
    memory.register('blind', blind);
    reader.heapUsedMb = 850;
    memory.start();
    await pass(9_000);
    expect(blind.asked).toEqual([0.5]);
    await pass(2_000);
    expect(blind.asked).toEqual([0.5, 0.5]);
    await memory.close();
  });
});

describe('when memory is critical', () => {
  test('all that is registered is emptied, whatever its priority and however much was freed before', async () => {
    const { memory, reader, pass } = managerWorld();
    const held = [new HeldMemory(100), new HeldMemory(500), new HeldMemory(5)];
    const blind = new BlindMemory();
    for (const [priority, each] of held.entries()) memory.register(`held ${priority}`, each, { priority });
    memory.register('blind', blind);
    reader.heapUsedMb = 900;
    memory.start();
    expect(held.map(({ bytes }) => bytes)).toEqual([0, 0, 0]);
    expect(blind.asked).toEqual([1]);
    // It is garbage now, and nobody is asked for it twice.
    await pass(2_000);
    expect(held.map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
    expect(blind.asked).toEqual([1]);
    // It was not enough. What is empty is not asked; what does not say is, at once and then once a second.
    reader.collect(960);
    await pass(2_000);
    expect(held.map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
    expect(blind.asked).toEqual([1, 1, 1, 1]);
    await memory.close();
  });

  test('is not delayed by what has not answered to a high level', async () => {
    const { memory, reader, trims, pass } = managerWorld();
    const cache = new HeldMemory(100);
    memory.register('slow', { trim: () => new Promise<number>(() => {}), bytes: 300 * MB });
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 850;
    memory.start();
    await pass(100);
    expect(cache.bytes).toBe(100 * MB);
    reader.heapUsedMb = 950;
    await pass(250);
    expect(cache.bytes).toBe(0);
    expect(trims.slice(0, 2)).toMatchObject([
      { name: 'slow', outcome: 'busy' },
      { name: 'cache', outcome: 'freed' },
    ]);
    const closed = memory.close();
    await pass(1_000);
    await closed;
  });
});

describe('something registered', () => {
  test('that throws is told, and the next one is asked', async () => {
    const { memory, reader, trims, errors } = managerWorld();
    const cache = new HeldMemory(500);
    const error = new Error('no such pool');
    memory.register('broken', {
      trim: () => {
        throw error;
      },
    });
    memory.register('rejects', { trim: () => Promise.reject(error) });
    memory.register('nonsense', { trim: () => Number.NaN });
    memory.register('negative', { trim: () => -1 });
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 800;
    const { freedBytes } = await memory.optimizeMemory();
    await flushMicrotasks();
    expect(trims.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      ...['broken failed', 'rejects failed', 'nonsense invalid', 'negative invalid', 'cache freed'],
    ]);
    expect(freedBytes).toBe(200 * MB);
    expect(errors.map(({ during }) => during)).toEqual([
      ...["a trim of 'broken'", "a trim of 'rejects'", "a trim of 'nonsense'", "a trim of 'negative'"],
    ]);
    expect(memory.stats().registered.map(({ failures }) => failures)).toEqual([1, 1, 1, 1, 0]);
    await memory.close();
  });

  test('that hangs is left behind after the timeout, not asked again until it answers, and its late answer counts', async () => {
    const { memory, reader, clock, trims, errors } = managerWorld({ trimTimeout: '2s' });
    let answer: (freed: number) => void = () => {};
    const answered = new Promise<number>((resolve) => {
      answer = resolve;
    });
    memory.register('slow', { trim: () => answered });
    const cache = new HeldMemory(500);
    memory.register('cache', cache, { priority: 1 });
    reader.heapUsedMb = 800;
    const first = memory.optimizeMemory();
    await clock.advanceAsync(1_999);
    expect(cache.asked).toEqual([]);
    await clock.advanceAsync(1);
    expect((await first).freedBytes).toBe(200 * MB);
    expect(trims).toMatchObject([{ name: 'slow', outcome: 'hung', ms: 2_000 }, { name: 'cache' }]);
    expect(errors).toMatchObject([{ error: { code: 'TRIM_HUNG' } }]);

    reader.heapUsedMb = 1_200;
    await memory.optimizeMemory();
    expect(trims[2]).toMatchObject({ name: 'slow', outcome: 'busy' });
    await clock.advanceAsync(5_000);
    answer(7 * MB);
    await flushMicrotasks();
    expect(trims.at(-1)).toMatchObject({ name: 'slow', outcome: 'freed', freedBytes: 7 * MB, ms: 7_000 });
    expect(memory.stats().registered).toMatchObject([{ name: 'slow', hangs: 1, trims: 1, freedBytes: 7 * MB }, {}]);
    // Now it is asked again.
    reader.heapUsedMb = 2_000;
    clock.advance(1_000);
    await memory.optimizeMemory();
    expect(trims.at(-1)).toMatchObject({ name: 'slow', outcome: 'freed', ms: 0 });
    await memory.close();
  });

  test('whose figures throw is taken for one that does not say', async () => {
    const { memory, reader, trims, errors } = managerWorld();
    const odd = {
      trim: () => MB,
      get bytes(): number {
        throw new Error('closed');
      },
    };
    memory.register('odd', odd);
    reader.heapUsedMb = 800;
    await memory.optimizeMemory();
    expect(trims).toMatchObject([{ name: 'odd', fraction: 0.5, outcome: 'freed' }]);
    expect(errors[0]).toMatchObject({ during: "bytes of 'odd'" });
    await memory.close();
  });

  test('is asked no more once it is unregistered, and its name is free', async () => {
    const { memory, reader } = managerWorld();
    const first = new HeldMemory(500);
    const second = new HeldMemory(500);
    const unregister = memory.register('cache', first);
    expect(() => memory.register('cache', second)).toThrow('name must be one that is not registered yet, got "cache"');
    unregister();
    memory.register('cache', second);
    unregister();
    reader.heapUsedMb = 800;
    await memory.optimizeMemory();
    expect([first.asked.length, second.asked.length]).toEqual([0, 1]);
    await memory.close();
  });

  test.each([
    [() => managerWorld().memory.register('', new HeldMemory(1)), 'name must be a string that is not empty, got ""'],
    [() => managerWorld().memory.register('x', {} as never), 'trimmable must be an object with trim(fraction), got {}'],
    [
      () => managerWorld().memory.register('x', new HeldMemory(1), { priority: Number.NaN }),
      'priority must be a number, got NaN',
    ],
    [
      () => managerWorld().memory.register('x', new HeldMemory(1), { order: 1 } as never),
      'order must be absent (options here are priority), got 1',
    ],
  ])('that is none is refused clearly (%#)', (register, message) => {
    expect(register).toThrow(message);
  });
});
