import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

const STALE = { ttl: '1h', stale: '1h' } as const;

describeWith('soft invalidation across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  const kinds = [
    [
      'a key',
      (cache: { delete(key: string, options: { soft: true }): Promise<unknown> }) => cache.delete('k', { soft: true }),
    ],
    [
      'a tag',
      (cache: { invalidateTags(tags: string[], options: { soft: true }): Promise<unknown> }) =>
        cache.invalidateTags(['t'], { soft: true }),
    ],
    [
      'a prefix',
      (cache: { invalidate(pattern: string, options: { soft: true }): Promise<unknown> }) =>
        cache.invalidate('k*', { soft: true }),
    ],
    [
      'a glob',
      (cache: { invalidate(pattern: string, options: { soft: true }): Promise<unknown> }) =>
        cache.invalidate('*k', { soft: true }),
    ],
  ] as const;

  it.each(kinds)(
    'of %s ends the fresh window in both tiers of all nodes, and keeps the value as stale',
    async (_what, soften) => {
      const here = await nodes.open(STALE);
      const there = await nodes.open(STALE);
      await nodes.load(here, 'k', 'old', ['t']);
      expect(await there.get('k')).toBe('old');
      const life = await nodes.raw.pttl(nodes.names.value('k'));
      expect(await soften(here as never)).toMatchObject({ remote: 'done' });
      expect(here.peek('k')).toBeUndefined();
      await until('there has heard', () => there.peek('k') === undefined);
      const fresh = await nodes.open(STALE);
      for (const cache of [here, there, fresh]) {
        expect(await cache.getEntry('k')).toMatchObject({ value: 'old', state: 'stale' });
        expect(await cache.get('k')).toBeUndefined();
      }
      const left = await nodes.raw.pttl(nodes.names.value('k'));
      expect(left).toBeLessThanOrEqual(life);
      expect(left).toBeGreaterThan(life - 10_000);
      // Who reads gets the old one while one node loads the new one.
      const loader = new DeferredLoader();
      const stale = heard(there, 'stale');
      expect(await there.getOrSet('k', loader.load)).toBe('old');
      expect(stale).toHaveLength(1);
      await until('it loads', () => loader.runs === 1);
      expect(await fresh.getOrSet('k', loader.load)).toBe('old');
      loader.last.resolve('new');
      await until('all find the new one', async () => {
        const values = await Promise.all([here, there, fresh].map((cache) => cache.getOrSet('k', loader.load)));
        return values.every((value) => value === 'new');
      });
      expect(loader.runs).toBe(1);
    },
  );

  it.each(kinds)('of %s makes what was being loaded by another node stale from the start', async (_what, soften) => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    const loader = new DeferredLoader();
    const loading = there.getOrSet('k', loader.load, { tags: ['t'] });
    await nodes.leased('k');
    await until('it loads', () => loader.runs === 1);
    await soften(here as never);
    loader.last.resolve('old');
    expect(await loading).toBe('old');
    await until('the lease is free', async () => (await nodes.raw.exists(nodes.names.lease('k'))) === 0);
    for (const cache of [here, there, await nodes.open(STALE)]) {
      await until('it is not fresh', async () => (await cache.getEntry('k'))?.state !== 'fresh');
      expect(await cache.get('k')).toBeUndefined();
    }
  });

  it('of a key revokes the lease of who refreshes it, and leaves what it stands for stale', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old');
    const loader = new DeferredLoader();
    const loading = there.getOrSet('k', loader.load, { cache: 'refresh' });
    await until('it loads', () => loader.runs === 1);
    expect(await here.delete('k', { soft: true })).toMatchObject({ deleted: true, remote: 'done' });
    loader.last.resolve('too early');
    expect(await loading).toBe('too early');
    await until('there forgets it', async () => (await there.getEntry('k'))?.value === 'old');
    expect(await (await nodes.open(STALE)).getEntry('k')).toMatchObject({ value: 'old', state: 'stale' });
  });

  it('of a key that nobody has says so', async () => {
    const cache = await nodes.open(STALE);
    expect(await cache.delete('none', { soft: true })).toMatchObject({ deleted: false, remote: 'done' });
    await nodes.load(cache, 'k', 'v');
    const other = await nodes.open(STALE);
    expect(await other.delete('k', { soft: true })).toMatchObject({ deleted: true, remote: 'done' });
  });

  it('leaves a value alone that was loaded after it', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old', ['t']);
    await here.invalidateTags(['t'], { soft: true });
    expect(await here.getOrSet('k', () => 'new', { cache: 'refresh', tags: ['t'] })).toBe('new');
    await until('there finds it', async () => (await there.get('k')) === 'new');
    expect(await there.getEntry('k')).toMatchObject({ state: 'fresh' });
  });

  it('does not bring back what a hard one has taken out', async () => {
    const here = await nodes.open(STALE);
    const there = await nodes.open(STALE);
    await nodes.load(here, 'k', 'old', ['t']);
    await there.get('k');
    await here.invalidateTags(['t']);
    await here.invalidateTags(['t'], { soft: true });
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.getEntry('k')).toBeUndefined();
    expect(await here.getEntry('k')).toBeUndefined();
    expect(await (await nodes.open(STALE)).getEntry('k')).toBeUndefined();
  });

  it('of a value without a stale window takes it out', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'old');
    await there.get('k');
    await here.delete('k', { soft: true });
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.getEntry('k')).toBeUndefined();
  });
});
