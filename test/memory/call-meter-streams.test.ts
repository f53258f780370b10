import { describe, expect, it } from 'vitest';
import { CallMeterWorld, PLAIN } from './call-meter-world.js';

describe('what is read bit by bit', () => {
  it('is measured to its last chunk, async and sync', async () => {
    const world = new CallMeterWorld();
    const rows = async function* (): AsyncGenerator<number> {
      world.take({ heap: 1 });
      yield 1;
      world.take({ heap: 2 });
    };
    for await (const _ of world.meter.measure('rows', PLAIN, rows)) expect(world.reports).toEqual([]);
    expect(world.last).toMatchObject({ heapMb: 3, attribution: 'exclusive' });
    const steps = function* (): Generator<number> {
      world.take({ external: 4 });
      yield 1;
    };
    expect([...world.meter.measure('steps', PLAIN, steps)]).toEqual([1]);
    expect(world.last).toMatchObject({ externalMb: 4 });
    await world.meter
      .measure('promised', PLAIN, async () => rows())
      .then(async (stream) => {
        for await (const _ of stream);
      });
    expect(world.last).toMatchObject({ name: 'promised', heapMb: 3 });
  });

  it('ends where its reader leaves it', async () => {
    const world = new CallMeterWorld();
    let cleaned = false;
    const rows = async function* (): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        cleaned = true;
        world.take({ heap: 1 });
      }
    };
    for await (const _ of world.meter.measure('rows', PLAIN, rows)) break;
    expect(cleaned).toBe(true);
    expect(world.last).toMatchObject({ heapMb: 1, failed: false });
    expect(world.meter.stats().running).toBe(0);
  });

  it('passes next, return and throw through, and fails with what it throws', async () => {
    const world = new CallMeterWorld();
    const seen: unknown[] = [];
    const error = new Error('away');
    const stream = world.meter.measure('talk', PLAIN, async function* (): AsyncGenerator<number, string, string> {
      seen.push(yield 1);
      try {
        yield 2;
      } catch (thrown) {
        seen.push(thrown);
      }
      yield 3;
      return 'end';
    });
    expect(await stream.next()).toEqual({ value: 1, done: false });
    expect(await stream.next('a')).toEqual({ value: 2, done: false });
    expect(await stream.throw(error)).toEqual({ value: 3, done: false });
    expect(await stream.return('left')).toEqual({ value: 'left', done: true });
    expect(seen).toEqual(['a', error]);
    expect(world.reports).toHaveLength(1);
    const broken = world.meter.measure('broken', PLAIN, async function* (): AsyncGenerator<number> {
      yield 1;
      throw error;
    });
    await broken.next();
    await expect(broken.next()).rejects.toBe(error);
    expect(world.last).toMatchObject({ name: 'broken', failed: true });
  });
});
