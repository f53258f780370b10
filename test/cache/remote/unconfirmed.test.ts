import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { CacheManager, CacheOptions, InvalidationResult } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { TcpProxy } from '../../services/tcp-proxy.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('invalidations that the server has not confirmed', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(nodes.port);
  });
  afterEach(() => {
    proxy.thaw();
    proxy.accept();
    proxy.delay({});
  });
  afterAll(() => proxy.close());
  const behind = (remote: object = {}): CacheOptions => ({
    remote: {
      store: proxy.url,
      readDeadline: '5s',
      writeDeadline: '5s',
      breaker: { cooldown: 50, maxCooldown: 100 },
      ...remote,
    },
    coordinator: { heartbeat: 50, degradedTtl: '1h' },
  });
  const state = (cache: CacheManager): string => cache.stats().remote!.state;
  const down = async (cache: CacheManager): Promise<void> => {
    proxy.refuse();
    proxy.cut();
    await until('it is down', () => state(cache) !== 'closed');
  };
  const up = async (cache: CacheManager): Promise<void> => {
    proxy.accept();
    await until('it is up', () => state(cache) === 'closed');
  };

  const kinds: readonly (readonly [what: string, invalidate: (cache: CacheManager) => Promise<InvalidationResult>])[] =
    [
      ['delete', (cache) => cache.delete('k')],
      ['deleteMany', (cache) => cache.deleteMany(['x', 'k'])],
      ['a soft delete', (cache) => cache.delete('k', { soft: true })],
      ['a tag', (cache) => cache.invalidateTags(['t'])],
      ['a prefix', (cache) => cache.invalidate('k*')],
      ['a glob', (cache) => cache.invalidate('*k')],
      ['clear', (cache) => cache.clear()],
    ];
  it.each(kinds)(
    '%s holds here at once, is queued, and holds everywhere before anything is read again',
    async (_what, invalidate) => {
      const cache = await nodes.open(behind());
      const other = await nodes.open();
      await nodes.load(other, 'k', 'old', ['t']);
      expect(await cache.get('k')).toBe('old');
      await down(cache);
      const sent = invalidate(cache);
      expect(cache.peek('k')).toBeUndefined();
      const { remote, token } = await sent;
      expect(remote).toBe('queued');
      expect(token).toMatch(/^hp1\./);
      expect(cache.stats().remote!.unconfirmed).toBeGreaterThan(0);
      expect(await other.get('k')).toBe('old');
      // It may come back any moment: no read may find the old one.
      const found = new Set<unknown>();
      let reading = true;
      const reads = (async () => {
        while (reading) {
          found.add(await cache.get('k'));
          await pause(1);
        }
      })();
      await up(cache);
      await until('others have heard', () => other.peek('k') === undefined);
      reading = false;
      await reads;
      expect([...found]).toEqual([undefined]);
      expect(cache.stats().remote!.unconfirmed).toBe(0);
      expect(await (await nodes.open()).get('k')).toBeUndefined();
      expect(await cache.getOrSet('k', () => 'new', { tags: ['t'], after: token })).toBe('new');
    },
  );

  it('a tag that is on its way is not served from the shared tier meanwhile', async () => {
    const cache = await nodes.open(behind());
    await nodes.load(cache, 'k', 'old', ['t']);
    await nodes.load(cache, 'other', 'kept', ['u']);
    const misses = heard(cache, 'miss');
    proxy.delay({ up: 60, down: 60 }, ['store']);
    const sent = cache.invalidateTags(['t']);
    expect(await cache.get('other')).toBe('kept');
    expect(await cache.get('k')).toBeUndefined();
    expect(misses).toHaveLength(1);
    expect(['tag', 'invalidated']).toContain(misses[0]!.reason);
    expect((await sent).remote).toBe('done');
  });

  it('an invalidation whose answer is lost is sent again by a beat, with the breaker closed', async () => {
    const cache = await nodes.open(behind({ writeDeadline: 250 }));
    const other = await nodes.open();
    await nodes.load(other, 'k', 'old', ['t']);
    await other.get('k');
    proxy.freeze(['store']);
    const { remote } = await cache.invalidateTags(['t']);
    expect(remote).toBe('queued');
    proxy.thaw(['store']);
    await until('it is confirmed', () => cache.stats().remote!.unconfirmed === 0);
    await until('others have heard', () => other.peek('k') === undefined);
  });

  it.each([
    ['a tag', (cache: CacheManager) => cache.invalidateTags(['t'])],
    ['a prefix', (cache: CacheManager) => cache.invalidate('k*')],
    ['clear', (cache: CacheManager) => cache.clear()],
  ])('%s that the server refuses holds here while everything else works', async (_what, invalidate) => {
    const cache = await nodes.open({ coordinator: { heartbeat: 50 } });
    const other = await nodes.open();
    await nodes.load(other, 'k', 'old', ['t']);
    await other.get('k');
    await nodes.raw.acl('SETUSER', 'default', '-zadd');
    try {
      expect(await invalidate(cache)).toMatchObject({ remote: 'queued' });
      expect(cache.stats().remote).toMatchObject({ state: 'closed', unconfirmed: 1 });
      const misses = heard(cache, 'miss');
      expect(await cache.get('k')).toBeUndefined();
      expect(await cache.getMany(['k'])).toEqual(new Map());
      expect(misses.map(({ reason }) => reason)).toEqual(['invalidated', 'invalidated']);
      expect(await other.get('k')).toBe('old');
    } finally {
      await nodes.raw.acl('SETUSER', 'default', '+zadd');
    }
    await until('it is confirmed', () => cache.stats().remote!.unconfirmed === 0);
    await until('the other has heard', () => other.peek('k') === undefined);
  });

  it('a set that did not arrive takes out what stood there before', async () => {
    const cache = await nodes.open(behind());
    const other = await nodes.open();
    await nodes.load(other, 'k', 'old');
    await down(cache);
    // It is in memory here.
    expect(await cache.set('k', 'new')).toBe(true);
    expect(await cache.get('k')).toBe('new');
    await up(cache);
    await until('others have heard', () => other.peek('k') === undefined);
    expect(await other.get('k')).toBeUndefined();
    expect([undefined, 'new']).toContain(await cache.get('k'));
  });

  it('more than can be remembered become one invalidation of all, never none', async () => {
    const cache = await nodes.open(behind());
    const other = await nodes.open();
    await nodes.load(other, 'bystander', 'old');
    await nodes.load(other, 'k0', 'old');
    await down(cache);
    const keys = Array.from({ length: 10_050 }, (_, i) => `k${i}`);
    expect((await cache.deleteMany(keys)).remote).toBe('queued');
    expect(cache.stats().remote!.unconfirmed).toBeLessThan(100);
    await up(cache);
    await until('others have heard', () => other.peek('bystander') === undefined && other.peek('k0') === undefined);
    expect(await other.getMany(['bystander', 'k0'])).toEqual(new Map());
    expect(cache.stats().remote!.unconfirmed).toBe(0);
    expect(await cache.getOrSet('k0', () => 'new')).toBe('new');
    await nodes.stored('k0');
    expect(await (await nodes.open()).get('k0')).toBe('new');
  });

  it('a token of a queued one holds on other nodes too', async () => {
    const cache = await nodes.open(behind());
    const other = await nodes.open();
    await nodes.load(other, 'k', 'old', ['t']);
    await down(cache);
    const { token } = await cache.invalidateTags(['t']);
    expect(await other.getOrSet('k', () => 'new', { after: token })).toBe('new');
    expect(await other.get('k')).toBe('new');
  });
});
