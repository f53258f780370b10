import { createCluster } from '@keyv/redis';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { type RedisCluster, startRedisCluster } from '../services/redis-cluster.js';
import { describeWith } from '../services/service.js';
import { keyOf, pause } from './chaos-node.js';
import { ChaosWorld, SLACK_MS } from './chaos-world.js';

/** So many keys lie on all three nodes. */
const KEYS: readonly number[] = Array.from({ length: 30 }, (_, row) => row);

describeWith('a Redis Cluster of three nodes', await findRedis({ private: true }), () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 40_000);
  afterAll(() => cluster.close());

  const clients = {
    'node-redis': async (world: ChaosWorld): Promise<unknown> => {
      const client = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });
      client.on('error', () => {});
      await client.connect();
      world.own({ close: async () => client.destroy() });
      return client;
    },
    ioredis: async (world: ChaosWorld): Promise<unknown> => {
      const client = new Cluster(cluster.nodes.map(({ port }) => ({ port, host: '127.0.0.1' })));
      client.on('error', () => {});
      world.own({ close: async () => client.disconnect() });
      return client;
    },
  };

  it.for(['node-redis', 'ioredis'] as const)(
    'with %s: keys of all slots, tags, prefixes, globs, batches, leases, tokens',
    async (kind, test) => {
      const world = new ChaosWorld(test);
      const node = async () =>
        world.node({
          namespace: `cluster-${kind}`,
          remote: { store: await clients[kind](world), readDeadline: '5s', writeDeadline: '5s' },
        });
      const [here, there] = [await node(), await node()];
      const readAll = (from: typeof here, after?: string): Promise<number[]> =>
        Promise.all(KEYS.map((row) => from.read({ row, tags: ['t'], ...(after !== undefined && { after }) })));
      const old = await readAll(here);
      await pause(100);
      expect(await readAll(there)).toEqual(old);
      expect(there.loads).toBe(0);

      const changes = {
        tag: () => here.cache.invalidateTags(['t']),
        glob: () => here.cache.invalidate('*:*'),
        clear: () => here.cache.clear(),
        prefixes: async () => {
          await here.cache.invalidate('a:*');
          return here.cache.invalidate('b:*');
        },
        keys: () => here.cache.deleteMany(KEYS.map(keyOf)),
      };
      for (const [name, change] of Object.entries(changes)) {
        await readAll(there);
        const floor = Math.min(...KEYS.map((row) => world.write(row)));
        const { token, remote } = await change();
        expect(remote, name).toBe('done');
        expect(Math.min(...(await readAll(here))), name).toBeGreaterThanOrEqual(floor);
        expect(Math.min(...(await readAll(there, token))), name).toBeGreaterThanOrEqual(floor);
        await pause(SLACK_MS);
        expect(Math.min(...(await readAll(there))), name).toBeGreaterThanOrEqual(floor);
      }

      await here.cache.clear();
      await pause(SLACK_MS);
      const before = here.loads + there.loads;
      const bursts = [here, there].map((from) => Promise.all(KEYS.map((row) => from.read({ row, delayMs: 200 }))));
      const [mine, theirs] = await Promise.all(bursts);
      expect(theirs).toEqual(mine);
      expect(here.loads + there.loads - before).toBe(KEYS.length);

      const fresh = await node();
      const batch = await fresh.cache.getOrSetMany(KEYS.map(keyOf), () => {
        throw new Error('everything is there');
      });
      expect([...batch.values()]).toEqual(mine);
    },
  );
});
