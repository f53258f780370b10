import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

const NONE = { memory: false } as const;

describeWith('a cache without a memory tier', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('asks the shared tier at every read', async () => {
    const cache = await nodes.open({ ...NONE, coordinator: { heartbeat: '1m' } });
    await nodes.load(cache, 'k', 'v');
    const asked = await nodes.asked(async () => {
      for (let i = 0; i < 3; i++) expect(await cache.getOrSet('k', () => 'again')).toBe('v');
      expect(await cache.get('k')).toBe('v');
    });
    expect(asked).toEqual(['GET', 'GET', 'GET', 'GET']);
    expect(cache.peek('k')).toBeUndefined();
    expect(cache.stats()).toMatchObject({ entries: 0, remoteHits: 4, memoryHits: 0 });
    expect(await cache.getEntry('k')).toMatchObject({ tier: 'remote', state: 'fresh' });
  });

  it('reads what it and others have written at once', async () => {
    const here = await nodes.open(NONE);
    const there = await nodes.open(NONE);
    for (let i = 0; i < 20; i++) {
      expect(await here.set('k', i)).toBe(true);
      expect(await there.get('k')).toBe(i);
    }
    await here.delete('k');
    expect(await there.get('k')).toBeUndefined();
    await there.set('k', 1, { tags: ['t'] });
    await here.invalidateTags(['t']);
    expect(await here.get('k')).toBeUndefined();
  });

  it('loads once for all who ask, and nothing twice', async () => {
    const here = await nodes.open(NONE);
    const there = await nodes.open(NONE);
    const loader = new DeferredLoader();
    const reads = [here, there, here, there].map((cache) => cache.getOrSet('k', loader.load));
    await until('one loads', () => loader.runs === 1);
    await pause(30);
    loader.last.resolve('v');
    expect(await Promise.all(reads)).toEqual(['v', 'v', 'v', 'v']);
    expect(loader.runs).toBe(1);
    await nodes.stored('k');
    expect(await here.getOrSetMany(['k', 'l'], (missing) => missing.map(() => 'batch'))).toEqual(
      new Map([
        ['k', 'v'],
        ['l', 'batch'],
      ]),
    );
  });

  it('serves stale values and refreshes them in the background', async () => {
    const options = { ...NONE, ttl: 50, stale: '1h' } as const;
    const cache = await nodes.open(options);
    await nodes.load(cache, 'k', 'old');
    await pause(60);
    const stale = heard(cache, 'stale');
    expect(await cache.getOrSet('k', () => 'new')).toBe('old');
    expect(stale).toMatchObject([{ key: 'k', tier: 'remote', refresh: 'started' }]);
    await until('it is refreshed', async () => (await cache.getEntry('k'))?.value === 'new');
  });

  it('stores nothing, and says so, where the shared tier is out of reach', async () => {
    const cache = nodes.make({ ...NONE, remote: { store: 'redis://127.0.0.1:1', readDeadline: 30 } });
    const skips = heard(cache, 'skip');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(await cache.getOrSet('k', () => 'w')).toBe('w');
    expect(skips.map(({ reason }) => reason)).toEqual(['unreachable', 'unreachable']);
    expect(await cache.set('k', 'v')).toBe(false);
  });

  it('hands out copies where asked to', async () => {
    const cache = await nodes.open({ ...NONE, values: 'copied' });
    const value = { list: [1] };
    expect(await cache.getOrSet('k', () => value)).toBeDefined();
    value.list.push(2);
    await nodes.stored('k');
    expect(await cache.get('k')).toEqual({ list: [1] });
  });
});
