import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/index.js';
import type { Duration } from '../../../src/core/duration.js';
import { ManualClock } from '../../manual-clock.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { TcpProxy } from '../../services/tcp-proxy.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

/** Half of what waiting for the end of a lease that nobody gives back would take. */
const IN_TIME_MS = 5_000;

const short = (lease: Duration): CacheOptions => ({ coordinator: { lease } });

describeWith('leases', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(nodes.port);
  });
  afterAll(() => proxy.close());

  const isFree = async (key: string): Promise<boolean> => (await nodes.raw.exists(nodes.names.lease(key))) === 0;

  it('let one node load while the others wait', async () => {
    const caches = await Promise.all([nodes.open(), nodes.open(), nodes.open()]);
    const loader = new DeferredLoader();
    const reads = caches.flatMap((cache) => Array.from({ length: 5 }, () => cache.getOrSet('k', loader.load)));
    await until('one loads', () => loader.runs === 1);
    await pause(60);
    expect(loader.runs).toBe(1);
    loader.last.resolve('v');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['v']));
    expect(loader.runs).toBe(1);
    expect(caches.reduce((sum, cache) => sum + cache.stats().loads, 0)).toBe(1);
    expect(caches.reduce((sum, cache) => sum + cache.stats().coalesced, 0)).toBe(14);
  });

  it.each([
    ['filled', 'v', (loader: DeferredLoader): void => loader.last.resolve('v')],
    [
      'given back',
      'second',
      (loader: DeferredLoader): void => {
        loader.last.context.skip();
        loader.last.resolve('v');
      },
    ],
  ])('wake those who wait by the bus when they are %s', async (_what, expected, end) => {
    const here = await nodes.open();
    // On a clock that stands still nobody polls.
    const there = await nodes.open({ clock: new ManualClock(Date.now()) });
    const loader = new DeferredLoader();
    const first = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const second = there.getOrSet('k', () => 'second');
    await nodes.awaited('k');
    await pause(20);
    end(loader);
    expect(await first).toBe('v');
    expect(await second).toBe(expected);
  });

  it('are found out about by polling where the bus is cut', async () => {
    const here = await nodes.open();
    const there = await nodes.open({ remote: proxy.url });
    proxy.freeze(['bus']);
    try {
      const loader = new DeferredLoader();
      const first = here.getOrSet('k', loader.load);
      await until('it loads', () => loader.runs === 1);
      const second = there.getOrSet('k', () => 'never');
      await pause(50);
      loader.last.resolve('v');
      expect(await first).toBe('v');
      expect(await second).toBe('v');
    } finally {
      proxy.thaw(['bus']);
    }
  });

  it('are renewed beyond their length while the loader runs', async () => {
    const here = await nodes.open(short('1s'));
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const first = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const second = there.getOrSet('k', () => 'never');
    for (let i = 0; i < 30; i++) {
      await pause(50);
      expect(await isFree('k')).toBe(false);
    }
    loader.last.resolve('v');
    expect(await Promise.all([first, second])).toEqual(['v', 'v']);
    await nodes.stored('k');
    expect(here.stats().remote).toMatchObject({ leasesLost: 0 });
  });

  it('end with their holder: the next one loads', async () => {
    const loader = new DeferredLoader();
    // A holder that is gone: nobody renews.
    await nodes.raw.set(nodes.names.lease('k'), 'gone.1', 'PX', 120);
    const cache = await nodes.open();
    const reading = cache.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    loader.last.resolve('v');
    expect(await reading).toBe('v');
    await nodes.stored('k');
  });

  it('are waited for no longer than they last: then the value is loaded and kept nowhere', async () => {
    const cache = await nodes.open(short('200ms'));
    const skips = heard(cache, 'skip');
    await nodes.raw.set(nodes.names.lease('k'), 'hangs.1', 'PX', 60_000);
    const startedAt = performance.now();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    expect(skips).toEqual([{ key: 'k', reason: 'lease' }]);
    expect(cache.peek('k')).toBeUndefined();
    expect(await nodes.raw.exists(nodes.names.value('k'))).toBe(0);
    expect(String(await nodes.raw.get(nodes.names.lease('k')))).toContain('hangs.1');
  });

  it('serve a stale value to who does not get one', async () => {
    const here = await nodes.open({ ttl: 60, stale: '1h' });
    const there = await nodes.open({ ttl: 60, stale: '1h' });
    await nodes.load(here, 'k', 'old');
    await there.get('k');
    await pause(70);
    const loader = new DeferredLoader();
    expect(await here.getOrSet('k', loader.load)).toBe('old');
    await until('it loads', () => loader.runs === 1);
    const startedAt = performance.now();
    expect(await there.getOrSet('k', loader.load)).toBe('old');
    const third = await nodes.open({ ttl: 60, stale: '1h' });
    expect(await third.getOrSet('k', loader.load)).toBe('old');
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    expect(loader.runs).toBe(1);
    loader.last.resolve('new');
    await until('all have the new one', async () => {
      const values = await Promise.all([here, there, third].map((cache) => cache.getEntry('k')));
      return values.every((entry) => entry?.value === 'new');
    });
    expect(loader.runs).toBe(1);
  });

  it('are given back at once by a loader that throws', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const first = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const second = there.getOrSet('k', () => 'second');
    await pause(50);
    const startedAt = performance.now();
    const trouble = new Error('the loader');
    loader.last.reject(trouble);
    await expect(first).rejects.toBe(trouble);
    expect(await second).toBe('second');
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });

  it.each([
    [
      'skips',
      (loader: DeferredLoader) => {
        loader.last.context.skip();
        loader.last.resolve('first');
      },
    ],
    ['brings nothing', (loader: DeferredLoader) => loader.last.resolve(undefined as never)],
    [
      'asks for no time',
      (loader: DeferredLoader) => {
        loader.last.context.ttl(0);
        loader.last.resolve('first');
      },
    ],
    ['brings what cannot be encoded', (loader: DeferredLoader) => loader.last.resolve((() => 1) as never)],
  ])('are given back at once by a loader that %s', async (_what, end) => {
    const here = await nodes.open();
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const first = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const second = there.getOrSet('k', () => 'second');
    await pause(50);
    const startedAt = performance.now();
    end(loader);
    await first;
    expect(await second).toBe('second');
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    await nodes.stored('k');
  });

  it('are not kept by a read that was given up', async () => {
    const here = await nodes.open(short('300ms'));
    const there = await nodes.open();
    const loader = new DeferredLoader();
    const abort = new AbortController();
    const first = here.getOrSet('k', loader.load, { signal: abort.signal });
    await until('it loads', () => loader.runs === 1);
    abort.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(loader.last.context.signal.aborted).toBe(true);
    const startedAt = performance.now();
    expect(await there.getOrSet('k', () => 'second')).toBe('second');
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    loader.last.resolve('first');
    await pause(30);
    expect(await (await nodes.open()).get('k')).toBe('second');
    expect(await here.get('k')).toBe('second');
  });

  it('do not outlive the hard deadline of a loader that hangs', async () => {
    const here = await nodes.open({ ...short('150ms'), loader: { hardDeadline: 250 } });
    const there = await nodes.open();
    const first = here.getOrSet('k', () => new Promise<string>(() => {}));
    await nodes.leased('k');
    const second = there.getOrSet('k', () => 'second');
    const startedAt = performance.now();
    await expect(first).rejects.toMatchObject({ code: 'LOADER_DEADLINE' });
    expect(await second).toBe('second');
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });

  it('of different keys do not wait for each other', async () => {
    const cache = await nodes.open();
    const slow = new DeferredLoader();
    const waiting = cache.getOrSet('slow', slow.load);
    await nodes.leased('slow');
    expect(await cache.getOrSet('quick', () => 'v')).toBe('v');
    slow.last.resolve('done');
    expect(await waiting).toBe('done');
  });
});
