import { createClient, createCluster } from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheManager, type CacheOptions } from '../../../src/cache/index.js';
import { WireNames } from '../../../src/cache/remote/wire-name.js';
import { keySlot } from '../../../src/core/redis/key-slot.js';
import { findRedis } from '../../services/redis.js';
import { type RedisCluster, startRedisCluster } from '../../services/redis-cluster.js';
import { MonitorLog } from '../../services/redis-monitor.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader } from '../deferred.js';
import { pause, until } from './nodes.js';

interface Client {
  readonly remote: CacheOptions['remote'];
  end(): void;
}

interface Kind {
  readonly name: string;
  open(ports: readonly number[]): Promise<Client>;
}

const url = (port: number | undefined): string => `redis://127.0.0.1:${port}`;

const SINGLE: readonly Kind[] = [
  { name: 'a URL', open: async ([port]) => ({ remote: url(port), end: () => {} }) },
  ...([2, 3] as const).map(
    (RESP): Kind => ({
      name: `node-redis with RESP${RESP}`,
      open: async ([port]) => {
        const client = createClient({ url: url(port), RESP });
        client.on('error', () => {});
        await client.connect();
        return { remote: client as never, end: () => client.destroy() };
      },
    }),
  ),
  ...[false, true].map(
    (enableAutoPipelining): Kind => ({
      name: enableAutoPipelining ? 'ioredis, pipelining by itself' : 'ioredis',
      open: async ([port]) => {
        const client = new Redis(port!, '127.0.0.1', { enableAutoPipelining });
        return { remote: client as never, end: () => client.disconnect() };
      },
    }),
  ),
];

const CLUSTER: readonly Kind[] = [
  {
    name: 'a cluster client of node-redis',
    open: async (ports) => {
      const client = createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) });
      client.on('error', () => {});
      await client.connect();
      return { remote: client as never, end: () => client.destroy() };
    },
  },
  {
    name: 'a cluster client of ioredis',
    open: async (ports) => {
      const client = new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })));
      client.on('error', () => {});
      await new Promise<void>((resolve) => client.once('ready', () => resolve()));
      return { remote: client as never, end: () => client.disconnect() };
    },
  },
];

let count = 0;

/** Two nodes, each with a client of its own, and what they do to each other. */
function basics(kind: Kind, ports: () => readonly number[]): void {
  const opened: (() => unknown)[] = [];
  const namespace = `clients-${++count}`;
  const open = async (options: CacheOptions = {}): Promise<CacheManager<unknown>> => {
    const client = await kind.open(ports());
    const cache = new CacheManager<unknown>({
      namespace,
      remote: client.remote!,
      jitter: 0,
      earlyRefresh: 0,
      ...options,
    });
    opened.push(async () => {
      await cache.close();
      client.end();
    });
    await cache.ready();
    await until('the bus lives', () => cache.stats().remote?.bus === 'live');
    return cache;
  };
  afterAll(async () => {
    for (const close of opened) await close();
  });

  it('loads once, reads everywhere, and every kind of change reaches the other node', async () => {
    const here = await open();
    const there = await open();
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    const loader = new DeferredLoader<unknown>();
    const reads = [here, there, here].map((cache) => cache.getOrSet('single', loader.load, { tags: ['t'] }));
    await until('one loads', () => loader.runs === 1);
    await pause(40);
    loader.last.resolve({ date: new Date(0), bytes: Buffer.from([0, 255, 10, 13]) });
    for (const value of await Promise.all(reads))
      expect(value).toEqual({ date: new Date(0), bytes: Buffer.from([0, 255, 10, 13]) });
    expect(loader.runs).toBe(1);

    const asked: string[][] = [];
    const load = (missing: readonly string[]): number[] => {
      asked.push([...missing]);
      return missing.map((key) => Number(key.slice(1)));
    };
    await here.getOrSetMany(keys.slice(0, 30), load, { tags: ['many'] });
    await until('it is stored', async () => (await there.getMany(keys)).size === 30);
    const values = await there.getOrSetMany(keys, load);
    expect([...values.values()]).toEqual(keys.map((_, i) => i));
    expect(asked).toEqual([keys.slice(0, 30), keys.slice(30)]);

    await here.set('k1', 'set');
    await until('the set has come', async () => (await there.get('k1')) === 'set');
    expect(await here.delete('k2')).toMatchObject({ deleted: true, remote: 'done' });
    await until('the delete has come', async () => (await there.get('k2')) === undefined);
    const { token, remote } = await here.invalidateTags(['many', 't']);
    expect(remote).toBe('done');
    expect(await there.getOrSet('k3', () => 'new', { after: token })).toBe('new');
    await until('the tags have come', async () => (await there.get('single')) === undefined);
    expect(await there.getMany(['single', 'k3', 'k4', 'k40'])).toEqual(
      new Map<string, unknown>([
        ['k3', 'new'],
        ['k40', 40],
      ]),
    );

    await there.invalidate('k4*');
    await until('the prefix has come', async () => (await here.get('k40')) === undefined);
    await here.setMany(keys.map((key) => [key, 'again'] as const));
    expect((await there.invalidate('k?5')).remote).toBe('done');
    const left = keys.filter((key) => !/^k.5$/.test(key));
    await until('the glob has come', async () => (await here.getMany(keys)).size === left.length);
    expect([...(await here.getMany(keys)).keys()]).toEqual(left);
    await here.delete('k1', { soft: true });
    await until('the soft one has come', async () => (await there.get('k1')) === undefined);
    await there.clear();
    await until('the clear has come', async () => (await here.getMany(keys)).size === 0);
    for (const cache of [here, there]) {
      expect(cache.stats().remote).toMatchObject({
        state: 'closed',
        bus: 'live',
        errors: 0,
        timeouts: 0,
        refused: 0,
        unconfirmed: 0,
      });
    }
  });
}

