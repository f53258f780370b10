import 'reflect-metadata';
import { describe, expect, it, vi } from 'vitest';
import {
  type CacheManager,
  cacheResult,
  HotpathError,
  InvalidOptionError,
  KeyEncodingError,
} from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { build, counter, pending } from './counted-function.js';

describe('the calls of a wrapped function', () => {
  it('run once for equal arguments, whatever the order of their keys', async () => {
    const { cache } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f' })(fn);
    const first = await wrapped({ a: 1, b: [2] }, new Date(0));
    expect(await wrapped({ b: [2], a: 1 }, new Date(0))).toBe(first);
    expect(await wrapped({ b: [2], a: 1 }, new Date(1))).not.toBe(first);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it.each<[string, unknown[], unknown[]]>([
    ["f('ac') and f('bB'), which share a 32-bit hash elsewhere", ['ac'], ['bB']],
    ['f(null) and f(undefined)', [null], [undefined]],
    ['f() and f(undefined)', [], [undefined]],
    ["f(1) and f('1')", [1], ['1']],
    ["f('a', 'b') and f('a,b')", ['a', 'b'], ['a,b']],
    ["f(['a']) and f('a')", [['a']], ['a']],
    ['f(0) and f(-0)', [0], [-0]],
    ['long arguments that differ at the end', [`${'x'.repeat(1_000)}a`], [`${'x'.repeat(1_000)}b`]],
  ])('%s are two', async (_name, one, other) => {
    const { cache } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f' })(fn);
    expect(await wrapped(...one)).not.toBe(await wrapped(...other));
    expect(fn.mock.calls).toEqual([one, other]);
  });

  it('share one run while it is under way', async () => {
    const { cache } = build();
    const { promise, finish } = pending<string>();
    const fn = vi.fn((_q: string) => promise);
    const ask = cacheResult(cache, { name: 'ask' })(fn);
    const all = Promise.all([ask('q'), ask('q'), ask('q')]);
    await flushMicrotasks();
    finish('answer');
    expect(await all).toEqual(['answer', 'answer', 'answer']);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(cache.stats()).toMatchObject({ loads: 1, coalesced: 2 });
  });

  it('get the error of the function as it is, each run anew', async () => {
    const { cache, troubles } = build();
    const error = Object.freeze(new TypeError('mine'));
    const fail = vi.fn(async (): Promise<never> => {
      throw error;
    });
    const wrapped = cacheResult(cache, { name: 'fail' })(fail);
    await expect(wrapped()).rejects.toBe(error);
    await expect(Promise.allSettled([wrapped(), wrapped()])).resolves.toMatchObject([
      { reason: error },
      { reason: error },
    ]);
    expect(fail).toHaveBeenCalledTimes(2);
    expect(troubles).toEqual([]);
  });

  it('reject where the function throws before its first promise', async () => {
    const { cache } = build();
    const wrapped = cacheResult(cache, { name: 'f' })((): Promise<number> => {
      throw new RangeError('sync');
    });
    await expect(wrapped()).rejects.toThrow(RangeError);
  });

  it('keep receiver, name, length and metadata', async () => {
    const { cache } = build();
    async function times(this: { factor: number }, n: number): Promise<number> {
      return n * this.factor;
    }
    Reflect.defineMetadata('route', '/times', times);
    const wrapped = cacheResult(cache)(times);
    expect(await wrapped.call({ factor: 3 }, 2)).toBe(6);
    expect([wrapped.name, wrapped.length]).toEqual(['times', 1]);
    expect(Reflect.getOwnMetadata('route', wrapped)).toBe('/times');
    // `this` is not part of the key.
    expect(await wrapped.call({ factor: 100 }, 2)).toBe(6);
  });

  it('can be made from within one another', async () => {
    const { cache } = build();
    const fib: (n: number) => Promise<number> = cacheResult(cache, { name: 'fib' })(async (n: number) =>
      n < 2 ? n : (await fib(n - 1)) + (await fib(n - 2)),
    );
    expect(await fib(50)).toBe(12_586_269_025);
    expect(cache.stats().loads).toBe(51);
  });
});

describe('ttl, stale and version', () => {
  it('set how long a result is fresh and then stale', async () => {
    const { cache, clock } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f', ttl: '1m', stale: '1m' })(fn);
    const first = await wrapped();
    clock.advance(59_999);
    expect(await wrapped()).toBe(first);
    clock.advance(1);
    expect(await wrapped()).toBe(first);
    await flushMicrotasks();
    expect(fn).toHaveBeenCalledTimes(2);
    expect(await wrapped()).not.toBe(first);
    clock.advance(120_000);
    await wrapped();
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('a new version does not see the results of the old one', async () => {
    const { cache } = build();
    const fn = counter();
    const old = cacheResult(cache, { name: 'f', version: 1 })(fn);
    const current = cacheResult(cache, { name: 'f', version: 2 })(fn);
    const bare = cacheResult(cache, { name: 'f' })(fn);
    expect(new Set([await old(), await current(), await bare()]).size).toBe(3);
  });
});

describe('key', () => {
  it('alone tells calls apart', async () => {
    const { cache } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f', key: (...args: unknown[]) => args[0] })(fn);
    expect(await wrapped('a', () => 1)).toBe(await wrapped('a', () => 2));
    expect(await wrapped('b')).not.toBe(await wrapped('a'));
  });

  it('leaves it to the arguments where it answers nothing, and is never mixed up with them', async () => {
    const { cache } = build();
    const fn = counter();
    const made: Record<string, unknown> = { toB: 'b', toList: ['b'], toNull: null };
    const wrapped = cacheResult(cache, { name: 'f', key: (...args: unknown[]) => made[String(args[0])] })(fn);
    const answers = [
      await wrapped('toB'),
      await wrapped('toList'),
      await wrapped('b'),
      await wrapped('toNull'),
      await wrapped('c'),
    ];
    expect(new Set(answers).size).toBe(5);
    expect(await wrapped('toB')).toBe(answers[0]);
    expect(await wrapped('toNull')).toBe(answers[3]);
  });

  it('that throws rejects the call', async () => {
    const { cache } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, {
      name: 'f',
      key: () => {
        throw new Error('no key');
      },
    })(fn);
    await expect(wrapped(1)).rejects.toThrow('no key');
    expect(fn).not.toHaveBeenCalled();
  });

  it('is asked for where the arguments have no canonical text', async () => {
    const { cache } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f' })(fn);
    await expect(wrapped(1, { onDone: () => 1 })).rejects.toThrow(KeyEncodingError);
    await expect(wrapped(1, { onDone: () => 1 })).rejects.toThrow('cache key[1].onDone');
    const promised = cacheResult(cache, { name: 'g', key: async () => 'a' })(fn);
    await expect(promised()).rejects.toThrow(KeyEncodingError);
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('mode', () => {
  it('off calls straight through, and can be switched at run time', async () => {
    const { cache, troubles } = build({ mode: 'off' });
    const key = vi.fn(() => 'k');
    const answer = Promise.resolve(1);
    const fn = vi.fn(() => answer);
    const wrapped = cacheResult(cache, { name: 'f', key })(fn);
    expect(wrapped()).toBe(answer);
    await wrapped();
    expect(fn).toHaveBeenCalledTimes(2);
    expect(key).not.toHaveBeenCalled();
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, entries: 0 });
    cache.mode = 'on';
    await wrapped();
    await wrapped();
    expect(fn).toHaveBeenCalledTimes(3);
    expect(troubles).toEqual([]);
  });

  it('off lets a synchronous throw of the function through as it is', () => {
    const { cache } = build({ mode: 'off' });
    const wrapped = cacheResult(cache, { name: 'f' })((): Promise<number> => {
      throw new RangeError('sync');
    });
    expect(() => wrapped()).toThrow(RangeError);
  });

  it('observe counts and serves nothing', async () => {
    const { cache } = build({ mode: 'observe' });
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f' })(fn);
    expect(await wrapped()).not.toBe(await wrapped());
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 });
  });
});

describe('a cache found at the call', () => {
  it('is the one of the receiver', async () => {
    const north = build().cache;
    const south = build().cache;
    const fn = counter();
    const wrapped = cacheResult((self: { cache: CacheManager }) => self.cache, { name: 'f' })(fn);
    const first = await wrapped.call({ cache: north }, 1);
    expect(await wrapped.call({ cache: north }, 1)).toBe(first);
    expect(await wrapped.call({ cache: south }, 1)).not.toBe(first);
  });

  it('that is missing rejects the call and says why', async () => {
    const fn = counter();
    const wrapped = cacheResult((self: { cache: CacheManager }) => self.cache, { name: 'f' })(fn);
    await expect(wrapped.call({} as never)).rejects.toThrow('(self) => cache must be a CacheManager, got undefined');
    await expect(wrapped()).rejects.toThrow(TypeError);
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('where it is applied', () => {
  const { cache } = build();
  const fn = async (): Promise<number> => 1;

  it.each<[string, () => unknown, string]>([
    ['no cache', () => cacheResult(undefined as never), 'cacheResult: cache must be a CacheManager'],
    ['an object that is none', () => cacheResult({} as never), 'cacheResult: cache must be a CacheManager'],
    ['an empty name', () => cacheResult(cache, { name: '' })(fn), 'name must be'],
    ['a name that is no text', () => cacheResult(cache, { name: 1 as never })(fn), 'name must be'],
    ['an odd version', () => cacheResult(cache, { version: {} as never })(fn), 'version must be'],
    ['an odd ttl', () => cacheResult(cache, { ttl: '5 minutes' as never })(fn), 'ttl must be a duration'],
    ['an odd stale', () => cacheResult(cache, { stale: -1 })(fn), 'stale must be a duration'],
    ['tags that are no list', () => cacheResult(cache, { tags: 'sales' as never })(fn), 'tags must be a list'],
    ['a key that is no function', () => cacheResult(cache, { key: 'id' as never })(fn), 'key must be a function'],
    ['a when that is no function', () => cacheResult(cache, { when: true as never })(fn), 'when must be a function'],
  ])('%s is refused', (_name, apply, message) => {
    expect(apply).toThrow(InvalidOptionError);
    expect(apply).toThrow(message);
  });

  it('what is no function is refused', () => {
    expect(() => (cacheResult(cache) as unknown as (fn: unknown) => unknown)('text')).toThrow(HotpathError);
  });
});
