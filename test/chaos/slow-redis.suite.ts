import { describe, it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { keyOf, pause } from './chaos-node.js';
import { ChaosWorld, closed, medianMs, SLACK_MS, slowestMs } from './chaos-world.js';

const READ_DEADLINE_MS = 150;
/** There and back. */
const ROUND_TRIP_MS = 100;
/** Nobody waits for the write at the end of a load: this is beyond every bound. */
const WRITE_DEADLINE_MS = 3_000;
const LOADER_MS = 20;

const options = (url: string, readDeadline = READ_DEADLINE_MS): Readonly<Record<string, unknown>> => ({
  namespace: 'slow',
  remote: { store: url, readDeadline, writeDeadline: WRITE_DEADLINE_MS },
  coordinator: { heartbeat: '500ms', degradedTtl: '1s' },
});

describeWith('a Redis far away', await findRedis({ private: true }), (start) => {
  describe.concurrent('is', () => {
    it('of use where its answers come within the deadline', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const proxy = world.own(await TcpProxy.start(redis.port));
      // A loaded machine adds its own delays to the way: they must not pass for a Redis that is too slow.
      const deadline = ROUND_TRIP_MS + SLACK_MS;
      const near = await world.node(options(redis.url, deadline));
      const far = await world.node(options(proxy.url, deadline));
      proxy.delay({ up: ROUND_TRIP_MS / 2, down: ROUND_TRIP_MS / 2 });
      for (let row = 0; row < 10; row++) await near.read({ row, tags: ['t'] });
      // A load does not wait for its write.
      const witness = await world.node(options(redis.url, deadline));
      for (let row = 0; row < 10; row++) while ((await witness.cache.get(keyOf(row))) === undefined) await pause(5);
      for (let row = 0; row < 10; row++) await far.read({ row, tags: ['t'] });
      expect(far.loads).toBe(0);
      const floor = world.write(0);
      expect((await near.cache.invalidateTags(['t'])).remote).toBe('done');
      // A message takes its way, no more.
      await pause(ROUND_TRIP_MS + SLACK_MS);
      expect(await far.read({ row: 0, tags: ['t'] })).toBeGreaterThanOrEqual(floor);
    });

    it('left alone where they do not, and taken back when they do again', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const proxy = world.own(await TcpProxy.start(redis.port));
      const near = await world.node(options(redis.url));
      const far = await world.node(options(proxy.url));
      await near.read({ row: 0, tags: ['t'] });
      await far.read({ row: 0, tags: ['t'] });
      const traffic = world.coldTraffic(far, { delayMs: LOADER_MS });
      await pause(200);
      proxy.delay({ up: 200, down: 200 });
      const slowFrom = performance.now();
      await pause(1_000);
      const floor = world.write(0);
      const { remote } = await far.cache.invalidateTags(['t']);
      expect(await far.read({ row: 0, tags: ['t'] })).toBeGreaterThanOrEqual(floor);
      await pause(2_000);
      const slowTo = performance.now();
      proxy.delay({});
      await closed(far);
      await traffic.stop();
      console.log(
        `slow Redis: slowest call ${slowestMs(traffic.calls).toFixed(0)} ms, median ` +
          `${medianMs(traffic.calls, slowFrom + 1_000, slowTo).toFixed(0)} ms, invalidation ${remote}`,
      );
      expect(traffic.errors).toEqual([]);
      expect(slowestMs(traffic.calls)).toBeLessThan(2 * READ_DEADLINE_MS + LOADER_MS + SLACK_MS);
      expect(medianMs(traffic.calls, slowFrom + 1_000, slowTo)).toBeLessThan(LOADER_MS + READ_DEADLINE_MS);
      // Whether it was confirmed at once or from the queue: everybody knows of it now.
      await pause(SLACK_MS);
      for (const node of [near, far, await world.node(options(redis.url))]) {
        expect(await node.read({ row: 0, tags: ['t'] })).toBeGreaterThanOrEqual(floor);
      }
      const loads = far.loads;
      await near.read({ row: 1 });
      await pause(50);
      await far.read({ row: 1 });
      expect(far.loads).toBe(loads);
      // Nor has a write that came too late undone one that came after it.
      const version = world.write(2);
      await far.cache.set(keyOf(2), version);
      expect(await near.read({ row: 2 })).toBeGreaterThanOrEqual(version);
    });
  });
});
