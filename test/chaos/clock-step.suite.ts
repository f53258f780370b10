import { describe, it } from 'vitest';
import { type ControlledRedis, findControlledRedis } from '../services/redis-control.js';
import { describeWith } from '../services/service.js';
import { type ChaosNode, keyOf, pause } from './chaos-node.js';
import { ChaosWorld, closed, patient, SLACK_MS } from './chaos-world.js';

const HOUR_S = 3_600;

const options = (redis: ControlledRedis): Readonly<Record<string, unknown>> => ({
  namespace: 'clock',
  remote: patient(redis.url),
  coordinator: { heartbeat: '200ms', degradedTtl: '500ms' },
});

const read = (node: ChaosNode, after?: string): Promise<number> =>
  node.read({ row: 0, tags: ['t'], ...(after !== undefined && { after }) });

describeWith('the clock of the server', await findControlledRedis({ clock: true }), (start) => {
  describe.concurrent('stepped', () => {
    it('by an hour, forward and back and back again: no read is stale, and the cache is of use all the time', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const here = await world.node(options(redis));
      const there = await world.node(options(redis));
      await read(here);
      await read(there);
      for (const offset of [HOUR_S, 0, -HOUR_S, HOUR_S, -HOUR_S]) {
        redis.setClock(offset);
        await pause(50);
        const floor = world.write(0);
        const { token, remote } = await here.cache.invalidateTags(['t']);
        expect(remote).toBe('done');
        expect(await read(there, token), `${offset} s, there with the token`).toBeGreaterThanOrEqual(floor);
        expect(await read(here), `${offset} s, here`).toBeGreaterThanOrEqual(floor);
        await pause(SLACK_MS / 2);
        expect(await read(there), `${offset} s, there`).toBeGreaterThanOrEqual(floor);
        // And a delete, which has no tag to go by.
        const next = world.write(0);
        await there.cache.delete(keyOf(0));
        expect(await read(there), `${offset} s, there after its delete`).toBeGreaterThanOrEqual(next);
        await pause(SLACK_MS / 2);
        expect(await read(here), `${offset} s, here after the delete`).toBeGreaterThanOrEqual(next);
        const loads = here.loads + there.loads;
        for (let i = 0; i < 10; i++) await Promise.all([read(here), read(there)]);
        expect(here.loads + there.loads - loads, `${offset} s, loads of what is cached`).toBe(0);
      }
    });

    it('back by an hour while everything was lost: what is in memory is not trusted', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      redis.setClock(HOUR_S);
      const here = await world.node(options(redis));
      const there = await world.node(options(redis));
      await here.cache.invalidateTags(['t']);
      await read(here);
      await read(there);
      redis.setClock(-HOUR_S);
      await redis.restart();
      await closed(here, there);
      await pause(SLACK_MS);
      const floor = world.write(0);
      const { token, remote } = await here.cache.invalidateTags(['t']);
      expect(remote).toBe('done');
      expect(await read(here)).toBeGreaterThanOrEqual(floor);
      expect(await read(there, token)).toBeGreaterThanOrEqual(floor);
      await pause(SLACK_MS);
      expect(await read(there)).toBeGreaterThanOrEqual(floor);
      const fresh = await world.node(options(redis));
      expect(await read(fresh)).toBeGreaterThanOrEqual(floor);
    });
  });
});
