import { describe, it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { keyOf, pause } from './chaos-node.js';
import { ChaosWorld, eventually, patient, SLACK_MS } from './chaos-world.js';

/** Histories that the random check has found once, each in its shortest form. */
describeWith('two nodes on one Redis', await findRedis({ private: true }), (start) => {
  describe.concurrent('where', () => {
    it.for([
      ['glob', '*:0'],
      ['prefix', 'a:*'],
      ['key', 'a:0'],
      ['everything', undefined],
    ] as const)(
      'one invalidates by %s while the other loads a key for the first time: the load is not stored',
      async ([, pattern], test) => {
        const { expect } = test;
        const world = new ChaosWorld(test);
        const redis = world.own(await start());
        const proxy = world.own(await TcpProxy.start(redis.port));
        // It does not hear of it in time: what refuses its value is the shared tier.
        proxy.delay({ down: 1_000 }, ['bus']);
        const here = await world.node({ namespace: 'races', remote: patient(redis.url) });
        const there = await world.node({ namespace: 'races', remote: patient(proxy.url) });
        const loading = there.read({ row: 0, delayMs: 300 });
        await eventually('it loads', () => there.loads === 1);
        const floor = world.write(0);
        await (pattern === undefined ? here.cache.clear() : here.cache.invalidate(pattern));
        expect(await loading).toBeLessThan(floor);
        await pause(50);
        expect(await here.read({ row: 0 })).toBeGreaterThanOrEqual(floor);
        await pause(1_000 + SLACK_MS);
        expect(await there.read({ row: 0 })).toBeGreaterThanOrEqual(floor);
      },
    );

    it('one batch has what the other loaded and still loads the rest: who comes after an invalidation does not get it', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const options = { namespace: 'races', remote: patient(world.own(await start()).url) };
      const [here, there] = [await world.node(options), await world.node(options)];
      const first = there.read({ row: 0, delayMs: 200, lateTags: ['t'] });
      await pause(100);
      const batch = here.cache.getOrSetMany([keyOf(0), keyOf(1)], async (missing, context) => {
        const values = missing.map((key) => here.rows.read(Number(key.slice(2))));
        await pause(600);
        context.tag('t');
        return values;
      });
      await first;
      await pause(200);
      const floor = world.write(0);
      await here.cache.invalidateTags(['t']);
      const late = here.read({ row: 0, lateTags: ['t'] });
      await batch;
      expect(await late).toBeGreaterThanOrEqual(floor);
      expect(await here.read({ row: 0 })).toBeGreaterThanOrEqual(floor);
    });

    it('a batch waits for a key, it does not keep the lease of another one meanwhile', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const options = { namespace: 'races', remote: patient(world.own(await start()).url) };
      const [here, there, third] = [await world.node(options), await world.node(options), await world.node(options)];
      const slow = there.read({ row: 1, delayMs: 3_000 });
      const overtaken = there.read({ row: 0, delayMs: 200, lateTags: ['t'] });
      await pause(50);
      const batch = here.cache.getOrSetMany([keyOf(0), keyOf(1)], (missing) =>
        missing.map((key) => here.rows.read(Number(key.slice(2)))),
      );
      await pause(50);
      await third.cache.invalidateTags(['t']);
      await overtaken;
      // By now the batch has been given the lease of the first key, and waits for the second.
      await pause(700);
      const from = performance.now();
      await third.read({ row: 0 });
      expect(performance.now() - from).toBeLessThan(1_500);
      await Promise.all([slow, batch]);
    });

    it('a loader whose value was overtaken leaves no lease behind for others to wait for', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const options = { namespace: 'races', remote: patient(world.own(await start()).url) };
      const [here, there] = [await world.node(options), await world.node(options)];
      for (const how of ['tag', 'delete', 'clear', 'glob', 'prefix'] as const) {
        const loading = there.read({ row: 0, delayMs: 200, lateTags: ['t'] });
        await pause(50);
        const waiting = here.read({ row: 0, lateTags: ['t'] });
        await pause(50);
        if (how === 'tag') await here.cache.invalidateTags(['t']);
        else if (how === 'delete') await here.cache.delete(keyOf(0));
        else if (how === 'clear') await here.cache.clear();
        else await here.cache.invalidate(how === 'glob' ? '*:0' : 'a:*');
        const from = performance.now();
        await Promise.all([loading, waiting, here.read({ row: 0 }), there.read({ row: 0 })]);
        expect(performance.now() - from, how).toBeLessThan(5_000);
        await here.cache.clear();
        await pause(50);
      }
    });
  });
});
