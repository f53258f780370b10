import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader } from '../deferred.js';
import { until, useNodes } from './nodes.js';

const QUIET = { coordinator: { heartbeat: '1m' } } as const;

describeWith('prefixes, other patterns and clear across nodes', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('a prefix takes one command, and holds on every node', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open();
    for (let i = 0; i < 20; i++) await here.set(`report:${i}`, i);
    await here.set('other', 1);
    await there.getMany(['report:1', 'other']);
    await here.invalidate('warm:*');
    expect(await nodes.asked(() => here.invalidate('report:*'))).toEqual(['INVALIDATE']);
    await until('there has heard', () => there.peek('report:1') === undefined);
    for (const cache of [here, there, await nodes.open()]) {
      expect(await cache.getMany(['report:1', 'report:19', 'other'])).toEqual(new Map([['other', 1]]));
    }
    await here.set('report:1', 'new');
    expect(await there.get('report:1')).toBe('new');
  });

  it('a prefix reaches long keys by their start', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const long = `report:${'x'.repeat(400)}`;
    await here.set(long, 1);
    expect(await there.get(long)).toBe(1);
    await here.invalidate('report:*');
    await until('there has heard', () => there.peek(long) === undefined);
    expect(await (await nodes.open()).get(long)).toBeUndefined();
  });

  it('a prefix stays within the scope of who asks', async () => {
    let who = 'a';
    const here = await nodes.open({ scope: () => who });
    const there = await nodes.open({ scope: () => who });
    await here.set('report:1', 'of a');
    who = 'b';
    await here.set('report:1', 'of b');
    expect(await there.get('report:1')).toBe('of b');
    await there.invalidate('report:*');
    await until('here has heard', () => here.peek('report:1') === undefined);
    expect(await here.get('report:1')).toBeUndefined();
    who = 'a';
    expect(await here.get('report:1')).toBe('of a');
    expect(await (await nodes.open({ scope: () => who })).get('report:1')).toBe('of a');
  });

  it('another pattern goes through the keys of this namespace and version, inside the call', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open();
    const elsewhere = await nodes.open({ namespace: `${nodes.namespace}-2` });
    const later = await nodes.open({ version: 2 });
    for (const cache of [here, elsewhere, later]) {
      for (let i = 0; i < 700; i++) void cache.set(`a:${i}:b`, i);
      await cache.setMany([
        ['a:x:c', 1],
        ['a:1', 1],
        ['*', 1],
        ['a:[1]:b', 1],
      ]);
    }
    await there.getMany(['a:1:b', 'a:x:c']);
    const { remote } = await here.invalidate('a:*:b');
    expect(remote).toBe('done');
    await until('there has heard', () => there.peek('a:1:b') === undefined);
    const keys = ['a:0:b', 'a:1:b', 'a:699:b', 'a:[1]:b'];
    const left = ['a:x:c', 'a:1', '*'];
    for (const cache of [here, there, await nodes.open()]) {
      expect([...(await cache.getMany([...keys, ...left])).keys()]).toEqual(left);
    }
    for (const cache of [elsewhere, later]) expect((await cache.getMany([...keys, ...left])).size).toBe(7);
    expect(await nodes.raw.exists(nodes.names.value('a:500:b'))).toBe(0);
  });

  it('another pattern revokes the leases of loads under way, here and elsewhere', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loaders = [new DeferredLoader(), new DeferredLoader()] as const;
    const loads = [here.getOrSet('x:1:k', loaders[0].load), there.getOrSet('x:2:k', loaders[1].load)];
    await until('both load', () => loaders.every(({ runs }) => runs === 1));
    await here.invalidate('x:*:k');
    expect(await nodes.raw.exists(nodes.names.lease('x:1:k'), nodes.names.lease('x:2:k'))).toBe(0);
    for (const { last } of loaders) last.resolve('old');
    expect(await Promise.all(loads)).toEqual(['old', 'old']);
    await until('there forgets it', () => there.peek('x:2:k') === undefined);
    for (const cache of [here, there, await nodes.open()]) {
      expect(await cache.getMany(['x:1:k', 'x:2:k'])).toEqual(new Map());
    }
  });

  it('a pattern without wildcards is a key', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open();
    await here.setMany([
      ['k', 1],
      ['kk', 2],
    ]);
    await there.getMany(['k', 'kk']);
    await here.delete('warm');
    expect(await nodes.asked(() => here.invalidate('k'))).toEqual(['DROP', 'SYNC']);
    await until('there has heard', () => there.peek('k') === undefined);
    expect(await there.getMany(['k', 'kk'])).toEqual(new Map([['kk', 2]]));
  });

  it('clear takes one command, and leaves other namespaces alone', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open();
    const elsewhere = await nodes.open({ namespace: `${nodes.namespace}-2` });
    await here.setMany([
      ['a', 1],
      ['b', 2],
    ]);
    await elsewhere.set('a', 3);
    await there.getMany(['a', 'b']);
    await here.invalidateTags(['t']);
    const asked = await nodes.asked(() => here.clear());
    expect(asked).toEqual(['INVALIDATE']);
    expect(here.stats().entries).toBe(0);
    await until('there has heard', () => there.peek('a') === undefined);
    for (const cache of [here, there, await nodes.open()]) expect(await cache.getMany(['a', 'b'])).toEqual(new Map());
    expect(await elsewhere.get('a')).toBe(3);
    await here.set('a', 'new');
    expect(await there.get('a')).toBe('new');
  });

  it('clear reaches all scopes and versions of the namespace', async () => {
    let who = 'a';
    const here = await nodes.open({ scope: () => who });
    const later = await nodes.open({ version: 2, scope: () => who });
    await here.set('k', 1);
    await later.set('k', 2);
    who = 'b';
    await here.clear();
    who = 'a';
    await until('later has heard', () => later.peek('k') === undefined);
    expect(await here.get('k')).toBeUndefined();
    expect(await later.get('k')).toBeUndefined();
  });
});
