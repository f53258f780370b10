import { createClient } from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rateLimitKeys } from '../../../src/async/rate/rate-limit-keys.js';
import type { RateLimitStore, StoreAnswer } from '../../../src/async/rate/rate-limit-store.js';
import { redisRateLimitStore } from '../../../src/async/rate/redis-rate-limit-store.js';
import { keySlot } from '../../../src/core/redis/key-slot.js';
import { startRedisCluster } from '../../services/redis-cluster.js';
import { type ControlledRedis, findControlledRedis } from '../../services/redis-control.js';
import { describeWith } from '../../services/service.js';

const NONE = Number.POSITIVE_INFINITY;
const limits = (requests: number, tokens = NONE, windowMs = 60_000) => ({ requests, tokens, windowMs });

async function startAll(store: RateLimitStore, of: ReturnType<typeof limits>, tokens = 0): Promise<StoreAnswer[]> {
  const answers: StoreAnswer[] = [];
  for (;;) {
    const answer = await store.reserve('k', 'p1', tokens, of);
    answers.push(answer);
    if (!answer.granted) return answers;
  }
}

describeWith('a rate limit in Redis', await findControlledRedis({ clock: true }), (start) => {
  let server: ControlledRedis;
  let redis: Redis;
  let store: ReturnType<typeof redisRateLimitStore>;
  beforeAll(async () => {
    server = await start();
    redis = new Redis(server.port, '127.0.0.1');
    redis.on('error', () => {});
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });
  beforeEach(async () => {
    server.setClock(0);
    await redis.flushall();
    store = redisRateLimitStore(redis);
  });

  it('counts up to the limit, names the time of the next call, and grants it then', async () => {
    const began = performance.now();
    const answers = await startAll(store, limits(5));
    const tookMs = performance.now() - began;
    expect(answers).toHaveLength(6);
    const refused = answers[5]!;
    if (refused.granted) throw new Error('granted');
    expect(refused.waitMs + tookMs).toBeGreaterThan(60_000);
    expect(refused.waitMs).toBeLessThanOrEqual(60_100);
    expect(refused.usage).toMatchObject({ requests: 5, processes: 1 });
    server.setClock(59);
    expect((await store.reserve('k', 'p1', 0, limits(5))).granted).toBe(false);
    server.setClock(60.2);
    const next = await startAll(store, limits(5));
    expect(next).toHaveLength(6);
    expect(next[5]!.usage.epoch).toBe(refused.usage.epoch);
  });

  it('counts tokens, gives back and charges', async () => {
    const of = limits(NONE, 100);
    const one = await store.reserve('k', 'p1', 60, of);
    if (!one.granted) throw new Error('refused');
    expect((await store.reserve('k', 'p1', 50, of)).granted).toBe(false);
    await store.settle('k', one.ticket, { requests: 0, tokens: -50 }, of);
    expect((await store.reserve('k', 'p1', 90, of)).usage).toMatchObject({ requests: 2, tokens: 100 });
    await store.settle('k', one.ticket, { requests: 0, tokens: 30 }, of);
    const refused = await store.reserve('k', 'p1', 0, of);
    expect(refused).toMatchObject({ granted: false, usage: { requests: 2, tokens: 130 } });
  });

  it('gives back no more than was counted, and nothing that has left the window or belongs to other counts', async () => {
    const of = limits(10, 100);
    const one = await store.reserve('k', 'p1', 10, of);
    if (!one.granted) throw new Error('refused');
    await store.settle('k', one.ticket, { requests: -5, tokens: -500 }, of);
    expect((await store.reserve('k', 'p1', 7, of)).usage).toMatchObject({ requests: 1, tokens: 7 });
    server.setClock(61);
    await store.settle('k', one.ticket, { requests: -1, tokens: -10 }, of);
    expect((await store.reserve('k', 'p1', 7, of)).usage).toMatchObject({ requests: 1, tokens: 7 });
    await redis.flushall();
    await store.reserve('k', 'p1', 7, of);
    await store.settle('k', one.ticket, { requests: -1, tokens: -7 }, of);
    await store.settle('k', '', { requests: 0, tokens: 0 }, of);
    await store.settle('k', 'nonsense', { requests: -1, tokens: -1 }, of);
    expect((await store.reserve('k', 'p1', 0, of)).usage).toMatchObject({ requests: 2, tokens: 7 });
  });

  it('keeps the counts of a window apart, bucket by bucket, as time goes on', async () => {
    const of = limits(10);
    for (let second = 0; second < 60; second += 6) {
      server.setClock(second);
      expect((await store.reserve('k', 'p1', 1, of)).granted).toBe(true);
    }
    const full = await store.reserve('k', 'p1', 1, of);
    if (full.granted) throw new Error('granted');
    expect(full.waitMs).toBeGreaterThan(5_000);
    expect(full.waitMs).toBeLessThanOrEqual(6_200);
    server.setClock(72.5);
    expect((await store.reserve('k', 'p1', 1, of)).usage).toMatchObject({ requests: 8, tokens: 8 });
    server.setClock(1_000);
    expect((await store.reserve('k', 'p1', 1, of)).usage).toMatchObject({ requests: 1, tokens: 1 });
    // The fields of the totals and of one bucket.
    expect(await redis.hlen(rateLimitKeys('default', 'k', 60_000)[0])).toBe(7);
  });

  it('counts the processes that asked in the last minute', async () => {
    const of = limits(10);
    await store.reserve('k', 'p1', 0, of);
    await store.reserve('k', 'p2', 0, of);
    expect((await store.reserve('k', 'p1', 0, of)).usage.processes).toBe(2);
    server.setClock(61);
    expect((await store.reserve('k', 'p1', 0, of)).usage.processes).toBe(1);
  });

  it('cools down for all, and a shorter pause does not shorten a longer one', async () => {
    await store.coolDown('k', 5_000);
    await store.coolDown('k', 50);
    await store.coolDown('k', 0);
    const answer = await store.reserve('k', 'p1', 0, limits(5));
    if (answer.granted) throw new Error('granted');
    expect(answer.waitMs).toBeGreaterThan(4_000);
    expect(answer.waitMs).toBeLessThanOrEqual(5_000);
    expect(answer.usage.requests).toBe(0);
    expect((await store.reserve('other', 'p1', 0, limits(5))).granted).toBe(true);
  });

  it('says by another epoch that counts were lost', async () => {
    const before = await store.reserve('k', 'p1', 0, limits(5));
    expect((await store.reserve('k', 'p1', 0, limits(5))).usage.epoch).toBe(before.usage.epoch);
    await redis.flushall();
    expect((await store.reserve('k', 'p1', 0, limits(5))).usage.epoch).not.toBe(before.usage.epoch);
  });

  it('is not confused for ever by a server whose clock was wrong', async () => {
    server.setClock(86_400);
    expect(await startAll(store, limits(3))).toHaveLength(4);
    // A second back stands still, a day back begins anew.
    server.setClock(86_399);
    expect((await store.reserve('k', 'p1', 0, limits(3))).granted).toBe(false);
    server.setClock(0);
    expect(await startAll(store, limits(3))).toHaveLength(4);
  });

  it('lets every key expire by itself', async () => {
    await store.reserve('k', 'p1', 5, limits(5));
    await store.coolDown('k', 1_000);
    const keys = await redis.keys('*');
    expect(keys.sort()).toEqual([...rateLimitKeys('default', 'k', 60_000)].sort());
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('keeps namespaces, keys and windows apart', async () => {
    const other = redisRateLimitStore(redis, { namespace: 'other' });
    await startAll(store, limits(1));
    expect((await other.reserve('k', 'p1', 0, limits(1))).granted).toBe(true);
    expect((await store.reserve('k2', 'p1', 0, limits(1))).granted).toBe(true);
    expect((await store.reserve('k', 'p1', 0, limits(1, NONE, 1_000))).granted).toBe(true);
  });

  it('counts exactly under many questions at once, by several clients', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const url = redisRateLimitStore(server.url);
    try {
      const stores = [store, redisRateLimitStore(client), url];
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) => stores[i % 3]!.reserve('k', `p${i % 3}`, 3, limits(100, 200))),
      );
      expect(answers.filter(({ granted }) => granted)).toHaveLength(66);
      expect(answers.at(-1)!.usage.processes).toBe(3);
    } finally {
      await url.close();
      await url.close();
      client.destroy();
    }
  });

  it('never closes the client of the host', async () => {
    await store.reserve('k', 'p1', 0, limits(1));
    await store.close();
    await store[Symbol.asyncDispose]();
    await expect(store.reserve('k', 'p1', 0, limits(1))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(await redis.ping()).toBe('PONG');
  });
});

