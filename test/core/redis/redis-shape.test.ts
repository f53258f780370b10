import { EventEmitter } from 'node:events';
import KeyvRedis, { createClient, createCluster, createSentinel, Keyv } from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { redisPort } from '../../../src/core/redis/redis-client-port.js';
import type { RedisLike } from '../../../src/core/redis/redis-like.js';
import { isRedisLike, redisObjection } from '../../../src/core/redis/redis-shape.js';

const lazy = { lazyConnect: true } as const;

/** Typed, so that the compiler checks what hosts pass. None of them connects. */
function clients(): [name: string, client: RedisLike, topology: 'single' | 'cluster'][] {
  return [
    ['node-redis', createClient(), 'single'],
    ['node-redis, RESP3', createClient({ RESP: 3 }), 'single'],
    ['node-redis, mapped', createClient().withTypeMapping({ 36: Buffer }), 'single'],
    ['node-redis cluster', createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }), 'cluster'],
    [
      'node-redis sentinel',
      createSentinel({ name: 'm', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }),
      'single',
    ],
    ['ioredis', new Redis(lazy), 'single'],
    ['ioredis, Sentinel', new Redis({ ...lazy, name: 'm', sentinels: [{ host: '127.0.0.1', port: 1 }] }), 'single'],
    ['ioredis cluster', new Cluster([{ host: '127.0.0.1', port: 1 }], lazy), 'cluster'],
  ];
}

it.each(clients())('recognises %s', async (_name, client, topology) => {
  expect(isRedisLike(client)).toBe(true);
  expect(redisObjection(client)).toBeUndefined();
  const port = redisPort(client);
  expect(port.topology).toBe(topology);
  expect(port.ready).toBe(false);
  await expect(port.send('k', ['GET', 'k'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  await expect(port.send(undefined, ['PING'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  await port.close();
});

it('takes nothing else for a client', () => {
  const keyv = new Keyv();
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('trap');
      },
    },
  );
  const others = [undefined, null, 'redis://localhost', 6379, {}, [], new Map(), new EventEmitter(), keyv, throwing];
  for (const other of [
    ...others,
    new KeyvRedis('redis://127.0.0.1:1'),
    () => {},
    { sendCommand: () => {}, isOpen: true },
  ]) {
    expect(isRedisLike(other)).toBe(false);
    expect(redisObjection(other)).toBeUndefined();
  }
  expect(() => redisPort(keyv as never)).toThrow(/remote must be a client of node-redis \(5 or later\) or ioredis/);
});

/** The shapes of clients that are too old, as far as they differ. */
const nothing = (): void => {};
const emits = { on: nothing, off: nothing };
const OLD: [name: string, client: object, why: RegExp][] = [
  [
    'node-redis 4',
    {
      ...emits,
      isOpen: true,
      isReady: true,
      sendCommand: nothing,
      duplicate: nothing,
      multi: nothing,
      quit: nothing,
      disconnect: nothing,
    },
    /node-redis is older than 5/,
  ],
  [
    'ioredis 4',
    { ...emits, status: 'ready', callBuffer: nothing, duplicate: nothing, disconnect: nothing, options: {} },
    /ioredis is older than 5/,
  ],
  [
    'a cluster of ioredis 4',
    {
      ...emits,
      status: 'ready',
      isCluster: true,
      callBuffer: nothing,
      disconnect: nothing,
      nodes: nothing,
      options: {},
      _addedScriptHashes: {},
    },
    /ioredis is older than 5/,
  ],
  ['a pool of node-redis', createClient().createPool(), /pass a client/],
  ['ioredis with a prefix', new Redis({ ...lazy, keyPrefix: 'app:' }), /keyPrefix/],
  ['a cluster of ioredis with a prefix', new Cluster([{ port: 1 }], { ...lazy, keyPrefix: 'app:' }), /keyPrefix/],
];

it.each(OLD)('says why not: %s', (_name, client, why) => {
  expect(isRedisLike(client)).toBe(false);
  expect(redisObjection(client)).toMatch(why);
  expect(() => redisPort(client as never)).toThrow(why);
});

it('a client that connects on first use is connected; one of node-redis is left to its host', async () => {
  const ioredis = new Redis({ ...lazy, port: 1, retryStrategy: () => null });
  ioredis.on('error', nothing);
  const port = redisPort(ioredis);
  port.connect();
  expect(ioredis.status).toBe('connecting');
  await new Promise((resolve) => ioredis.once('end', resolve));
  await port.close();

  const nodeRedis = createClient();
  const other = redisPort(nodeRedis);
  other.connect();
  expect(nodeRedis.isOpen).toBe(false);
  await other.close();
});

it('listeners that the host adds after all caches are gone still hear its client', async () => {
  const client = createClient({ url: 'redis://127.0.0.1:1', socket: { reconnectStrategy: false } });
  const port = redisPort(client);
  port.onReadiness(nothing);
  await port.close();
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  await expect(client.connect()).rejects.toThrow();
  expect(errors.length).toBeGreaterThan(0);
});
