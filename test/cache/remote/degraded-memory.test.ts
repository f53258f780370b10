import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/index.js';
import { ManualClock } from '../../manual-clock.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { TcpProxy } from '../../services/tcp-proxy.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('memory while the bus is lost', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(nodes.port);
  });
  afterAll(() => proxy.close());
  const behind = (degradedTtl: CacheOptions['ttl'], heartbeat: CacheOptions['ttl']): CacheOptions => ({
    remote: proxy.url,
    coordinator: { degradedTtl: degradedTtl!, heartbeat: heartbeat! },
  });
  const lose = async (
    cache: { stats(): { remote: { bus: string } | undefined } },
    work: () => Promise<void>,
  ): Promise<void> => {
    proxy.refuse(['bus']);
    proxy.cut(['bus']);
    try {
      await until('the bus is lost', () => cache.stats().remote!.bus === 'lost');
      await work();
    } finally {
      proxy.accept(['bus']);
    }
  };

  it('copies are served for the degraded ttl, then confirmed by one GET before each further one', async () => {
    const here = await nodes.open();
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({ ...behind(150, '1m'), clock });
    const gaps = heard(cache, 'bus:gap');
    await nodes.load(here, 'k', 'v');
    expect(await cache.get('k')).toBe('v');
    const loads = cache.stats().loads;
    await lose(cache, async () => {
      expect(gaps).toEqual([{ reason: 'lost' }]);
      clock.advance(149);
      expect(cache.peek('k')).toBe('v');
      clock.advance(2);
      expect(cache.peek('k')).toBeUndefined();
      const hits = heard(cache, 'hit');
      expect(await cache.getOrSet('k', () => 'loaded')).toBe('v');
      expect(hits.map(({ tier }) => tier)).toEqual(['remote']);
      // Confirmed, and good for another while.
      clock.advance(149);
      expect(cache.peek('k')).toBe('v');
      clock.advance(2);
      expect(cache.peek('k')).toBeUndefined();
    });
    expect(cache.stats().loads).toBe(loads);
  });

  it('a copy that another node has replaced is not served beyond it', async () => {
    const here = await nodes.open();
    const cache = await nodes.open(behind(100, '1m'));
    await nodes.load(here, 'k', 'old');
    await nodes.load(here, 'gone', 'old');
    await cache.getMany(['k', 'gone']);
    await lose(cache, async () => {
      await here.set('k', 'new');
      await here.delete('gone');
      await pause(130);
      const misses = heard(cache, 'miss');
      expect(await cache.get('k')).toBe('new');
      expect(await cache.get('gone')).toBeUndefined();
      expect(misses).toEqual([{ key: 'gone', reason: 'absent' }]);
    });
  });

  it('tags and prefixes that others invalidate arrive with the beats', async () => {
    const here = await nodes.open();
    const cache = await nodes.open(behind('1h', 40));
    await nodes.load(here, 'k', 'old', ['t']);
    await nodes.load(here, 'pre:1', 'old');
    await nodes.load(here, 'kept', 'kept');
    await cache.getMany(['k', 'pre:1', 'kept']);
    await lose(cache, async () => {
      await here.invalidateTags(['t']);
      await here.invalidate('pre:*');
      await until('they have arrived', () => cache.peek('k') === undefined && cache.peek('pre:1') === undefined);
      expect(cache.peek('kept')).toBe('kept');
    });
  });

  it('once it is back, everything is confirmed before it is trusted', async () => {
    const here = await nodes.open();
    const cache = await nodes.open(behind('1h', 40));
    for (const key of ['same', 'changed', 'deleted', 'tagged'])
      await nodes.load(here, key, 'old', key === 'tagged' ? ['t'] : []);
    await cache.getMany(['same', 'changed', 'deleted', 'tagged']);
    await lose(cache, async () => {
      await here.set('changed', 'new');
      await here.delete('deleted');
      await here.invalidateTags(['t']);
      expect(cache.peek('changed')).toBe('old');
    });
    await until('the bus is back', () => cache.stats().remote!.bus === 'live');
    for (const key of ['same', 'changed', 'deleted', 'tagged']) expect(cache.peek(key)).toBeUndefined();
    const hits = heard(cache, 'hit');
    expect(await cache.get('same')).toBe('old');
    expect(await cache.get('changed')).toBe('new');
    expect(await cache.get('deleted')).toBeUndefined();
    expect(await cache.get('tagged')).toBeUndefined();
    expect(hits.map(({ tier }) => tier)).toEqual(['remote', 'remote']);
    expect(cache.peek('same')).toBe('old');
  });

  it('a gap in the numbers of a publisher makes all copies be confirmed', async () => {
    const here = await nodes.open();
    const cache = await nodes.open({ coordinator: { heartbeat: '1m' } });
    await nodes.load(here, 'k', 'v');
    await cache.get('k');
    const gaps = heard(cache, 'bus:gap');
    const message = (n: number): string => JSON.stringify({ v: 1, src: 'somebody', n, q: 0 });
    for (const n of [5, 6, 6, 4, 7]) await nodes.raw.publish(nodes.names.channel, message(n));
    await pause(20);
    expect(gaps).toEqual([]);
    expect(cache.peek('k')).toBe('v');
    await nodes.raw.publish(nodes.names.channel, message(9));
    await until('the gap is seen', () => gaps.length === 1);
    expect(gaps).toEqual([{ reason: 'missed' }]);
    expect(cache.peek('k')).toBeUndefined();
    // It reads the versions once for the gap: that may still be under way.
    const asked = await nodes.asked(async () => expect(await cache.get('k')).toBe('v'));
    expect(asked.filter((name) => name !== 'SYNC')).toEqual(['GET']);
    expect(cache.peek('k')).toBe('v');
  });

  it('a bus that is open and carries nothing is found out by its beats', async () => {
    const cache = await nodes.open(behind('1h', 40));
    await nodes.load(cache, 'k', 'v');
    proxy.freeze(['bus']);
    try {
      await until('the bus is lost', () => cache.stats().remote!.bus === 'lost');
      expect(cache.stats().remote!.state).toBe('closed');
      expect(cache.peek('k')).toBe('v');
    } finally {
      proxy.thaw(['bus']);
    }
    await until('the bus is back', () => cache.stats().remote!.bus === 'live');
  });

  it('what cannot be confirmed because the store is away is a miss of that reason', async () => {
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({
      remote: { store: proxy.url, breaker: { cooldown: 50 } },
      coordinator: { degradedTtl: 100, heartbeat: '1m' },
      clock,
    });
    await nodes.load(cache, 'k', 'v');
    proxy.refuse();
    proxy.cut();
    try {
      await until('it is down', () => cache.stats().remote!.state !== 'closed');
      expect(await cache.get('k')).toBe('v');
      clock.advance(101);
      const misses = heard(cache, 'miss');
      expect(await cache.get('k')).toBeUndefined();
      expect(misses.map(({ reason }) => reason)).toEqual(['breaker']);
      expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
    } finally {
      proxy.accept();
    }
    await until('it is up', () => {
      clock.advance(1);
      return cache.stats().remote!.state === 'closed';
    });
  });
});
