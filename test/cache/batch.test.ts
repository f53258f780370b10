import { describe, expect, it, vi } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

const doubled = (missing: readonly string[]) => missing.map((key) => key + key);

describe('getOrSetMany', () => {
  it('calls the loader once for all that is missing, and gives the values in the order of the keys', async () => {
    const { cache } = testCache();
    await cache.set('b', 'cached');
    const load = vi.fn(doubled);
    const values = await cache.getOrSetMany(['a', 'b', 'c'], load);
    expect([...values]).toEqual([
      ['a', 'aa'],
      ['b', 'cached'],
      ['c', 'cc'],
    ]);
    expect(load.mock.calls.map(([missing]) => missing)).toEqual([['a', 'c']]);
    expect(cache.peek('c')).toBe('cc');
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 2, loads: 1 });
  });

  it('takes a map too; a key the loader has nothing for is left out and asked for again', async () => {
    const { cache } = testCache();
    const load = vi.fn((_: readonly string[]) => new Map([['b', 'B']]));
    expect([...(await cache.getOrSetMany(['a', 'b'], load))]).toEqual([['b', 'B']]);
    expect((await cache.getOrSetMany(['a'], load)).size).toBe(0);
    expect(load.mock.calls.map(([missing]) => missing)).toEqual([['a', 'b'], ['a']]);
  });

  it('does not call the loader when nothing is missing, or nothing is asked for', async () => {
    const { cache } = testCache();
    await cache.set('a', 'v');
    const load = vi.fn(doubled);
    await cache.getOrSetMany(['a'], load);
    expect((await cache.getOrSetMany([], load)).size).toBe(0);
    expect(load).not.toHaveBeenCalled();
  });

  it('asks for equal keys once, and answers with the keys of the host', async () => {
    const { cache } = testCache<number>();
    const keys = [{ id: 1 }, { id: 2 }, { id: 1 }];
    const load = vi.fn((missing: readonly { id: number }[]) => missing.map(({ id }) => id * 10));
    const values = await cache.getOrSetMany(keys, load);
    expect(load.mock.calls[0]![0]).toEqual([{ id: 1 }, { id: 2 }]);
    expect(values.get(keys[0]!)).toBe(10);
    expect(values.get(keys[1]!)).toBe(20);
  });

  it('joins the loads of single keys under way, and single reads join it', async () => {
    const { cache } = testCache();
    const single = new DeferredLoader();
    const reading = cache.getOrSet('a', single.load);
    const batch = new DeferredLoader<string[]>();
    const asked: (readonly string[])[] = [];
    const many = cache.getOrSetMany(['a', 'b'], (missing) => {
      asked.push(missing);
      return batch.load(undefined as never);
    });
    const joining = cache.getOrSet('b', single.load);
    expect(asked).toEqual([['b']]);
    expect(single.runs).toBe(1);
    single.last.resolve('A');
    batch.last.resolve(['B']);
    expect([...(await many)]).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    expect(await reading).toBe('A');
    expect(await joining).toBe('B');
  });

  it('serves stale values and refreshes all of them with one call', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000 });
    const stale = heard(cache, 'stale');
    await cache.setMany([
      ['a', 'old a'],
      ['b', 'old b'],
    ]);
    clock.advance(10);
    const load = vi.fn(doubled);
    expect([...(await cache.getOrSetMany(['a', 'b'], load)).values()]).toEqual(['old a', 'old b']);
    await flushMicrotasks();
    expect(load).toHaveBeenCalledTimes(1);
    expect(stale.map(({ refresh }) => refresh)).toEqual(['started', 'started']);
    expect([...(await cache.getMany(['a', 'b'])).values()]).toEqual(['aa', 'bb']);
  });

  it('passes the error of its loader on, and keeps nothing', async () => {
    const { cache } = testCache();
    const error = new Error('down');
    await expect(cache.getOrSetMany(['a', 'b'], () => Promise.reject(error))).rejects.toBe(error);
    expect(cache.stats()).toMatchObject({ entries: 0, inFlight: 0, loads: 1 });
    expect((await cache.getOrSetMany(['a', 'b'], doubled)).size).toBe(2);
  });

  it('stores with the options given, and with what its loader says', async () => {
    const { cache, clock } = testCache();
    const load = (missing: readonly string[], { ttl, tag }: { ttl(d: number): void; tag(...n: string[]): void }) => {
      ttl(50);
      tag('late');
      return doubled(missing);
    };
    await cache.getOrSetMany(['a', 'b'], load, { tags: ['early'], ttl: '1h' });
    expect(Object.keys(cache.inspect('a').tags!)).toEqual(['early', 'late']);
    clock.advance(50);
    expect(cache.peek('b')).toBeUndefined();
  });

  it('refreshes, bypasses, or only looks, as asked', async () => {
    const { cache } = testCache();
    await cache.set('a', 'old');
    const load = vi.fn(doubled);
    expect([...(await cache.getOrSetMany(['a', 'b'], load, { cache: 'only' }))]).toEqual([['a', 'old']]);
    expect(load).not.toHaveBeenCalled();
    expect((await cache.getOrSetMany(['a', 'b'], load, { cache: 'bypass' })).get('a')).toBe('aa');
    expect(cache.peek('a')).toBe('old');
    expect(cache.peek('b')).toBeUndefined();
    expect((await cache.getOrSetMany(['a'], load, { cache: 'refresh' })).get('a')).toBe('aa');
    expect(cache.peek('a')).toBe('aa');
  });

  it('asked to refresh does not join a load that began before it, and that load does not overwrite it', async () => {
    const { cache } = testCache();
    const before = new DeferredLoader();
    const early = cache.getOrSet('a', before.load);
    expect((await cache.getOrSetMany(['a'], () => ['new'], { cache: 'refresh' })).get('a')).toBe('new');
    before.last.resolve('old');
    expect(await early).toBe('old');
    expect(cache.peek('a')).toBe('new');
  });

  it('refuses a result that does not fit the keys, saying what it got', async () => {
    const { cache } = testCache();
    await expect(cache.getOrSetMany(['a', 'b'], () => ['one'])).rejects.toThrow(/each of the 2 missing keys, got 1/);
    await expect(cache.getOrSetMany(['a'], () => 'text' as never)).rejects.toThrow(/must return a Map.*got string/);
    expect(cache.stats().entries).toBe(0);
  });

  it('ends the wait of an aborting caller; as the last, it aborts the loader', async () => {
    const { cache } = testCache();
    const batch = new DeferredLoader<string[]>();
    const controller = new AbortController();
    const many = cache.getOrSetMany(['a', 'b'], (_, context) => batch.load(context as never), {
      signal: controller.signal,
    });
    const joined = new AbortController();
    const single = cache.getOrSet('b', () => 'own', { signal: joined.signal });
    const { signal } = batch.last.context;
    controller.abort(new Error('enough'));
    await expect(many).rejects.toThrow('enough');
    expect(signal.aborted).toBe(false);
    joined.abort(new Error('enough too'));
    await expect(single).rejects.toThrow('enough too');
    expect(signal.aborted).toBe(true);
    expect(await cache.getOrSet('a', () => 'again')).toBe('again');
  });
});

describe('the other calls for many keys', () => {
  it('set, get and delete them', async () => {
    const { cache } = testCache();
    await cache.setMany(Object.entries({ a: '1', b: '2', c: '3' }));
    expect([...(await cache.getMany(['c', 'x', 'a']))]).toEqual([
      ['c', '3'],
      ['a', '1'],
    ]);
    await cache.deleteMany(['a', 'c']);
    expect([...(await cache.getMany(['a', 'b', 'c'])).keys()]).toEqual(['b']);
  });

  it('give a token even when there is nothing to delete', async () => {
    const { cache } = testCache();
    const { token } = await cache.deleteMany([]);
    expect(await cache.getOrSet('k', () => 'v', { after: token })).toBe('v');
  });
});

it('a batch read that goes past the cache counts a miss for each key', async () => {
  const { cache } = testCache();
  const misses = heard(cache, 'miss');
  await cache.getOrSetMany(['a', 'b'], doubled, { cache: 'bypass' });
  expect(misses).toEqual([
    { key: 'a', reason: 'bypass' },
    { key: 'b', reason: 'bypass' },
  ]);
});
