import { expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

const QUIET = { coordinator: { heartbeat: '1m' } } as const;
/** Half of what waiting for the end of a lease that nobody gives back would take. */
const IN_TIME_MS = 5_000;
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describeWith('batches over two tiers', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('read memory, then the shared tier once, then load what is missing once, and write it together', async () => {
    const here = await nodes.open<number>(QUIET);
    const there = await nodes.open<number>(QUIET);
    await there.getOrSetMany(['warm'], () => [0]);
    await here.getOrSetMany(numbers(0, 50), (missing) => missing.map((key) => key * 10));
    await until('they are stored', async () => (await nodes.raw.dbsize()) >= 52);
    await there.getMany([0, 1]);
    const asked: number[][] = [];
    const commands = await nodes.asked(async () => {
      const values = await there.getOrSetMany(numbers(0, 100), (missing) => {
        asked.push([...missing]);
        return missing.map((key) => key * 10);
      });
      expect([...values]).toEqual(numbers(0, 100).map((key) => [key, key * 10]));
      expect([...values.keys()]).toEqual(numbers(0, 100));
    });
    expect(asked).toEqual([numbers(50, 100)]);
    expect(commands[0]).toBe('MGET');
    expect(commands.filter((name) => name === 'MGET')).toHaveLength(1);
    const scripts = commands.slice(1);
    expect(scripts.slice(0, 51).sort()).toEqual([...Array(50).fill('LEASE'), 'SYNC']);
    expect(scripts.slice(51)).toEqual(Array(50).fill('FILL'));
    const { memoryHits, remoteHits, misses, loads } = there.stats();
    expect({ memoryHits, remoteHits, misses, loads }).toEqual({ memoryHits: 2, remoteHits: 50, misses: 51, loads: 2 });
    expect(await here.getMany(numbers(50, 100))).toEqual(new Map(numbers(50, 100).map((key) => [key, key * 10])));
  });

  it('wait for their leases and their writes together: one round trip each', async () => {
    const cache = await nodes.open<number>(QUIET);
    await cache.getOrSetMany(['warm'], () => [0]);
    const log = await nodes.monitored(async () => {
      await cache.getOrSetMany(numbers(0, 100), (missing) => missing.map(() => 1));
      await pause(20);
    });
    const scripts = log.filter(({ client }) => client !== 'lua');
    // One packet is one turn of the server: what is behind it comes later by a round trip through this process at least.
    expect(scripts.map(({ name }) => name)).toEqual(['MGET', ...Array(201).fill('EVALSHA')]);
  });

  it('join the loads of single keys under way, here and elsewhere', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const a = new DeferredLoader();
    const b = new DeferredLoader();
    const single = here.getOrSet('a', a.load);
    const far = there.getOrSet('b', b.load);
    await until('both load', () => a.runs === 1 && b.runs === 1);
    const asked: string[][] = [];
    const batch = here.getOrSetMany(['a', 'b', 'c'], (missing) => {
      asked.push([...missing]);
      return missing.map(() => 'batch');
    });
    await until('the rest is loaded', () => asked.length === 1);
    const joining = here.getOrSet('b', () => 'never');
    a.last.resolve('A');
    b.last.resolve('B');
    expect(await batch).toEqual(
      new Map([
        ['a', 'A'],
        ['b', 'B'],
        ['c', 'batch'],
      ]),
    );
    expect(await Promise.all([single, far, joining])).toEqual(['A', 'B', 'B']);
    expect(asked).toEqual([['c']]);
  });

  it('are joined by reads of single keys on other nodes', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    let finish = (_: string[]): void => {};
    const batch = here.getOrSetMany(
      ['a', 'b'],
      () =>
        new Promise<string[]>((resolve) => {
          finish = resolve;
        }),
    );
    await nodes.leased('b');
    const single = there.getOrSet('b', () => 'never');
    await pause(30);
    finish(['A', 'B']);
    expect(await single).toBe('B');
    expect((await batch).get('a')).toBe('A');
  });

  it('of two nodes with keys in common do not block each other, and load each key once', async () => {
    const here = await nodes.open<number>();
    const there = await nodes.open<number>();
    const loaded: number[] = [];
    const load = async (missing: readonly number[]): Promise<number[]> => {
      loaded.push(...missing);
      await pause(20);
      return missing.map((key) => -key);
    };
    const rounds = [
      [numbers(0, 60), numbers(30, 90).reverse()],
      [numbers(100, 160).reverse(), numbers(100, 160)],
    ] as const;
    for (const [mine, yours] of rounds) {
      const startedAt = performance.now();
      const [first, second] = await Promise.all([here.getOrSetMany(mine, load), there.getOrSetMany(yours, load)]);
      expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
      expect(first).toEqual(new Map(mine.map((key) => [key, -key])));
      expect(second).toEqual(new Map(yours.map((key) => [key, -key])));
    }
    expect(loaded.sort((a, b) => a - b)).toEqual([...numbers(0, 90), ...numbers(100, 160)]);
  });

  it('that each got some of the leases of a third do not wait for each other', async () => {
    const options = { coordinator: { lease: '10s' } } as const;
    const here = await nodes.open<number>(options);
    const there = await nodes.open<number>(options);
    const keys = numbers(0, 12);
    const { names, raw } = nodes;
    const inner = keys.map((key) => `\u0000k${key}`);
    for (const key of inner) await raw.set(names.lease(key), 'third.1', 'PX', 60_000);
    const loaded: number[] = [];
    const load = (missing: readonly number[]): number[] => {
      loaded.push(...missing);
      return missing.map((key) => -key);
    };
    const batches = Promise.all([here.getOrSetMany(keys, load), there.getOrSetMany(keys, load)]);
    // The third gives them back one by one, unheard: each goes to whoever looks first.
    for (const key of inner) {
      await raw.del(names.lease(key));
      await pause(20);
    }
    const startedAt = performance.now();
    const [one, other] = await batches;
    expect(one).toEqual(new Map(keys.map((key) => [key, -key])));
    expect(other).toEqual(one);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    expect(loaded.sort((a, b) => a - b)).toEqual(keys);
  });

  it('that wait for the same keys do not block each other when the node that loads them fails', async () => {
    const [failing, here, there] = await Promise.all([
      nodes.open<number>(),
      nodes.open<number>(),
      nodes.open<number>(),
    ]);
    let fail = (_: Error): void => {};
    const keys = numbers(0, 20);
    const first = failing.getOrSetMany(
      keys,
      () =>
        new Promise<number[]>((_, reject) => {
          fail = reject;
        }),
    );
    await until('it has all leases', async () => (await nodes.raw.dbsize()) >= 20);
    await pause(20);
    const load = (missing: readonly number[]): number[] => missing.map((key) => -key);
    const waiting = Promise.all([here.getOrSetMany(keys, load), there.getOrSetMany([...keys].reverse(), load)]);
    await pause(60);
    const startedAt = performance.now();
    fail(new Error('the loader'));
    await expect(first).rejects.toThrow('the loader');
    const [one, other] = await waiting;
    expect(one).toEqual(new Map(keys.map((key) => [key, -key])));
    expect(other.size).toBe(20);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });

  it('store nothing under the keys that were written or invalidated meanwhile by another node', async () => {
    const here = await nodes.open<string>();
    const there = await nodes.open<string>();
    let finish = (_: string[]): void => {};
    const batch = here.getOrSetMany(
      ['a', 'b', 'c'],
      () =>
        new Promise<string[]>((resolve) => {
          finish = resolve;
        }),
      {
        tags: ['t'],
      },
    );
    await nodes.leased('c');
    await there.set('a', 'set');
    await there.delete('b');
    finish(['old', 'old', 'old']);
    expect(await batch).toEqual(
      new Map([
        ['a', 'old'],
        ['b', 'old'],
        ['c', 'old'],
      ]),
    );
    await nodes.stored('c');
    await until('here forgets', () => here.peek('a') !== 'old' && here.peek('b') !== 'old');
    for (const cache of [here, there] as CacheManager<string>[]) {
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual(
        new Map([
          ['a', 'set'],
          ['c', 'old'],
        ]),
      );
    }
  });

  it('leave out what the loader has nothing for, and give its lease back', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    expect(await here.getOrSetMany(['a', 'b'], () => new Map([['a', 1]]))).toEqual(new Map([['a', 1]]));
    const startedAt = performance.now();
    expect(await there.getOrSet('b', () => 2)).toBe(2);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });

  it('give all leases back when the loader throws', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await expect(
      here.getOrSetMany(['a', 'b'], () => {
        throw new Error('the loader');
      }),
    ).rejects.toThrow('the loader');
    const startedAt = performance.now();
    expect(await there.getOrSetMany(['a', 'b'], () => [1, 2])).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });

  it('serve stale values of the shared tier and refresh them with one loader call', async () => {
    const options = { ttl: 50, stale: '1h' } as const;
    const here = await nodes.open<string>(options);
    const there = await nodes.open<string>(options);
    await here.setMany([
      ['a', 'old'],
      ['b', 'old'],
    ]);
    await pause(60);
    const stale = heard(there, 'stale');
    const asked: string[][] = [];
    const load = (missing: readonly string[]): string[] => {
      asked.push([...missing]);
      return missing.map(() => 'new');
    };
    expect(await there.getOrSetMany(['a', 'b'], load, { ttl: '1h' })).toEqual(
      new Map([
        ['a', 'old'],
        ['b', 'old'],
      ]),
    );
    expect(stale.map(({ tier, refresh }) => [tier, refresh])).toEqual([
      ['remote', 'started'],
      ['remote', 'started'],
    ]);
    const fresh = await nodes.open<string>();
    await until('it is refreshed', async () => (await fresh.get('a')) === 'new' && (await fresh.get('b')) === 'new');
    expect(asked).toEqual([['a', 'b']]);
  });

  it('of setMany go out together', async () => {
    const cache = await nodes.open<number>(QUIET);
    await cache.set('warm', 1);
    const commands = await nodes.asked(() => cache.setMany(numbers(0, 100).map((key) => [key, key] as const)));
    expect(commands).toEqual(Array(100).fill('PUT'));
    const there = await nodes.open<number>();
    expect((await there.getMany(numbers(0, 100))).size).toBe(100);
  });
});
