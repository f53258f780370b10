import { describe, it } from 'vitest';
import { findControlledRedis } from '../services/redis-control.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { type ChaosNode, keyOf, pause } from './chaos-node.js';
import { ChaosWorld, closed, patient, SLACK_MS } from './chaos-world.js';

const options = (url: string): Readonly<Record<string, unknown>> => ({
  namespace: 'lost',
  remote: patient(url),
  coordinator: { heartbeat: '200ms', degradedTtl: '500ms' },
});

const read = (node: ChaosNode): Promise<number> => node.read({ row: 0, tags: ['t'] });

describeWith('a node', await findControlledRedis(), (start) => {
  describe.concurrent('that', () => {
    it('is new does not revive what was invalidated, whichever key Redis has lost meanwhile', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const here = await world.node(options(redis.url));
      const keys = async (): Promise<string[]> => (await redis.command('KEYS', '*')) as string[];
      for (let lost = 0; ; lost++) {
        await redis.command('FLUSHALL');
        await pause(300);
        await read(here);
        await pause(50);
        const floor = world.write(0);
        await here.cache.invalidateTags(['t']);
        const there = (await keys()).sort();
        // The value and the versions at the least.
        expect(there.length).toBeGreaterThan(1);
        if (lost >= there.length) break;
        await redis.command('DEL', there[lost]!);
        expect(await read(await world.node(options(redis.url))), `without ${there[lost]}`).toBeGreaterThanOrEqual(
          floor,
        );
        expect(await read(here), `without ${there[lost]}`).toBeGreaterThanOrEqual(floor);
      }
    });

    it('was cut off while a change was made and forgotten does not trust what it holds', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const proxy = world.own(await TcpProxy.start(redis.port));
      const here = await world.node(options(redis.url));
      const there = await world.node(options(proxy.url));
      await read(here);
      await pause(50);
      await read(there);
      proxy.refuse();
      proxy.cut();
      const floor = world.write(0);
      await here.cache.invalidateTags(['t']);
      // The value stays, everything that could tell of the change goes.
      for (const key of (await redis.command('KEYS', '*')) as string[]) {
        const bytes =
          (await redis.command('TYPE', key)) === 'string' ? ((await redis.bytes('GET', key)) as Buffer) : null;
        if (!bytes?.toString('latin1').startsWith('HP')) await redis.command('DEL', key);
      }
      proxy.accept();
      await closed(here, there);
      await pause(500 + SLACK_MS);
      expect(await read(there)).toBeGreaterThanOrEqual(floor);
      expect(await read(here)).toBeGreaterThanOrEqual(floor);
    });

    it('could not reach Redis brings its changes there before it trusts it again', async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      const proxy = world.own(await TcpProxy.start(redis.port));
      const there = await world.node(options(redis.url));
      const here = await world.node(options(proxy.url));
      const [tagged, deleted, written, prefixed] = [0, 1, 2, 4];
      const all = [tagged, deleted, written, prefixed];
      const readAll = (node: ChaosNode): Promise<number[]> =>
        Promise.all(all.map((row) => node.read({ row, tags: [`row:${row}`] })));
      await readAll(there);
      await pause(50);
      await readAll(here);
      proxy.refuse();
      proxy.cut();
      await pause(50);
      const floors = all.map((row) => world.write(row));
      const results = await Promise.all([
        here.cache.invalidateTags([`row:${tagged}`]),
        here.cache.delete(keyOf(deleted)),
        here.cache.invalidate(`${keyOf(prefixed)}*`),
      ]);
      await here.cache.set(keyOf(written), floors[2]!);
      expect(results.map(({ remote }) => remote)).toEqual(['queued', 'queued', 'queued']);
      const stale = async (node: ChaosNode): Promise<number[]> => {
        const values = await readAll(node);
        return all.filter((_, i) => values[i]! < floors[i]!);
      };
      expect(await stale(here)).toEqual([]);
      proxy.accept();
      await closed(here);
      expect(await stale(await world.node(options(redis.url)))).toEqual([]);
      expect(await stale(here)).toEqual([]);
      await pause(SLACK_MS);
      expect(await stale(there)).toEqual([]);
      expect(here.cache.stats().remote?.unconfirmed).toBe(0);
    });
  });
});
