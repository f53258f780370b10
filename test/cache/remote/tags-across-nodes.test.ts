import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

describeWith('tags across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('invalidate what other nodes have in memory and what is in the shared tier', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'old', ['t', 'u']);
    await nodes.load(here, 'other', 'kept', ['v']);
    expect(await there.getMany(['k', 'other'])).toEqual(
      new Map([
        ['k', 'old'],
        ['other', 'kept'],
      ]),
    );
    const misses = heard(there, 'miss');
    expect(await here.invalidateTags(['u'])).toMatchObject({ remote: 'done' });
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.get('k')).toBeUndefined();
    expect(misses).toEqual([{ key: 'k', reason: 'tag' }]);
    expect(await there.get('other')).toBe('kept');
    // A node that was not there when it happened.
    const late = await nodes.open();
    expect(await late.get('k')).toBeUndefined();
    expect(await late.get('other')).toBe('kept');
  });

  it('take one command, however many entries carry them', async () => {
    const cache = await nodes.open({ coordinator: { heartbeat: '1m' } });
    for (let i = 0; i < 50; i++) await cache.set(`k${i}`, i, { tags: ['t'] });
    await cache.invalidateTags(['warm']);
    expect(await nodes.asked(() => cache.invalidateTags(['t']))).toEqual(['INVALIDATE']);
    expect(await nodes.asked(() => cache.invalidateTags(['a', 'b', 'c']))).toEqual(['INVALIDATE']);
  });

  it('fence a load on another node that named the tag at its start', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load, { tags: ['t'] });
    await until('it loads', () => loader.runs === 1);
    await there.invalidateTags(['t']);
    loader.last.resolve('old');
    expect(await loading).toBe('old');
    expect(await there.getOrSet('k', () => 'new', { tags: ['t'] })).toBe('new');
    await nodes.stored('k');
    expect(await here.getOrSet('k', () => 'newer', { tags: ['t'] })).toBe('new');
  });

  it('fence a load that names the tag at its end, after another node has invalidated it', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const skips = heard(here, 'skip');
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    await there.invalidateTags(['late']);
    await until('here has heard', () => here.stats().versions === 1);
    loader.last.context.tag('late');
    loader.last.resolve('old');
    expect(await loading).toBe('old');
    for (const cache of [here, there, await nodes.open()]) {
      expect(await cache.getOrSet('k', () => 'never', { cache: 'only' })).toBeUndefined();
    }
    await until('the lease is free', async () => (await nodes.raw.exists(nodes.names.lease('k'))) === 0);
    expect(await there.getOrSet('k', () => 'new')).toBe('new');
    expect(skips).toEqual([{ key: 'k', reason: 'fenced' }]);
  });

  it('fence a late tag where the node has not heard of its invalidation at all', async () => {
    const here = await nodes.open({ coordinator: { heartbeat: '1m' } });
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    // No message: as if the bus had lost it.
    const seq = Number(await nodes.raw.zscore(nodes.names.versions, '!seq')) + 10;
    await nodes.raw.zadd(nodes.names.versions, seq, '!seq', seq, 'tlate');
    loader.last.context.tag('late');
    loader.last.resolve('old');
    expect(await loading).toBe('old');
    await until('it is there or skipped', async () => (await nodes.raw.exists(nodes.names.lease('k'))) === 0);
    const fresh = await nodes.open();
    expect(await fresh.get('k')).toBeUndefined();
    expect(await fresh.getOrSet('k', () => 'new')).toBe('new');
  });

  it('reach a value that a set has tagged', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await here.set('k', 'v', { tags: ['t'] });
    expect(await there.get('k')).toBe('v');
    await there.invalidateTags(['t']);
    await until('here has heard', () => here.peek('k') === undefined);
    expect(await here.get('k')).toBeUndefined();
    await here.set('k', 'w', { tags: ['t'] });
    expect(await there.get('k')).toBe('w');
  });

  it('are many in one call', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await here.set('first', 1, { tags: ['tag0'] });
    await here.set('last', 1, { tags: ['tag2499'] });
    await there.getMany(['first', 'last']);
    const tags = Array.from({ length: 2_500 }, (_, i) => `tag${i}`);
    expect((await here.invalidateTags(tags)).remote).toBe('done');
    await until('there has heard', () => there.peek('first') === undefined && there.peek('last') === undefined);
    expect(await (await nodes.open()).getMany(['first', 'last'])).toEqual(new Map());
  });
});
