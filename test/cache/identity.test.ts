import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { CacheManager, cacheResult, HotpathError, IdentityError } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';

const cache = (): CacheManager => new CacheManager();

describe('two functions', () => {
  it('without names are refused where they are wrapped', () => {
    const c = cache();
    expect(() => cacheResult(c)(async (q: string) => q)).toThrow(IdentityError);
    expect(() => cacheResult(c)(async (q: string) => q)).toThrow("give it one: { name: '...' }");
    expect(() => cacheResult(() => c)(async (q: string) => q)).toThrow(IdentityError);
  });

  it('of one name in one cache: the second is refused where it is wrapped', () => {
    const c = cache();
    const users = { create: async (name: string) => `user ${name}` };
    const shops = { create: async (name: string) => `shop ${name}` };
    cacheResult(c)(users.create);
    const wrap = (): unknown => cacheResult(c)(shops.create);
    expect(wrap).toThrow(IdentityError);
    expect(wrap).toThrow('two different functions are named "create" in one cache');
    expect(HotpathError.is(catching(wrap))).toBe(true);
    expect(catching(wrap)).toMatchObject({ code: 'IDENTITY' });
  });

  it('of one name in two caches do not meet', async () => {
    const one = cacheResult(cache(), { name: 'f' })(async (_n: number) => 'one');
    const two = cacheResult(cache(), { name: 'f' })(async (_n: number) => 'two');
    expect([await one(1), await two(1)]).toEqual(['one', 'two']);
  });

  it('may not pass for one by spelling out a version', () => {
    const c = cache();
    cacheResult(c, { name: 'f', version: 1 })(async () => 1);
    expect(() => cacheResult(c, { name: 'f@1' })(async () => 2)).toThrow(IdentityError);
    expect(() => cacheResult(c, { name: 'f', version: '1' })(async () => 2)).toThrow(IdentityError);
  });

  it('of one name and two versions do not meet', async () => {
    const c = cache();
    const one = cacheResult(c, { name: 'f', version: 1 })(async (_n: number) => 'one');
    const two = cacheResult(c, { name: 'f', version: 2 })(async (_n: number) => 'two');
    expect([await one(1), await two(1)]).toEqual(['one', 'two']);
  });

  it('whose names and arguments run together do not meet', async () => {
    const c = cache();
    const make = (name: string) => cacheResult(c, { name })(async (...args: unknown[]) => [name, args]);
    const names = ['a', 'a:', 'a:[', 'a:["b"]', 'a:=', 'a="b"', '(anonymous class 1).a'];
    const args = [[], ['b'], [['b']], [':["b"]'], ['"]:["b"'], ['=']];
    for (const name of names) {
      const wrapped = make(name);
      for (const given of args) expect(await wrapped(...given)).toEqual([name, given]);
    }
  });

  it('stay two however long ago the first was dropped', async () => {
    const c = cache();
    const perCall = (n: number) => cacheResult(c, { name: 'perCall' })(async () => n);
    expect(await perCall(1)()).toBe(1);
    // A name that came free with the garbage collector would serve the first closure's result here.
    await flushMicrotasks();
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(() => perCall(2)).toThrow('Wrap a function once, not once per call');
  });

  it('found out at a call only: the second runs uncached, and the cache says so once', async () => {
    const c = cache();
    const troubles: unknown[] = [];
    c.on('error', ({ error }) => troubles.push(error));
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    let runs = 0;
    const one = cacheResult(() => c, { name: 'f' })(async (_n: number) => 'one');
    const two = cacheResult(() => c, { name: 'f' })(async (_n: number) => `two ${++runs}`);
    expect(await one(1)).toBe('one');
    expect([await two(1), await two(1)]).toEqual(['two 1', 'two 2']);
    expect(await one(1)).toBe('one');
    expect(troubles).toEqual([expect.any(IdentityError)]);
    // A host without listeners and logger would never learn otherwise.
    expect(warn.mock.calls).toEqual([[troubles[0]]]);
    warn.mockRestore();
  });
});

describe('one function wrapped twice', () => {
  it('shares its results', async () => {
    const c = cache();
    let runs = 0;
    const load = async (_n: number): Promise<number> => ++runs;
    const one = cacheResult(c)(load);
    const two = cacheResult(c, { ttl: '1m' })(load);
    expect([await one(1), await two(1)]).toEqual([1, 1]);
  });

  it('with two key functions is refused: equal keys would stand for different calls', () => {
    const c = cache();
    const load = async (row: { id: string; name: string }): Promise<string> => row.id + row.name;
    cacheResult(c, { key: (row: { id: string }) => row.id })(load);
    expect(() => cacheResult(c, { key: (row: { name: string }) => row.name })(load)).toThrow(
      'wrapped twice in one cache with different key functions',
    );
    expect(() => cacheResult(c)(load)).toThrow(IdentityError);
    expect(() => cacheResult(c, { name: 'byName', key: (row: { name: string }) => row.name })(load)).not.toThrow();
  });
});

function catching(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a function whose results other processes find too', () => {
  const shared = (): CacheManager => new CacheManager({ namespace: 'identity', remote: new Map() });
  const load = async (n: number): Promise<number> => n;

  it('has to be named by whoever wraps it', async () => {
    const c = shared();
    expect(() => cacheResult(c)(load)).toThrow(IdentityError);
    expect(() => cacheResult(c)(load)).toThrow(
      'the name of a plain function, "load", says too little where other processes find the results too',
    );
    expect(() => cacheResult(c)(async (n: number) => n)).toThrow("give it one: { name: '...' }");
    expect(await cacheResult(c, { name: 'load' })(load)(5)).toBe(5);
    expect(c.hasRemote).toBe(true);
    expect(() => cacheResult(cache())(load)).not.toThrow();
  });

  it('is checked at its first call where the cache is found only then: it runs uncached, and the cache says so once', async () => {
    const c = shared();
    const troubles: unknown[] = [];
    c.on('error', ({ error }) => troubles.push(error));
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    let runs = 0;
    const wrapped = cacheResult(() => c)(async function count(_n: number) {
      return ++runs;
    });
    expect([await wrapped(1), await wrapped(1)]).toEqual([1, 2]);
    expect(troubles).toEqual([expect.any(IdentityError)]);
    warn.mockRestore();
  });

  it('is told so by another copy of the package too, which knows the cache by its shape', () => {
    const copy = { getOrSet: async () => 1, hasRemote: true } as unknown as CacheManager;
    expect(() => cacheResult(copy)(load)).toThrow(IdentityError);
  });
});
