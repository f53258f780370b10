import { expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

describeWith('leases under way', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  const isFree = async (key: string): Promise<boolean> => (await nodes.raw.exists(nodes.names.lease(key))) === 0;

  const revocations: readonly (readonly [what: string, revoke: (there: CacheManager) => Promise<unknown>])[] = [
    ['delete', (there) => there.delete('k')],
    ['delete with { soft: true }', (there) => there.delete('k', { soft: true })],
    ['deleteMany', (there) => there.deleteMany(['x', 'k'])],
    ['set', (there) => there.set('k', 'set')],
    ['setMany', (there) => there.setMany([['k', 'set']])],
    ['invalidateTags', (there) => there.invalidateTags(['t'])],
    ['a prefix', (there) => there.invalidate('k*')],
    ['a pattern of that very key', (there) => there.invalidate('k')],
    ['clear', (there) => there.clear()],
    ['getOrSet with cache: refresh', (there) => there.getOrSet('k', () => 'set', { cache: 'refresh' })],
  ];
  it.each(revocations)(
    'are revoked by %s on another node: the value goes to its callers alone',
    async (_what, revoke) => {
      const here = await nodes.open();
      const there = await nodes.open();
      const loader = new DeferredLoader();
      const first = here.getOrSet('k', loader.load, { tags: ['t'] });
      await until('it loads', () => loader.runs === 1);
      await revoke(there);
      loader.last.resolve('old');
      expect(await first).toBe('old');
      await until('the lease is free', () => isFree('k'));
      await until('here forgets it', () => here.peek('k') !== 'old');
      const fresh = await nodes.open();
      for (const cache of [here, there, fresh]) expect([undefined, 'set']).toContain(await cache.get('k'));
      expect(await here.getOrSet('k', () => 'set')).toBe('set');
    },
  );

  it.each(revocations.filter(([what]) => !what.includes('very key')))(
    'are revoked by %s on the same node',
    async (_what, revoke) => {
      const here = await nodes.open();
      const loader = new DeferredLoader();
      const first = here.getOrSet('k', loader.load, { tags: ['t'] });
      await until('it loads', () => loader.runs === 1);
      await revoke(here);
      loader.last.resolve('old');
      expect(await first).toBe('old');
      const fresh = await nodes.open();
      for (const cache of [here, fresh]) expect([undefined, 'set']).toContain(await cache.get('k'));
    },
  );

  it('that are lost while the loader runs are noticed at the renewal', async () => {
    const here = await nodes.open({ coordinator: { lease: '600ms' } });
    const skips = heard(here, 'skip');
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await nodes.leased('k');
    await until('it loads', () => loader.runs === 1);
    await nodes.raw.set(nodes.names.lease('k'), 'another.1', 'PX', 60_000);
    await until('it has noticed', () => here.stats().remote!.leasesLost === 1);
    loader.last.resolve('v');
    expect(await loading).toBe('v');
    expect(skips).toEqual([{ key: 'k', reason: 'lease' }]);
    expect(here.peek('k')).toBeUndefined();
    expect(await nodes.raw.exists(nodes.names.value('k'))).toBe(0);
    expect(await nodes.raw.get(nodes.names.lease('k'))).toBe('another.1');
  });
});
