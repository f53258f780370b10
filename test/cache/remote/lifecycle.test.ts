import { createClient } from '@keyv/redis';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('the life of a cache with a shared tier', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const clients = async (): Promise<number> =>
    String(await nodes.raw.client('LIST'))
      .trim()
      .split('\n')
      .filter((line) => !line.includes('cmd=client')).length;

  /** Once the connections of the test before are closed. */
  const noClients = async (): Promise<number> => {
    await until('there are no others', async () => (await clients()) === 0);
    return 0;
  };

  it('construction does not connect', async () => {
    const before = await noClients();
    nodes.make();
    await pause(50);
    expect(await clients()).toBe(before);
  });

  it('ready resolves once it is connected and in step', async () => {
    const cache = nodes.make();
    expect(cache.stats().remote).toMatchObject({ state: 'closed', bus: 'lost' });
    await cache.ready();
    await cache.ready();
    const commands = await nodes.asked(async () => void (await cache.get('k')));
    expect(commands.filter((name) => name !== 'SYNC')).toEqual(['GET']);
    expect(await nodes.raw.exists(nodes.names.versions)).toBe(1);
  });

  it('close waits for the writes under way, closes its connections and does nothing afterwards', async () => {
    const before = await noClients();
    const cache = nodes.make();
    await cache.ready();
    expect(await clients()).toBeGreaterThan(before);
    await cache.getOrSet('loaded', () => 'v'.repeat(200_000));
    const set = cache.set('set', 'v'.repeat(200_000));
    const tag = cache.invalidateTags(['t']);
    const gone = cache.delete('gone');
    await cache.close();
    await cache.close();
    expect(await nodes.raw.exists(nodes.names.value('loaded'), nodes.names.value('set'))).toBe(2);
    expect(await Promise.all([tag, gone])).toMatchObject([{ remote: 'done' }, { remote: 'done' }]);
    expect(await set).toBe(true);
    expect(await nodes.raw.zscore(nodes.names.versions, 'tt')).not.toBeNull();
    await until('its connections are closed', async () => (await clients()) === before);
    const asked = await nodes.asked(async () => {
      expect(await cache.get('set')).toBeUndefined();
      expect(await cache.getOrSet('set', () => 'straight')).toBe('straight');
      expect(await cache.getOrSetMany(['set'], () => ['straight'])).toEqual(new Map([['set', 'straight']]));
      expect(await cache.getMany(['set'])).toEqual(new Map());
      expect(await cache.set('set', 1)).toBe(false);
      expect(await cache.delete('set')).toMatchObject({ remote: 'queued' });
      expect(await cache.invalidateTags(['t'])).toMatchObject({ remote: 'queued' });
      expect(await cache.invalidate('*x')).toMatchObject({ remote: 'queued' });
      expect(await cache.clear()).toMatchObject({ remote: 'queued' });
      await cache.ready();
    });
    expect(asked).toEqual([]);
    // What has listened to the server meanwhile takes its time to leave.
    await until('nothing is connected that was not before', async () => (await clients()) === before);
  });

  it('close before the first use connects to nothing', async () => {
    const before = await noClients();
    const cache = nodes.make();
    await cache.close();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(await clients()).toBe(before);
  });

  it('close right after the first call lets it end', async () => {
    const cache = nodes.make();
    const set = cache.set('k', 'v');
    const loading = cache.getOrSet('l', () => 'loaded');
    await cache.close();
    expect(await loading).toBe('loaded');
    expect(await set).toBe(true);
    expect(await (await nodes.open()).get('k')).toBe('v');
  });

  it('close ends the waiting for leases of others, and its own load gives its lease back', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const waiting = there.getOrSet('k', () => 'by itself');
    await pause(50);
    const startedAt = performance.now();
    await there.close();
    expect(await waiting).toBe('by itself');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    loader.last.resolve('v');
    expect(await loading).toBe('v');
    await nodes.stored('k');
  });

  it('two caches of one URL share a connection, and the second outlives the first', async () => {
    const before = await noClients();
    const first = await nodes.open();
    const one = (await clients()) - before;
    const second = await nodes.open();
    expect((await clients()) - before).toBeLessThan(2 * one);
    await first.close();
    expect(await second.set('k', 1)).toBe(true);
    await second.close();
    await until('all is closed', async () => (await clients()) === before);
  });

  it("the host's client is used, left as it was and never closed", async () => {
    const hosts = [
      new Redis(nodes.port, '127.0.0.1'),
      await createClient({ url: nodes.url })
        .on('error', () => {})
        .connect(),
    ];
    try {
      for (const client of hosts) {
        await (client as Redis).get('nothing');
        // A mark of ours is no listener to any event of the client's.
        const listened = (): (string | symbol)[] =>
          (client as Redis).eventNames().filter((name) => String(name) !== 'Symbol(hotpath.listens)');
        const events = listened();
        const before = await clients();
        const cache = await nodes.open({ remote: client as never });
        await cache.getOrSet('k', () => 'v');
        await nodes.stored('k');
        await cache.close();
        await until('our connections are closed', async () => (await clients()) === before);
        expect(await (client as Redis).get('nothing')).toBeNull();
        expect(listened()).toEqual(events);
        await nodes.raw.del(nodes.names.value('k'));
      }
    } finally {
      (hosts[0] as Redis).disconnect();
      (hosts[1] as { destroy(): void }).destroy();
    }
  });

  it.each(['off', 'observe'] as const)('mode %s does no I/O', async (mode) => {
    const before = await noClients();
    const cache = nodes.make({ mode });
    const asked = await nodes.asked(async () => {
      await cache.ready();
      expect(await cache.getOrSet('k', () => 'v', { tags: ['t'] })).toBe('v');
      expect(await cache.getOrSetMany(['k', 'l'], () => ['a', 'b'])).toEqual(
        new Map([
          ['k', 'a'],
          ['l', 'b'],
        ]),
      );
      await cache.set('k', 1);
      await cache.get('k');
      await cache.getMany(['k']);
      // Held back until the mode is `on`.
      expect(await cache.delete('k')).toMatchObject({ remote: 'queued' });
      expect(await cache.invalidateTags(['t'])).toMatchObject({ remote: 'queued' });
      expect(await cache.invalidate('a*b')).toMatchObject({ remote: 'queued' });
      expect(await cache.clear()).toMatchObject({ remote: 'queued' });
    });
    expect(asked).toEqual([]);
    expect(await clients()).toBe(before);
  });

  it('a mode may change while it runs', async () => {
    const cache = await nodes.open({ coordinator: { heartbeat: '1m' } });
    await nodes.load(cache, 'k', 'v');
    cache.mode = 'off';
    expect(await nodes.asked(async () => void (await cache.getOrSet('k', () => 'straight')))).toEqual([]);
    cache.mode = 'on';
    expect(await cache.getOrSet('k', () => 'again')).toBe('v');
  });
});
