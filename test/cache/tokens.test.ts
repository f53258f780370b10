import { describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { ManualClock } from '../manual-clock.js';
import { DeferredLoader, testCache } from './deferred.js';

describe('a read with { after: token }', () => {
  it('does not see what was loaded before the invalidation, of whatever key or tag', async () => {
    const { cache } = testCache();
    await cache.set('k', 'old');
    const { token } = await cache.invalidateTags(['of another entry']);
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('old');
    expect(await cache.getOrSet('k', () => 'new', { after: token })).toBe('new');
    expect(cache.peek('k')).toBe('new');
    expect(await cache.getOrSet('k', () => 'newer', { after: token })).toBe('new');
  });

  it('sees what was written or loaded after it', async () => {
    const { cache } = testCache();
    const { token } = await cache.delete('x');
    await cache.set('written', 'v');
    await cache.getOrSet('loaded', () => 'v');
    for (const key of ['written', 'loaded']) {
      expect(await cache.getOrSet(key, () => 'again', { after: token })).toBe('v');
    }
  });

  it('does not join a load that began before it', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const early = cache.getOrSet('k', loader.load);
    const { token } = await cache.invalidateTags(['t']);
    expect(await cache.getOrSet('k', () => 'new', { after: token })).toBe('new');
    loader.last.resolve('old');
    expect(await early).toBe('old');
    expect(cache.peek('k')).toBe('new');
  });

  it('holds for batches, stale values and cache: only', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000 });
    await cache.set('a', 'old');
    const { token } = await cache.invalidateTags(['t']);
    clock.advance(10);
    expect(await cache.getOrSet('a', () => 'x', { after: token, cache: 'only' })).toBeUndefined();
    const values = await cache.getOrSetMany(['a'], () => ['new'], { after: token });
    expect(values.get('a')).toBe('new');
  });

  it('takes the tokens of every kind of invalidation', async () => {
    const { cache } = testCache();
    const results = [
      await cache.delete('k'),
      await cache.deleteMany(['k', 'l']),
      await cache.invalidateTags(['t']),
      await cache.invalidateTags(['t'], { soft: true }),
      await cache.invalidate('k*'),
      await cache.invalidate('*k'),
      await cache.invalidate('k'),
      await cache.clear(),
    ];
    for (const { token, remote } of results) {
      expect(remote).toBe('done');
      expect(token).toMatch(/^[\w.-]+$/);
      expect(await cache.getOrSet('k', () => 'v', { after: token })).toBe('v');
    }
    expect(new Set(results.map(({ token }) => token)).size).toBe(results.length);
  });
});

describe('a token', () => {
  it('of another process works as well, though its clock is ahead', async () => {
    const clock = new ManualClock();
    const ahead = new ManualClock(clock.now() + 5000);
    const here = new CacheManager<string>({ clock });
    const there = new CacheManager<string>({ clock: ahead });
    await here.set('k', 'old');
    const { token } = await there.invalidateTags(['t']);
    expect(await here.getOrSet('k', () => 'new', { after: token })).toBe('new');
    expect(await here.getOrSet('k', () => 'again', { after: token })).toBe('new');
    const own = await here.invalidateTags(['t']);
    expect(await here.getOrSet('k', () => 'newest', { after: own.token })).toBe('newest');
  });

  it.each(['', 'hp1.', 'hp1.-1', 'hp1.zz zz', 'hp1.1x!', 'hp2.abc', `hp1.${'z'.repeat(12)}`, 'abc', 5, {}])(
    'that no invalidation has given out is refused: %j',
    async (after) => {
      const { cache } = testCache();
      const read = cache.getOrSet('k', () => 'v', { after: after as string });
      await expect(read).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'after' });
    },
  );

  it('forged from the far future is refused, and makes nothing old', async () => {
    const { cache, clock } = testCache();
    await cache.set('k', 'v');
    const forged = `hp1.${((clock.now() + 2 * 86_400_000) * 1000).toString(36)}`;
    await expect(cache.getOrSet('k', () => 'x', { after: forged })).rejects.toThrow(/after must be a token/);
    expect(cache.peek('k')).toBe('v');
  });
});