describeWith('the shared tier on one server', await findRedis({ private: true }), (start) => {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());
  describe.each(SINGLE)('over $name', (kind) => basics(kind, () => [server.port]));
});

describeWith('the shared tier on a cluster', await findRedis({ private: true }), () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.close());
  const ports = (): number[] => cluster.nodes.map(({ port }) => port);
  describe.each(CLUSTER)('over $name', (kind) => {
    basics(kind, ports);

    it('takes messages that come by way of different masters for what they are, not for gaps', async () => {
      const clients = [await kind.open(ports()), await kind.open(ports())];
      const namespace = `gaps-${++count}`;
      const [here, there] = clients.map(({ remote }) => new CacheManager<number>({ namespace, remote: remote! })) as [
        CacheManager<number>,
        CacheManager<number>,
      ];
      try {
        for (const cache of [here, there]) {
          await cache.ready();
          await until('the bus lives', () => cache.stats().remote?.bus === 'live');
        }
        const gaps: string[] = [];
        there.on('bus:gap', ({ reason }) => gaps.push(reason));
        const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
        for (let round = 0; round < 3; round++) {
          await here.setMany(keys.map((key) => [key, round] as const));
          await there.getMany(keys);
        }
        await until('all messages have come', async () => {
          await here.set('last', ((await there.get('last')) ?? 0) + 1);
          return (await there.get('last')) === (await here.get('last'));
        });
        expect(gaps).toEqual([]);
      } finally {
        await here.close();
        await there.close();
        for (const client of clients) client.end();
      }
    });

    it('reads a batch with one command for each slot', async () => {
      const client = await kind.open(ports());
      const namespace = `slots-${++count}`;
      const cache = new CacheManager<number>({
        namespace,
        remote: client.remote!,
        memory: false,
        coordinator: { heartbeat: '1m' },
      });
      const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
      const names = new WireNames(namespace, 1);
      try {
        await cache.ready();
        await until('the bus lives', () => cache.stats().remote?.bus === 'live');
        await cache.setMany(keys.map((key, i) => [key, i] as const));
        const logs = await Promise.all(ports().map((port) => MonitorLog.start(port)));
        expect((await cache.getMany(keys)).size).toBe(100);
        const slots = new Set(keys.map((key) => keySlot(names.value(key)))).size;
        const reads = (): number =>
          logs.flatMap(({ commands }) => commands).filter(({ name }) => name === 'GET' || name === 'MGET').length;
        await until('all reads are logged', () => reads() >= slots);
        expect(reads()).toBe(slots);
        for (const log of logs) {
          expect(log.commands.filter(({ name }) => name === 'GET' || name === 'MGET').length).toBeGreaterThan(0);
          log.close();
        }
      } finally {
        await cache.close();
        client.end();
      }
    });
  });

  it('keeps all keys of an entry in one slot', () => {
    for (const key of ['k', 'a}b', '{x}', '', 'a:b', '\ud800']) {
      const names = new WireNames('n{s}', 1);
      const slots = [names.value(key), names.lease(key), names.tombstone(key)].map(keySlot);
      expect(new Set(slots).size).toBe(1);
    }
  });
});
