import { expect, it } from 'vitest';
import { CacheManager, type CacheOptions } from '../../src/cache/index.js';
import { type ControlledRedis, findControlledRedis } from '../services/redis-control.js';
import { describeWith } from '../services/service.js';
import { pause } from './chaos-node.js';
import { ChaosWorld, patient } from './chaos-world.js';

const SECRET = 'a value to be found by its text';

/** The key and the bytes of the one entry that holds this text. */
async function entryWith(redis: ControlledRedis, text: string): Promise<{ key: string; bytes: Buffer }> {
  for (const key of (await redis.command('KEYS', '*')) as string[]) {
    if ((await redis.command('TYPE', key)) !== 'string') continue;
    const bytes = (await redis.bytes('GET', key)) as Buffer;
    if (bytes.includes(text)) return { key, bytes };
  }
  throw new Error('no entry holds the value');
}

describeWith('a payload in Redis', await findControlledRedis(), (start) => {
  const setUp = async (world: ChaosWorld): Promise<{ redis: ControlledRedis; cache: () => CacheManager<string> }> => {
    const redis = world.own(await start());
    const options = { namespace: 'payloads', remote: patient(redis.url) };
    return { redis, cache: () => world.own(new CacheManager<string>(options as CacheOptions)) };
  };

  it('of ours with a bit turned over is a miss, and is replaced; the host sees no error', async (test) => {
    const world = new ChaosWorld(test);
    const { redis, cache } = await setUp(world);
    await cache().set('k', SECRET);
    const { key, bytes } = await entryWith(redis, SECRET);
    // Wherever the bit is, from behind the magic to the end.
    for (const at of [6, 10, Math.floor(bytes.length / 2), bytes.indexOf(SECRET) + 3, bytes.length - 1]) {
      const corrupt = Buffer.from(bytes);
      corrupt[at]! ^= 0x10;
      await redis.bytes('SET', key, corrupt);
      const reader = cache();
      await reader.ready();
      expect(await reader.getOrSet('k', () => 'loaded', { cache: 'only' }), `byte ${at}`).toBeUndefined();
      expect(await reader.getOrSet('k', () => 'loaded'), `byte ${at}`).toBe('loaded');
      await pause(20);
      const now = (await redis.bytes('GET', key)) as Buffer | null;
      expect(now === null || !now.equals(corrupt), `byte ${at} is still there`).toBe(true);
    }
  });

  it('of ours that was cut short is a miss', async (test) => {
    const world = new ChaosWorld(test);
    const { redis, cache } = await setUp(world);
    await cache().set('k', SECRET);
    const { key, bytes } = await entryWith(redis, SECRET);
    for (const length of [0, 1, 4, 5, 12, bytes.length - 1]) {
      await redis.bytes('SET', key, bytes.subarray(0, length));
      const reader = cache();
      await reader.ready();
      expect(await reader.getOrSet('k', () => 'loaded'), `${length} bytes`).toBe('loaded');
      await redis.command('DEL', key);
    }
  });

  it('of somebody else is a miss, is left as it is, and is told of', async (test) => {
    const world = new ChaosWorld(test);
    const { redis, cache } = await setUp(world);
    await cache().set('k', SECRET);
    const { key } = await entryWith(redis, SECRET);
    const foreign = Buffer.from('{"of":"another program"}');
    await redis.bytes('SET', key, foreign);
    const reader = cache();
    await reader.ready();
    const told: unknown[] = [];
    reader.on('remote:foreign', (event) => told.push(event));
    expect(await reader.getOrSet('k', () => 'loaded')).toBe('loaded');
    await pause(20);
    expect(await redis.bytes('GET', key)).toEqual(foreign);
    expect(told.length).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toContain('another program');
  });

  it('of another type than a string is a miss, and is left as it is', async (test) => {
    const world = new ChaosWorld(test);
    const { redis, cache } = await setUp(world);
    await cache().set('k', SECRET);
    const { key } = await entryWith(redis, SECRET);
    await redis.command('DEL', key);
    await redis.command('RPUSH', key, 'a list');
    const reader = cache();
    await reader.ready();
    expect(await reader.getOrSet('k', () => 'loaded')).toBe('loaded');
    await pause(20);
    expect(await redis.command('LRANGE', key, 0, -1)).toEqual(['a list']);
  });
});