/** The nightly run's: the names below, and the port's own tests, say as much in less time. */
describe.runIf(process.env['HOTPATH_RATE_HOURS'] !== undefined)('a rate limit in a Redis Cluster', () => {
  it('keeps all keys of a limit on one node, whichever that is', async () => {
    const cluster = await startRedisCluster();
    const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    client.on('error', () => {});
    try {
      const store = redisRateLimitStore(client);
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const one = await store.reserve(key, 'p1', 5, limits(1, 10));
        if (!one.granted) throw new Error('refused');
        await store.settle(key, one.ticket, { requests: -1, tokens: -5 }, limits(1, 10));
        await store.coolDown(key, 1_000);
        expect((await store.reserve(key, 'p1', 5, limits(1, 10))).granted).toBe(false);
      }
    } finally {
      client.disconnect();
      await cluster.close();
    }
  }, 40_000);
});

describe('the names of a limit on the server', () => {
  it.each([
    ['a', 'b:c', 'a:b', 'c'],
    ['a', '}b', 'a}', 'b'],
    ['a', '%003A', 'a', ':'],
    ['{', '', '', '{'],
  ])('differ for %s, %s and %s, %s', (ns1, key1, ns2, key2) => {
    const one = rateLimitKeys(ns1, key1, 1_000);
    expect(one).not.toEqual(rateLimitKeys(ns2, key2, 1_000));
    expect(new Set(one.map(keySlot)).size).toBe(1);
  });

  it('are of one slot whatever the key is', () => {
    for (const key of ['openai:gpt', '{x}', '}{', '\ud800', 'ä', '']) {
      expect(new Set(rateLimitKeys('ns', key, 60_000).map(keySlot)).size).toBe(1);
    }
  });
});

describe('what is no Redis', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an object', { host: 'localhost', password: 'secret' }],
    ['a map', new Map()],
    ['another URL', 'http://user:secret@localhost'],
    ['a text', 'localhost:6379 secret'],
  ])('is refused at once: %s', (_, value) => {
    const make = (): unknown => redisRateLimitStore(value as string);
    expect(make).toThrow(/redis must be/);
    expect(make).not.toThrow(/secret/);
  });

  it('is told apart from options that there are not', () => {
    const url = 'redis://127.0.0.1:1';
    expect(() => redisRateLimitStore(url, { prefix: 'secret' } as object)).toThrow(/prefix must be absent.*namespace/);
    expect(() => redisRateLimitStore(url, { namespace: '' })).toThrow(/namespace must be a string that is not empty/);
    expect(() => redisRateLimitStore(url, null as unknown as object)).toThrow(/must be an object/);
  });

  it('a server that is not there rejects within the time for a first connection', async () => {
    const store = redisRateLimitStore('redis://127.0.0.1:1');
    await expect(store.reserve('k', 'p', 0, limits(1))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await store.close();
  });
});
