import { describe, expect, test } from 'vitest';
import { Collecting, type CollectingParts } from '../../src/memory/collecting.js';
import { collectorOf } from '../../src/memory/collector.js';
import type { ForcedCollection } from '../../src/memory/memory-events.js';
import { ManualClock } from '../manual-clock.js';
import { ScriptedReader } from './scripted-reader.js';

const MB = 2 ** 20;

function collectingWorld(overrides: Partial<CollectingParts> = {}) {
  const clock = new ManualClock();
  const reader = new ScriptedReader();
  const told: ForcedCollection[] = [];
  const troubles: string[] = [];
  const world = {
    clock,
    reader,
    told,
    troubles,
    calls: 0,
    takesMs: 100,
    lastMajorAt: Number.NEGATIVE_INFINITY,
    pending: 0,
  };
  const collecting = new Collecting({
    ...{ clock, reader, policy: 'high', intervalMs: 30_000 },
    lastMajorAt: () => world.lastMajorAt,
    pendingBytes: () => world.pending,
    onCollected: (collection) => told.push(collection),
    onTrouble: (_, during) => troubles.push(during),
    collector: () => ({
      collect: async () => {
        world.calls++;
        clock.advance(world.takesMs);
        reader.heapUsedMb -= 30;
      },
      collectNow: () => {},
    }),
    ...overrides,
  });
  return { ...world, world, collecting };
}

describe('a collection on purpose', () => {
  test('says how long it took and what it freed', async () => {
    const { collecting, told } = collectingWorld();
    const collected = { level: 'high', ms: 100, freedBytes: 30 * MB };
    expect(await collecting.run('high')).toEqual({ kind: 'gc', outcome: 'collected', ...collected });
    expect(told).toEqual([collected]);
    expect([collecting.count, collecting.ms]).toEqual([1, 100]);
  });

  test('comes once an interval and not a millisecond sooner', async () => {
    const { collecting, clock, world } = collectingWorld();
    await collecting.run('high');
    clock.advance(29_899);
    expect(await collecting.run('critical')).toEqual({ kind: 'gc', outcome: 'skipped', why: 'too-soon' });
    clock.advance(1);
    expect(await collecting.run('critical')).toMatchObject({ outcome: 'collected' });
    expect(world.calls).toBe(2);
  });

  test('takes at most 2 % of the time, however long each one takes', async () => {
    const { collecting, clock, world } = collectingWorld();
    world.takesMs = 2_000;
    await collecting.run('high');
    clock.advance(97_999);
    expect(await collecting.run('high')).toMatchObject({ why: 'too-soon' });
    clock.advance(1);
    expect(await collecting.run('high')).toMatchObject({ outcome: 'collected' });
  });

  test('is left out where one came by itself just before', async () => {
    const { collecting, clock, world } = collectingWorld();
    world.lastMajorAt = clock.now();
    clock.advance(4_999);
    expect(await collecting.run('high')).toEqual({ kind: 'gc', outcome: 'skipped', why: 'just-collected' });
    clock.advance(1);
    expect(await collecting.run('high')).toMatchObject({ outcome: 'collected' });
  });

  test('comes all the same where something was freed since', async () => {
    const { collecting, clock, world } = collectingWorld();
    world.lastMajorAt = clock.now();
    world.pending = 1;
    expect(await collecting.run('high')).toMatchObject({ outcome: 'collected' });
  });

  test('is not begun twice by two who ask at once', async () => {
    const { collecting, world } = collectingWorld();
    const [first, second] = await Promise.all([collecting.run('high'), collecting.run('critical')]);
    expect(first).toMatchObject({ outcome: 'collected' });
    expect(second).toMatchObject({ outcome: 'skipped', why: 'too-soon' });
    expect(world.calls).toBe(1);
  });

  test('that fails is told', async () => {
    const { collecting, troubles, told } = collectingWorld({
      collector: () => ({ collect: () => Promise.reject(new Error('no')), collectNow: () => {} }),
    });
    expect(await collecting.run('high')).toEqual({ kind: 'gc', outcome: 'failed' });
    expect(troubles).toEqual(['a garbage collection']);
    expect(told).toEqual([]);
  });

  test('needs a policy that allows it', async () => {
    const { collecting } = collectingWorld({ collector: () => undefined });
    expect(await collecting.run('high')).toEqual({ kind: 'gc', outcome: 'skipped', why: 'policy' });
  });
});

describe('the collector', () => {
  test('is there where the host has exposed it, or has allowed it to be, and never with off', async () => {
    const host = globalThis as { gc?: unknown };
    const before = host.gc;
    try {
      delete host.gc;
      expect(collectorOf('off')).toBeUndefined();
      expect(collectorOf('exposed')).toBeUndefined();
      expect(collectorOf('high')).toBeDefined();
      // The host's globals stay as they are.
      expect('gc' in globalThis).toBe(false);
      const asked: unknown[] = [];
      host.gc = (options: unknown) => asked.push(options);
      expect(collectorOf('off')).toBeUndefined();
      await collectorOf('exposed')?.collect();
      await collectorOf('high')?.collect();
      collectorOf('high')?.collectNow();
      const inATask = { type: 'major', execution: 'async' };
      expect(asked).toEqual([inATask, inATask, undefined]);
    } finally {
      if (before === undefined) delete host.gc;
      else host.gc = before;
    }
  });

  test('really collects', async () => {
    const gone = new WeakRef({ big: new Array(1_000).fill(0) });
    // The object above is kept alive until the end of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    await collectorOf('high')?.collect();
    expect(gone.deref()).toBeUndefined();
  });
});
