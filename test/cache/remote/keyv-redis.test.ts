import KeyvRedis, { createClient, createKeyv } from '@keyv/redis';
import Keyv from 'keyv';
import Keyv6 from 'keyv-6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyvStore } from '../../../src/cache/remote/keyv-source.js';
import { findRedis, type RedisServer } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';

const BYTES = Buffer.from([0, 255, 1, 254]);
const found = await findRedis({ private: true });

describeWith('Keyv over a real Redis', found, (start) => {
  let redis: RedisServer;
  let raw: ReturnType<typeof createClient>;
  const adapters: KeyvRedis<unknown>[] = [];
  beforeAll(async () => {
    redis = await start();
    raw = createClient({ url: redis.url });
    raw.on('error', () => {});
    await raw.connect();
  }, 30_000);
  afterAll(async () => {
    for (const adapter of adapters) await adapter.disconnect(true);
    raw.destroy();
    await redis.close();
  });

  // With the defaults of the adapter, calls hang while the server is away.
  const connection = (url: string) => ({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 500, reconnectStrategy: false as const },
  });
  const adapter = (url = redis.url): KeyvRedis<unknown> => {
    const one = new KeyvRedis<unknown>(connection(url));
    adapters.push(one);
    return one;
  };
  const SOURCES: [string, (url?: string) => Parameters<typeof keyvStore>[0]][] = [
    ['the adapter, bare', (url) => adapter(url)],
    ['the adapter in Keyv 5.6', (url) => new Keyv(adapter(url), { namespace: 'n' })],
    ['the adapter in Keyv 6', (url) => new Keyv6(adapter(url), { namespace: 'n' })],
    [
      'createKeyv of the adapter',
      (url) => {
        const keyv = createKeyv(connection(url ?? redis.url));
        adapters.push(keyv.store);
        return keyv;
      },
    ],
  ];

  describe.each(SOURCES)('%s', (_, build) => {
    it('keeps bytes for the time they are given, and for good', async () => {
      await raw.flushAll();
      const store = keyvStore(build());
      await store.set('minute', BYTES, 60_000.5);
      await store.setMany([
        { key: 'hour', bytes: BYTES, ttlMs: 3_600_000 },
        { key: 'ever', bytes: Buffer.from('ever'), ttlMs: Number.POSITIVE_INFINITY },
      ]);
      expect(await store.getMany(['ever', 'absent', 'minute'])).toEqual([Buffer.from('ever'), undefined, BYTES]);
      const left = new Map<string, number>();
      for (const key of await raw.keys('*')) left.set(key.replace(/^.*:/, ''), Number(await raw.pTTL(key)));
      expect([...left.keys()].sort()).toEqual(['ever', 'hour', 'minute']);
      expect(left.get('ever')).toBe(-1);
      for (const [key, ms] of [['minute', 60_001] as const, ['hour', 3_600_000] as const]) {
        expect(left.get(key)).toBeLessThanOrEqual(ms);
        expect(left.get(key)).toBeGreaterThan(ms - 10_000);
      }
      await store.delete(['minute', 'ever']);
      expect(await store.getMany(['minute', 'hour', 'ever'])).toEqual([undefined, BYTES, undefined]);
    });

    it('rejects where nothing listens, though the adapter only emits', async () => {
      const store = keyvStore(build('redis://127.0.0.1:1'));
      await expect(store.set('k', BYTES, 1_000)).rejects.toThrow();
      await expect(store.get('k')).rejects.toThrow();
      await expect(store.getMany(['k', 'l'])).rejects.toThrow();
      await expect(store.delete(['k', 'l'])).rejects.toThrow();
    });
  });

  it('rejects a read that the server refuses, which the adapter takes for a miss', async () => {
    const bare = adapter();
    await raw.hSet('hash', 'f', 'v');
    expect(await bare.get('hash')).toBeUndefined();
    await expect(keyvStore(bare).get('hash')).rejects.toThrow(/WRONGTYPE/);
    const keyv = createKeyv(connection(redis.url));
    adapters.push(keyv.store);
    expect(await keyv.get('hash')).toBeUndefined();
    await expect(keyvStore(keyv).get('hash')).rejects.toThrow(/WRONGTYPE/);
  });
});
