import { describe, expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { ManualClock } from '../../manual-clock.js';
import { DeferredLoader } from '../deferred.js';
import { flushMicrotasks, KeyvNodes, MeddledStore, NAMES } from './keyv-nodes.js';

const nodes = new KeyvNodes();
/** No look at the versions but those of misses. */
const QUIET = { coordinator: { heartbeat: '1d' } } as const;

/** Two nodes, both of which have `k` = 'old' in memory. */
async function twoWithOld(options = {}): Promise<[CacheManager, CacheManager, MeddledStore]> {
  const store = new MeddledStore();
  const here = await nodes.open(store, options);
  const there = await nodes.open(store, options);
  await here.getOrSet('k', () => 'old', { tags: ['t'], ttl: '1m' });
  await flushMicrotasks();
  expect(await there.get('k')).toBe('old');
  return [here, there, store];
}

describe('what falls away without a coordinator', () => {
  it('one load for all processes: each loads for itself', async () => {
    const store = new MeddledStore();
    const loaders = [new DeferredLoader(), new DeferredLoader()];
    const [here, there] = [await nodes.open(store), await nodes.open(store)];
    const reads = [here.getOrSet('k', loaders[0]!.load), there.getOrSet('k', loaders[1]!.load)];
    await flushMicrotasks();
    expect(loaders.map(({ runs }) => runs)).toEqual([1, 1]);
    loaders[0]!.last.resolve('first');
    loaders[1]!.last.resolve('second');
    expect(await Promise.all(reads)).toEqual(['first', 'second']);
  });

  it('word of a single key that was written or deleted: another memory serves the old value until its ttl', async () => {
    for (const change of ['set', 'delete'] as const) {
      const [here, there] = await twoWithOld();
      if (change === 'set') await here.set('k', 'new');
      else await here.delete('k');
      await nodes.pass(59_900, 100);
      expect(await there.get('k')).toBe('old');
      await nodes.pass(100, 100);
      expect(await there.get('k')).toBe(change === 'set' ? 'new' : undefined);
      await here.clear();
    }
  });

  it('the promptness of tags, prefixes and clear: another node hears of them with its next beat', async () => {
    const changes = [
      (cache: CacheManager) => cache.invalidateTags(['t']),
      (cache: CacheManager) => cache.invalidate('k*'),
      (cache: CacheManager) => cache.clear(),
    ];
    for (const change of changes) {
      const [here, there] = await twoWithOld();
      await nodes.pass(1_000);
      expect((await change(here)).remote).toBe('done');
      await nodes.pass(900);
      expect(there.peek('k')).toBe('old');
      await nodes.pass(150);
      expect(there.peek('k')).toBeUndefined();
    }
  });

  it('the fence between processes: a late fill takes the place of what was written since', async () => {
    const store = new MeddledStore();
    const [here, there] = [await nodes.open(store, QUIET), await nodes.open(store, QUIET)];
    const loader = new DeferredLoader();
    const slow = here.getOrSet('k', loader.load);
    await flushMicrotasks();
    await there.set('k', 'new');
    loader.last.resolve('old');
    await slow;
    await flushMicrotasks();
    expect(await there.get('k')).toBe('new');
    expect(await (await nodes.open(store, QUIET)).get('k')).toBe('old');
  });

  it('the fence between processes: a late fill brings back what was deleted since', async () => {
    const store = new MeddledStore();
    const [here, there] = [await nodes.open(store, QUIET), await nodes.open(store, QUIET)];
    const loader = new DeferredLoader();
    const slow = here.getOrSet('k', loader.load, { tags: ['t'] });
    await flushMicrotasks();
    await there.delete('k');
    loader.last.resolve('old');
    await slow;
    await flushMicrotasks();
    expect(await there.get('k')).toBe('old');
    // By a tag it would not have come back.
    await there.invalidateTags(['t']);
    expect(await there.get('k')).toBeUndefined();
  });

  it('the order of writes: of two processes the one whose write lands last has its way, not the later call', async () => {
    const store = new MeddledStore();
    const [here, there] = [await nodes.open(store, QUIET), await nodes.open(store, QUIET)];
    store.holds = (operation, key) => operation === 'set' && key === NAMES.value('k');
    const first = here.set('k', 'first');
    await flushMicrotasks();
    store.holds = () => false;
    await there.set('k', 'second');
    await store.letGo();
    await first;
    expect(await (await nodes.open(store, QUIET)).get('k')).toBe('first');
  });

  it('both of two invalidations at one moment: one overwrites the other, which is made good with a beat', async () => {
    const store = new MeddledStore();
    const [here, there] = [await nodes.open(store), await nodes.open(store)];
    await here.getOrSet('a', () => 'old', { tags: ['a'] });
    await here.getOrSet('b', () => 'old', { tags: ['b'] });
    await flushMicrotasks();
    store.holds = (operation, key) => operation === 'get' && key === NAMES.versions;
    const both = [here.invalidateTags(['a']), there.invalidateTags(['b'])];
    await flushMicrotasks();
    store.holds = () => false;
    await store.letGo();
    expect((await Promise.all(both)).map(({ remote }) => remote)).toEqual(['done', 'done']);
    // Both had read the record before either wrote it.
    const early = await nodes.open(store, QUIET);
    const seen = await early.getMany(['a', 'b']);
    expect([...seen]).toHaveLength(1);
    await nodes.pass(1_100);
    const late = await nodes.open(store, QUIET);
    expect([...(await late.getMany(['a', 'b']))]).toEqual([]);
  });

  it('one of two invalidations at one moment for good, where its process ends at once', async () => {
    const store = new MeddledStore();
    const [here, there] = [await nodes.open(store), await nodes.open(store)];
    await here.getOrSet('a', () => 'old', { tags: ['a'] });
    await flushMicrotasks();
    store.holds = (operation, key) => operation === 'get' && key === NAMES.versions;
    const both = [here.invalidateTags(['a']), there.invalidateTags(['b'])];
    await flushMicrotasks();
    store.holds = () => false;
    await store.letGo();
    await Promise.all(both);
    await here.close();
    await nodes.pass(5_000);
    expect(await (await nodes.open(store)).get('a')).toBe('old');
  });

  it('one clock for all: a value lives as much longer as the clock of its writer is ahead', async () => {
    const store = new MeddledStore();
    const life = { ttl: '10s', memory: false, ...QUIET } as const;
    const ahead = new ManualClock(nodes.clock.now() + 5_000);
    await (await nodes.open(store, { ...life, clock: ahead })).set('k', 'v');
    const there = await nodes.open(store, life);
    await nodes.pass(14_900, 14_900);
    expect(await there.get('k')).toBe('v');
    await nodes.pass(100, 100);
    expect(await there.get('k')).toBeUndefined();
  });
});
