import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { TcpProxy } from '../../services/tcp-proxy.js';
import { DeferredLoader, heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

/** A beat would bring what the bus does not. */
const DEAF = { heartbeat: '1m', degradedTtl: '1h' } as const;

describeWith('tokens across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(nodes.port);
  });
  afterAll(() => proxy.close());

  it('keep what is older from a node that hears nothing', async () => {
    const here = await nodes.open();
    const there = await nodes.open({ remote: proxy.url, coordinator: DEAF });
    await nodes.load(here, 'k', 'old', ['t']);
    expect(await there.get('k')).toBe('old');
    proxy.freeze(['bus']);
    try {
      const misses = heard(there, 'miss');
      const { token } = await here.invalidateTags(['t']);
      expect(there.peek('k')).toBe('old');
      expect(await there.getOrSet('k', () => 'new', { tags: ['t'], after: token })).toBe('new');
      expect(misses).toHaveLength(1);
      expect(await there.getOrSet('k', () => 'newer', { after: token })).toBe('new');
      await nodes.stored('k');
      expect(await here.getOrSet('k', () => 'newer', { after: token })).toBe('new');
    } finally {
      proxy.thaw(['bus']);
    }
  });

  it('hold for batches and for cache: only on a node that hears nothing', async () => {
    const here = await nodes.open();
    const there = await nodes.open({ remote: proxy.url, coordinator: DEAF });
    await nodes.load(here, 'a', 'old');
    await nodes.load(here, 'b', 'old');
    await there.getMany(['a', 'b']);
    proxy.freeze(['bus']);
    try {
      const { token } = await here.clear();
      await nodes.load(here, 'b', 'new');
      expect(await there.getOrSet('a', () => 'x', { after: token, cache: 'only' })).toBeUndefined();
      const asked: string[][] = [];
      const load = (missing: readonly string[]): string[] => {
        asked.push([...missing]);
        return missing.map(() => 'loaded');
      };
      const values = await there.getOrSetMany(['a', 'b'], load, { after: token });
      expect(values).toEqual(
        new Map([
          ['a', 'loaded'],
          ['b', 'new'],
        ]),
      );
      expect(asked).toEqual([['a']]);
    } finally {
      proxy.thaw(['bus']);
    }
  });

  it('come from every kind of invalidation, and what is loaded later is above them', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const results = [
      await here.delete('x'),
      await here.deleteMany(['x', 'y']),
      await here.invalidateTags(['t']),
      await here.invalidate('pre:*'),
      await here.invalidate('a*b'),
      await here.clear(),
      await here.delete('x', { soft: true }),
      await here.invalidateTags(['t'], { soft: true }),
    ];
    let last = '';
    for (const [i, { token, remote }] of results.entries()) {
      expect(remote).toBe('done');
      await nodes.load(here, `k${i}`, 'v');
      expect(await there.getOrSet(`k${i}`, () => 'again', { after: token })).toBe('v');
      expect(token >= last, 'no later one asks for less').toBe(true);
      last = token;
    }
  });

  it('make a value miss that was loaded before, of whatever key', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'old');
    const misses = heard(there, 'miss');
    const { token } = await here.delete('of another key');
    expect(await there.getOrSet('k', () => 'new', { after: token })).toBe('new');
    expect(misses).toEqual([{ key: 'k', reason: 'token' }]);
  });

  it('do not join the load of another node that began before', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const early = here.getOrSet('k', loader.load);
    await nodes.leased('k');
    await until('it loads', () => loader.runs === 1);
    const { token } = await there.delete('something');
    const late = there.getOrSet('k', () => 'new', { after: token });
    loader.last.resolve('old');
    expect(await early).toBe('old');
    expect(await late).toBe('new');
  });
});
