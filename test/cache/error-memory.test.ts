import { describe, expect, it, vi } from 'vitest';
import { DeferredLoader, testCache } from './deferred.js';

const down = new Error('down');

describe('a loader error', () => {
  it('is not kept unless asked', async () => {
    const { cache } = testCache();
    const load = vi.fn(() => Promise.reject(down));
    for (let i = 0; i < 3; i++) await expect(cache.getOrSet('k', load)).rejects.toBe(down);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('is thrown again without a run for errorTtl, the very error', async () => {
    const { cache, clock } = testCache({ errorTtl: '1s' });
    const load = vi.fn(() => Promise.reject(down));
    await expect(cache.getOrSet('k', load)).rejects.toBe(down);
    clock.advance(999);
    await expect(cache.getOrSet('k', load)).rejects.toBe(down);
    expect(load).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await expect(cache.getOrSet('k', load)).rejects.toBe(down);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('counts for its key alone, and for reads that would load', async () => {
    const { cache } = testCache({ errorTtl: '1s' });
    await expect(cache.getOrSet('k', () => Promise.reject(down))).rejects.toBe(down);
    expect(await cache.getOrSet('l', () => 'v')).toBe('v');
    expect(await cache.get('k')).toBeUndefined();
    expect(await cache.has('k')).toBe(false);
    expect(await cache.getOrSet('k', () => 'v', { cache: 'only' })).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'v', { cache: 'bypass' })).toBe('v');
    await expect(cache.getOrSet('k', () => 'v')).rejects.toBe(down);
    expect(await cache.getOrSet('k', () => 'v', { cache: 'refresh' })).toBe('v');
    expect(await cache.getOrSet('k', () => 'again')).toBe('v');
  });

  it.each([
    ['set', (c: Testee) => c.set('k', 'v')],
    ['delete', (c: Testee) => c.delete('k')],
    ['a tag', (c: Testee) => c.invalidateTags(['t'])],
    ['a tag named in the loader', (c: Testee) => c.invalidateTags(['late'])],
    ['a soft tag', (c: Testee) => c.invalidateTags(['t'], { soft: true })],
    ['a prefix', (c: Testee) => c.invalidate('k*')],
    ['a glob', (c: Testee) => c.invalidate('?')],
    ['clear', (c: Testee) => c.clear()],
  ])('is forgotten by %s', async (_way, invalidate) => {
    const { cache } = testCache({ errorTtl: '1h' });
    const load = ({ tag }: { tag: (name: string) => void }) => {
      tag('late');
      return Promise.reject(down);
    };
    await expect(cache.getOrSet('k', load, { tags: ['t'] })).rejects.toBe(down);
    await invalidate(cache);
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
  });

  it.each([
    ['set', (c: Testee) => c.set('k', 'v').then(() => c.delete('k'))],
    ['delete', (c: Testee) => c.delete('k')],
    ['a tag', (c: Testee) => c.invalidateTags(['t'])],
    ['a glob', (c: Testee) => c.invalidate('?')],
    ['clear', (c: Testee) => c.clear()],
  ])('is not remembered when %s came while its loader ran', async (_way, invalidate) => {
    const { cache } = testCache({ errorTtl: '1h' });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load, { tags: ['t'] });
    await invalidate(cache);
    loader.last.reject(down);
    await expect(read).rejects.toBe(down);
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
  });

  it('does not come back once the key has had a value', async () => {
    for (const succeed of [
      (c: Testee) => c.set('k', 'v', { ttl: 10 }),
      (c: Testee) => c.getOrSet('k', () => 'v', { ttl: 10, cache: 'refresh' }),
    ]) {
      const { cache, clock } = testCache({ errorTtl: '1h' });
      await expect(cache.getOrSet('k', () => Promise.reject(down))).rejects.toBe(down);
      await succeed(cache);
      clock.advance(10);
      expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
    }
  });

  it('does not take the place of a value that may be served stale', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h', errorTtl: '1m' });
    await cache.set('k', 'old');
    clock.advance(10);
    for (let i = 0; i < 3; i++) expect(await cache.getOrSet('k', () => Promise.reject(down))).toBe('old');
  });

  it('is not thrown to a reader who asks for what was loaded after a later invalidation', async () => {
    const { cache } = testCache({ errorTtl: '1h' });
    await cache.getOrSet('k', () => Promise.reject(down)).catch(() => {});
    // The loader failed before it could name the tag.
    const { token } = await cache.invalidateTags(['late']);
    await expect(cache.getOrSet('k', () => 'v')).rejects.toBe(down);
    expect(await cache.getOrSet('k', () => 'v', { after: token })).toBe('v');
  });

  it('takes a bounded place: beyond a thousand the oldest are forgotten', async () => {
    const { cache } = testCache({ errorTtl: '1h' });
    for (let i = 0; i <= 1000; i++) await cache.getOrSet(i, () => Promise.reject(down)).catch(() => {});
    expect(await cache.getOrSet(0, () => 'v')).toBe('v');
    await expect(cache.getOrSet(1, () => 'v')).rejects.toBe(down);
  });
});

type Testee = ReturnType<typeof testCache>['cache'];
