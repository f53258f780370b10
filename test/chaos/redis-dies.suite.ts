import { describe, it } from 'vitest';
import { type ControlledRedis, findControlledRedis } from '../services/redis-control.js';
import { describeWith } from '../services/service.js';
import { type ChaosNode, keyOf, pause } from './chaos-node.js';
import { ChaosWorld, closed, SLACK_MS, slowestMs } from './chaos-world.js';

const READ_DEADLINE_MS = 150;
const WRITE_DEADLINE_MS = 3_000;

const options = (redis: ControlledRedis): Readonly<Record<string, unknown>> => ({
  namespace: 'dies',
  remote: { store: redis.url, readDeadline: READ_DEADLINE_MS, writeDeadline: WRITE_DEADLINE_MS },
  coordinator: { heartbeat: '200ms', degradedTtl: '500ms' },
});

describeWith('a Redis that dies (SIGKILL)', await findControlledRedis(), (start) => {
  describe.concurrent('and', () => {
    it('does so while a value is loaded: callers get it, and nobody sees an error', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const node = await world.node(options(redis));
      const other = await world.node(options(redis));
      const traffic = world.coldTraffic(node);
      const reads = [node.read({ row: 0, delayMs: 300 }), node.read({ row: 0, delayMs: 300 })];
      await pause(100);
      await redis.kill();
      const values = await Promise.all(reads);
      expect(new Set(values).size).toBe(1);
      // The last value of all times is in memory; others load it themselves.
      const floor = world.write(0);
      const { remote } = await node.cache.delete(keyOf(0));
      expect(remote).toBe('queued');
      expect(await node.read({ row: 0 })).toBeGreaterThanOrEqual(floor);
      expect(await other.read({ row: 0 })).toBeGreaterThanOrEqual(floor);
      await pause(300);
      await traffic.stop();
      expect(traffic.errors).toEqual([]);
      expect(slowestMs(traffic.calls)).toBeLessThan(2 * READ_DEADLINE_MS + SLACK_MS);
      await redis.restart();
      await closed(node, other);
      const loads = other.loads;
      await node.read({ row: 5 });
      await pause(50);
      await other.read({ row: 5 });
      expect(other.loads).toBe(loads);
    });

    it('comes back empty: invalidations made while it was away hold everywhere', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const here = await world.node(options(redis));
      const there = await world.node(options(redis));
      const read = (node: ChaosNode): Promise<number> => node.read({ row: 0, tags: ['t'] });
      await read(here);
      await read(there);
      await redis.kill();
      const floor = world.write(0);
      expect((await here.cache.invalidateTags(['t'])).remote).toBe('queued');
      expect(await read(here)).toBeGreaterThanOrEqual(floor);
      await redis.restart();
      await closed(here, there);
      for (const node of [here, there, await world.node(options(redis))]) {
        expect(await read(node)).toBeGreaterThanOrEqual(floor);
      }
    });

    it('comes back empty: what was loaded across its death is not revived', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const here = await world.node(options(redis));
      const there = await world.node(options(redis));
      // A version of the tag that is lost with the server.
      await here.cache.invalidateTags(['t']);
      const slow = here.read({ row: 0, delayMs: 2_500, tags: ['t'] });
      await pause(50);
      await redis.restart();
      await closed(here, there);
      const floor = world.write(0);
      const { remote, token } = await there.cache.invalidateTags(['t']);
      expect(remote).toBe('done');
      expect(await slow).toBeLessThan(floor);
      await pause(100);
      const fresh = await world.node(options(redis));
      for (const node of [here, there, fresh]) {
        expect(await node.read({ row: 0, tags: ['t'], after: token })).toBeGreaterThanOrEqual(floor);
        expect(await node.read({ row: 0, tags: ['t'] })).toBeGreaterThanOrEqual(floor);
      }
    });

    it('comes back empty again and again: no read is stale', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const here = await world.node(options(redis));
      const there = await world.node(options(redis));
      let stale = 0;
      for (let round = 0; round < 3; round++) {
        await here.read({ row: 0, tags: ['t'] });
        await there.read({ row: 0, tags: ['t'] });
        await redis.restart();
        const floor = world.write(0);
        await here.cache.invalidateTags(['t']);
        if ((await here.read({ row: 0, tags: ['t'] })) < floor) stale++;
        await closed(here, there);
        await pause(500);
        if ((await there.read({ row: 0, tags: ['t'] })) < floor) stale++;
      }
      expect(stale).toBe(0);
    });
  });
});
