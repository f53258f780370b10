import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { useNodes } from './nodes.js';

/** Beats would stand between the commands that are counted. */
const QUIET = { coordinator: { heartbeat: '1m' } } as const;

describeWith('a cache of two tiers', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('reads the shared tier with one GET', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open(QUIET);
    await nodes.load(here, 'k', 'v', ['t']);
    const loader = new DeferredLoader();
    expect(await nodes.asked(async () => expect(await there.getOrSet('k', loader.load)).toBe('v'))).toEqual(['GET']);
    expect(await nodes.asked(async () => expect(await there.getOrSet('k', loader.load)).toBe('v'))).toEqual([]);
    expect(loader.runs).toBe(0);
    const { memoryHits, remoteHits, misses, loads } = there.stats();
    expect({ memoryHits, remoteHits, misses, loads }).toEqual({ memoryHits: 1, remoteHits: 1, misses: 0, loads: 0 });
  });

  it('asks on a miss for the lease and the versions at once, and stores in one step', async () => {
    const cache = await nodes.open(QUIET);
    // Scripts are known to the server from here on.
    await nodes.load(cache, 'other', 'v');
    const asked = await nodes.asked(async () => {
      await cache.getOrSet('k', () => 'v', { tags: ['t'] });
      await nodes.stored('k');
    });
    const own = asked.filter((name) => name !== 'EXISTS');
    expect(own[0]).toBe('GET');
    expect(own.slice(1, 3).sort()).toEqual(['LEASE', 'SYNC']);
    expect(own.slice(3)).toEqual(['FILL']);
    expect(await nodes.raw.exists(nodes.names.lease('k'))).toBe(0);
  });

  it('sends the reads of one tick as one command', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open(QUIET);
    for (const key of ['a', 'b', 'c']) await nodes.load(here, key, key);
    const asked = await nodes.asked(async () => {
      const values = await Promise.all(['a', 'b', 'c', 'a'].map((key) => there.getOrSet(key, () => 'loaded')));
      expect(values).toEqual(['a', 'b', 'c', 'a']);
    });
    expect(asked).toEqual(['MGET']);
  });

  it('reads many keys with one command', async () => {
    const here = await nodes.open(QUIET);
    const there = await nodes.open(QUIET);
    await here.setMany([
      ['a', 1],
      ['b', 2],
    ]);
    const asked = await nodes.asked(async () => {
      expect([...(await there.getMany(['a', 'b', 'none']))]).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
    });
    expect(asked).toEqual(['MGET']);
  });

  it('says where a value came from', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const hits = heard(there, 'hit');
    const misses = heard(there, 'miss');
    expect(await there.getEntry('k')).toBeUndefined();
    await nodes.load(here, 'k', 'v');
    expect(await there.getEntry('k')).toMatchObject({ value: 'v', state: 'fresh', tier: 'remote' });
    expect(await there.getEntry('k')).toMatchObject({ value: 'v', state: 'fresh', tier: 'memory' });
    const third = await nodes.open();
    const thirdHits = heard(third, 'hit');
    expect(await third.get('k')).toBe('v');
    expect(await third.get('k')).toBe('v');
    expect(thirdHits.map(({ tier }) => tier)).toEqual(['remote', 'memory']);
    expect(await there.get('none')).toBeUndefined();
    expect(misses).toEqual([{ key: 'none', reason: 'absent' }]);
    expect(hits).toEqual([]);
    expect(await there.has('k')).toBe(true);
    expect(await there.has('none')).toBe(false);
    expect(there.stats().remote).toMatchObject({
      state: 'closed',
      bus: 'live',
      errors: 0,
      timeouts: 0,
      refused: 0,
      unconfirmed: 0,
    });
  });

  it('never loads with cache: only, and finds what others have stored', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    expect(await there.getOrSet('k', loader.load, { cache: 'only' })).toBeUndefined();
    await nodes.load(here, 'k', 'v');
    expect(await there.getOrSet('k', loader.load, { cache: 'only' })).toBe('v');
    expect(loader.runs).toBe(0);
  });

  it('goes past both tiers with cache: bypass', async () => {
    const cache = await nodes.open(QUIET);
    await nodes.load(cache, 'k', 'v');
    expect(
      await nodes.asked(async () => expect(await cache.getOrSet('k', () => 'new', { cache: 'bypass' })).toBe('new')),
    ).toEqual([]);
    expect(await cache.get('k')).toBe('v');
  });

  it('replaces what both tiers and other nodes have with cache: refresh', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'old');
    expect(await there.get('k')).toBe('old');
    const changed = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (there.peek('k') !== undefined) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    expect(await here.getOrSet('k', () => 'new', { cache: 'refresh' })).toBe('new');
    await changed;
    expect(await there.get('k')).toBe('new');
  });

  it('serves its first calls right after construction', async () => {
    const cache = nodes.make();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    await nodes.stored('k');
    const second = nodes.make();
    expect(await second.getOrSet('k', () => 'loaded again')).toBe('v');
    const third = nodes.make();
    expect([...(await third.getMany(['k', 'none']))]).toEqual([['k', 'v']]);
  });

  it('keeps what is set right after construction', async () => {
    const cache = nodes.make();
    expect(await cache.set('k', 'v', { tags: ['t'] })).toBe(true);
    expect(await cache.get('k')).toBe('v');
    const other = await nodes.open();
    expect(await other.get('k')).toBe('v');
  });

  it('invalidates right after construction', async () => {
    const here = await nodes.open();
    await nodes.load(here, 'k', 'old', ['t']);
    const cache = nodes.make();
    expect((await cache.invalidateTags(['t'])).remote).toBe('done');
    expect(await cache.getOrSet('k', () => 'new', { tags: ['t'] })).toBe('new');
  });

  it.each(['the same URL', 'a client of the same server'])(
    'keeps what is set where the coordinator is %s as that of the values',
    async (what) => {
      const options = { coordinator: what === 'the same URL' ? nodes.url : (nodes.raw as never) };
      const here = await nodes.open(options);
      const there = await nodes.open(options);
      await here.set('k', 'v');
      expect(await there.get('k')).toBe('v');
      await nodes.load(here, 'loaded', 'v');
      expect(await there.get('loaded')).toBe('v');
      expect(await there.delete('k')).toMatchObject({ deleted: true, remote: 'done' });
      expect(await (await nodes.open(options)).get('k')).toBeUndefined();
    },
  );
});
