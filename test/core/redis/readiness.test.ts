import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisPort } from '../../../src/core/redis/redis-client-port.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { KINDS, type Opened, startCluster, startSingle, until, type World } from './worlds.js';

/** What is refused must not have waited for a reconnection, let alone for a connection to time out. */
const AT_ONCE_MS = 500;

describeWith('readiness of the port', await findRedis({ private: true }), () => {
  describe.each(KINDS)('$name', (kind) => {
    let world: World;
    let opened: Opened;
    const rejections: unknown[] = [];
    const warnings: Error[] = [];
    const onRejection = (error: unknown): void => void rejections.push(error);
    const onWarning = (warning: Error): void => void warnings.push(warning);
    beforeAll(async () => {
      process.on('unhandledRejection', onRejection);
      process.on('warning', onWarning);
      world = await (kind.world === 'cluster' ? startCluster() : startSingle());
      opened = await kind.open(world.ports);
    }, 60_000);
    afterAll(async () => {
      await opened.port.close();
      await opened.end();
      await world.close();
      process.off('unhandledRejection', onRejection);
      process.off('warning', onWarning);
      expect(rejections).toEqual([]);
      expect(warnings).toEqual([]);
    });

    it('tells when the server goes and comes back; meanwhile commands are refused at once, queue or no queue', async () => {
      const { port } = opened;
      const seen: boolean[] = [];
      const removed: boolean[] = [];
      const stop = port.onReadiness((ready) => seen.push(ready));
      const remove = port.onReadiness((ready) => removed.push(ready));
      remove();

      await world.kill();
      await until('not ready', () => !port.ready && seen.length > 0);
      expect(seen).toEqual([false]);
      const started = performance.now();
      await expect(port.send('k', ['GET', 'k'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);

      await world.restart();
      await until('ready again', () => port.ready && seen.at(-1) === true);
      expect(seen).toEqual([false, true]);
      await until('answers', () => port.ready);
      expect(await port.send('k', ['GET', 'k'])).toBeNull();
      expect(removed).toEqual([]);
      stop();
    }, 40_000);

    it('twenty caches share a client without a warning, and leave no listener behind', async () => {
      const { client } = opened;
      const before = client?.eventNames().map((event) => [event, client.listenerCount(event)]);
      const ports = await Promise.all(
        Array.from({ length: 20 }, async () => {
          if (client) return { port: redisPort(client as never), end: async () => {} };
          return kind.open(world.ports);
        }),
      );
      const told = ports.map(({ port }) => {
        const seen: boolean[] = [];
        port.onReadiness((ready) => seen.push(ready));
        return seen;
      });
      await world.kill();
      await until('all know', () => told.every((seen) => seen.at(-1) === false));
      await world.restart();
      await until('all know', () => told.every((seen) => seen.at(-1) === true));
      expect(told.every((seen) => seen.length === 2)).toBe(true);
      await Promise.all(ports.map(({ port }) => port.close()));
      const after = client?.eventNames().map((event) => [event, client.listenerCount(event)]);
      const ours = (entries: typeof after): typeof after =>
        entries?.filter(([event]) => String(event) !== 'Symbol(hotpath.listens)');
      expect(ours(after)).toEqual(ours(before));
    }, 40_000);
  });
});
