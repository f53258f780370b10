import { describe, expect, it } from 'vitest';
import { CACHE_DEFAULTS, type PolicyFactory } from '../../src/cache/index.js';
import { lruPolicy } from '../../src/cache/lru-policy.js';
import { heard, testCache } from './deferred.js';

describe.each(['lru', 'cost'] as const)('with the policy %s', (policy) => {
  it('never holds more entries than it may, after any write', async () => {
    const { cache } = testCache<number>({ memory: { maxEntries: 10, policy } });
    for (let i = 0; i < 200; i++) {
      if (i % 2 === 0) await cache.set(i, i);
      else await cache.getOrSet(i, () => i);
      expect(cache.stats().entries).toBeLessThanOrEqual(10);
    }
    expect(cache.stats().entries).toBe(10);
    expect(cache.stats().evictions).toBe(190);
  });

  it('never holds more bytes than it may, whatever the sizes', async () => {
    const { cache } = testCache({ memory: { maxBytes: 50_000, policy } });
    for (let i = 0; i < 200; i++) {
      await cache.set(i % 40, 'x'.repeat((i * 7919) % 9000));
      expect(cache.bytes).toBeLessThanOrEqual(50_000);
      expect(cache.stats().bytes).toBe(cache.bytes);
    }
    expect(cache.bytes).toBeGreaterThan(10_000);
  });

  it('says of every write whether the value is there afterwards', async () => {
    const { cache } = testCache<string>({ memory: { maxEntries: 100, maxBytes: 20_000, policy } });
    for (let i = 0; i < 100; i++) {
      await cache.set(`hot${i}`, 'x'.repeat(100));
      for (let j = 0; j < 5; j++) cache.peek(`hot${i}`);
    }
    const sets = heard(cache, 'set');
    const skips = heard(cache, 'skip');
    let stored = 0;
    for (let i = 0; i < 100; i++) {
      const said = await cache.set(`big${i}`, 'y'.repeat(15_000));
      expect(await cache.has(`big${i}`)).toBe(said);
      if (said) stored++;
    }
    expect(sets).toHaveLength(stored);
    expect(skips).toEqual(Array(100 - stored).fill({ key: expect.any(String), reason: 'not-admitted' }));
  });

  it('counts bytes exactly through writes, overwrites, deletions, expiry and clear', async () => {
    const { cache, clock } = testCache({ ttl: 100, memory: { policy } });
    await cache.set('a', 'x'.repeat(1000));
    const one = cache.bytes;
    expect(one).toBeGreaterThan(1000);
    await cache.set('b', 'x'.repeat(1000));
    expect(cache.bytes).toBe(2 * one);
    await cache.set('b', 'x'.repeat(2000));
    expect(cache.bytes).toBe(2 * one + 1000);
    await cache.delete('b');
    expect(cache.bytes).toBe(one);
    clock.advance(100);
    await cache.get('a');
    expect(cache.bytes).toBe(0);
    await cache.set('a', 'x');
    await cache.clear();
    expect(cache.stats()).toMatchObject({ bytes: 0, entries: 0 });
  });
});

describe('a value larger than the memory', () => {
  it('is not stored, does not push out others, and reaches its caller', async () => {
    const { cache } = testCache({ memory: { maxBytes: 10_000 } });
    await cache.set('a', 'small');
    expect(await cache.set('big', 'x'.repeat(20_000))).toBe(false);
    expect((await cache.getOrSet('big', () => 'x'.repeat(20_000))).length).toBe(20_000);
    expect(cache.peek('a')).toBe('small');
    expect(cache.stats().evictions).toBe(0);
  });

  it('takes out the smaller one it was to replace', async () => {
    const { cache } = testCache({ memory: { maxBytes: 10_000 } });
    await cache.set('k', 'small');
    await cache.set('k', 'x'.repeat(20_000));
    expect(cache.peek('k')).toBeUndefined();
    await cache.set('k', 'small');
    await cache.getOrSet('k', () => 'x'.repeat(20_000), { cache: 'refresh' });
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('expired values', () => {
  it('give their memory back as others are written, without being read and without timers', async () => {
    const { cache, clock } = testCache({ ttl: 100 });
    for (let i = 0; i < 100; i++) await cache.set(`old${i}`, 'v');
    clock.advance(100);
    for (let i = 0; i < 60; i++) await cache.set('one', 'v');
    expect(cache.stats()).toMatchObject({ entries: 1, evictions: 0 });
  });

  it('do not take a newer value of their key with them', async () => {
    for (const policy of ['lru', 'cost'] as const) {
      const { cache, clock } = testCache<number>({ ttl: 100, memory: { maxEntries: 8, policy } });
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < 4; i++) await cache.set(i, round);
        clock.advance(99);
        for (let i = 0; i < 4; i++) await cache.set(i, round + 0.5);
        clock.advance(50);
        for (let i = 0; i < 4; i++) expect(cache.peek(i)).toBe(round + 0.5);
      }
    }
  });
});

describe('trim', () => {
  it('frees at least the part asked for, and says how much', async () => {
    const { cache } = testCache();
    for (let i = 0; i < 100; i++) await cache.set(i, 'x'.repeat(1000));
    const before = cache.bytes;
    expect(cache.trim(0)).toBe(0);
    const freed = cache.trim(0.25);
    expect(freed).toBe(before - cache.bytes);
    expect(freed).toBeGreaterThanOrEqual(before / 4);
    expect(freed).toBeLessThan(before / 4 + 2000);
    expect(cache.trim(1)).toBe(before - freed);
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 });
    expect(cache.trim(1)).toBe(0);
  });
});

describe('a policy of the host', () => {
  it('takes the place of ours', async () => {
    let made = 0;
    const policy: PolicyFactory = (limits) => {
      made++;
      return lruPolicy(limits);
    };
    const { cache } = testCache({ memory: { policy, maxEntries: 2 } });
    for (const key of ['a', 'b', 'c']) await cache.set(key, 'v');
    expect(made).toBe(1);
    expect(cache.stats().entries).toBe(2);
  });

  it('that breaks while storing breaks no read', async () => {
    const policy: PolicyFactory = (limits) => {
      const inner = lruPolicy(limits);
      inner.set = () => {
        throw new Error('policy broke');
      };
      return inner;
    };
    const { cache } = testCache({ memory: { policy } });
    const troubles = heard(cache, 'error');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(troubles).toMatchObject([{ error: new Error('policy broke') }]);
    expect(cache.stats().inFlight).toBe(0);
  });
});

it('the default bound is 10,000 entries', () => {
  expect(CACHE_DEFAULTS.memory).toEqual({ maxEntries: 10_000, maxBytes: Number.POSITIVE_INFINITY, policy: 'cost' });
});
