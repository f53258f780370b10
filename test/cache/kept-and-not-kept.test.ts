import { describe, expect, it } from 'vitest';
import { CacheManager, lruPolicy, type PolicyFactory } from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';
import { heard, testCache } from './deferred.js';

describe('a ttl of 0', () => {
  it('keeps nothing, whatever stale window the cache has', async () => {
    const { cache } = testCache({ stale: '1h' });
    await cache.getOrSet('k', ({ ttl }) => {
      ttl(0);
      return 'once';
    });
    expect(await cache.getOrSet('k', () => 'twice', { ttl: 0 })).toBe('twice');
    expect(await cache.set('k', 'v', { ttl: 0 })).toBe(false);
    expect(await cache.getEntry('k')).toBeUndefined();
  });

  it('beside a stale window of its own means: serve it, and load anew each time', async () => {
    const { cache } = testCache();
    await cache.set('k', 'old', { ttl: 0, stale: '1m' });
    expect(await cache.getOrSet('k', () => 'new', { ttl: 0, stale: '1m' })).toBe('old');
  });
});

it('refuses to store a promise', async () => {
  const { cache } = testCache();
  await expect(cache.set('k', Promise.resolve('v') as never)).rejects.toMatchObject({ option: 'value' });
});

it('takes null for no options', async () => {
  const { cache } = testCache();
  expect(await cache.getOrSet('k', () => 'v', null as never)).toBe('v');
  expect(await cache.getOrSet('k', () => 'w', null as never)).toBe('v');
});

it('leaves no older value behind a policy that throws', async () => {
  let isBroken = false;
  const breaking: PolicyFactory = (limits) => {
    const policy = lruPolicy(limits);
    const { set } = policy;
    policy.set = (node) => {
      if (isBroken) throw new Error('policy');
      set.call(policy, node);
    };
    return policy;
  };
  const { cache } = testCache({ memory: { policy: breaking } });
  const troubles = heard(cache, 'error');
  await cache.set('k', 'old');
  isBroken = true;
  expect(await cache.set('k', 'new')).toBe(false);
  expect(cache.peek('k')).toBeUndefined();
  expect(troubles).toHaveLength(1);
});

it('names a mutated value once per change', async () => {
  const cache = new CacheManager<{ n: number }>({ mutationSample: 1, clock: new ManualClock() });
  const mutated = heard(cache as never, 'mutated' as never);
  const value = { n: 1 };
  await cache.set('k', value);
  value.n = 2;
  for (let i = 0; i < 64; i++) await cache.get('k');
  expect(mutated).toHaveLength(1);
  value.n = 3;
  for (let i = 0; i < 64; i++) await cache.get('k');
  expect(mutated).toHaveLength(2);
});

it('keeps values that live for ever, beyond the horizon of the small integers too', async () => {
  const { cache, clock } = testCache({ ttl: Number.POSITIVE_INFINITY });
  await cache.set('k', 'v');
  clock.advance(2 ** 31);
  expect(cache.peek('k')).toBe('v');
  expect(await cache.getOrSet('k', () => 'loaded')).toBe('v');
  expect(cache.inspect('k')).toMatchObject({ state: 'fresh', freshForMs: Number.POSITIVE_INFINITY });
});
