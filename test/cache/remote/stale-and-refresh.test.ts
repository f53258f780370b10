import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

const STALE = { ttl: 60, stale: '1h' } as const;

describeWith('stale values and refreshes across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('a stale value of the shared tier is served while one node refreshes it', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old');
    await pause(70);
    const loader = new DeferredLoader();
    const stale = heard(there, 'stale');
    expect(await there.getOrSet('k', loader.load)).toBe('old');
    expect(stale).toMatchObject([{ key: 'k', tier: 'remote', refresh: 'started' }]);
    await until('it loads', () => loader.runs === 1);
    expect(await here.getOrSet('k', loader.load)).toBe('old');
    await pause(30);
    expect(loader.runs).toBe(1);
    loader.last.resolve('new');
    await until(
      'both have it',
      async () => (await here.getOrSet('k', loader.load)) === 'new' && (await there.get('k')) === 'new',
    );
    expect(loader.runs).toBe(1);
    expect(there.stats()).toMatchObject({ staleHits: 1, refreshes: 1 });
  });

  it('a refresh of another node is found instead of loading again', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old');
    expect(await there.get('k')).toBe('old');
    await pause(70);
    expect(await here.getOrSet('k', () => 'new', { ttl: '1h' })).toBe('old');
    const fresh = await nodes.open(STALE);
    await until('it is refreshed', async () => (await fresh.get('k')) === 'new');
    const loader = new DeferredLoader();
    expect(await there.getOrSet('k', loader.load)).toBe('old');
    await until('there has it too', async () => (await there.get('k')) === 'new');
    expect(loader.runs).toBe(0);
    expect(there.stats().loads).toBe(0);
  });

  it('a stale value stands in for a loader that fails, and is left alone for a while', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old');
    await pause(70);
    const errors = heard(there, 'load:error');
    let runs = 0;
    const failing = (): string => {
      runs++;
      throw new Error('the loader');
    };
    for (let i = 0; i < 3; i++) {
      expect(await there.getOrSet('k', failing)).toBe('old');
      await pause(10);
    }
    expect(runs).toBe(1);
    expect(errors).toMatchObject([{ key: 'k', servedStale: true }]);
    // The other node is free to try.
    expect(await here.getOrSet('k', () => 'new')).toBe('old');
    await until(
      'it is refreshed',
      async () => (await here.get('k')) === 'new' || (await here.getEntry('k'))?.value === 'new',
    );
  });

  it('a hard invalidation leaves nothing stale anywhere', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'a', 'old', ['t']);
    await nodes.load(here, 'b', 'old');
    await nodes.load(here, 'c', 'old');
    await there.getMany(['a', 'b', 'c']);
    await pause(70);
    await here.invalidateTags(['t']);
    await here.delete('b');
    await here.invalidate('c*');
    await until('there has heard', async () => {
      const entries = await Promise.all(['a', 'b', 'c'].map((key) => there.getEntry(key)));
      return entries.every((entry) => entry === undefined);
    });
    const fresh = await nodes.open(STALE);
    for (const key of ['a', 'b', 'c']) {
      expect(await fresh.getEntry(key)).toBeUndefined();
      const failing = (): string => {
        throw new Error('the loader');
      };
      await expect(there.getOrSet(key, failing)).rejects.toThrow('the loader');
    }
  });

  it('a reader waits for the fresh value as long as the soft deadline says', async () => {
    const options = { ...STALE, loader: { softDeadline: 2_000 } };
    const here = await nodes.open(options);
    const there = await nodes.open(options);
    await nodes.load(here, 'k', 'old');
    await pause(70);
    expect(await there.getOrSet('k', () => pause(20).then(() => 'new'))).toBe('new');
  });

  it('ages are those of the writing node, whoever reads', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'v');
    await pause(80);
    const entry = await there.getEntry('k');
    expect(entry!.ageMs).toBeGreaterThanOrEqual(75);
    expect(entry!.ageMs).toBeLessThan(2_000);
  });

  it('an early refresh of a hot value loads once on all nodes', async () => {
    const eager = { ttl: 300, earlyRefresh: 1_000, random: () => 0.5 } as const;
    const here = await nodes.open(eager);
    const there = await nodes.open(eager);
    let loads = 0;
    const load = async (): Promise<number> => {
      await pause(10);
      return ++loads;
    };
    expect(await here.getOrSet('k', load)).toBe(1);
    await nodes.stored('k');
    expect(await there.getOrSet('k', load)).toBe(1);
    await until('it is refreshed', () => loads === 2);
    await pause(40);
    expect(loads).toBe(2);
    expect(here.stats().refreshes + there.stats().refreshes).toBe(1);
  });

  it('negative results are shared', async () => {
    const here = await nodes.open({ negativeTtl: '1m' });
    const there = await nodes.open({ negativeTtl: '1m' });
    expect(await here.getOrSet('k', () => null)).toBeNull();
    await nodes.stored('k');
    const loader = new DeferredLoader<unknown>();
    expect(await there.getOrSet('k', loader.load)).toBeNull();
    expect(loader.runs).toBe(0);
    expect(await nodes.raw.pttl(nodes.names.value('k'))).toBeLessThanOrEqual(60_000);
    expect(await here.getOrSet('undefined', () => undefined)).toBeUndefined();
    await nodes.stored('undefined');
    expect(await there.getOrSet('undefined', loader.load)).toBeUndefined();
    expect(loader.runs).toBe(0);
  });

  it('a host is told of every write that goes on behind its back', async () => {
    const work: Promise<void>[] = [];
    const cache = await nodes.open({ waitUntil: (promise) => void work.push(promise) });
    await cache.getOrSet('k', () => 'v');
    expect(work).toHaveLength(1);
    await Promise.all(work);
    expect(await nodes.raw.exists(nodes.names.value('k'))).toBe(1);
    await cache.set('k', 'w');
    expect(work).toHaveLength(2);
  });
});
