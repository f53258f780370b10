import { expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

/** Each takes the old value out. */
const CHANGES: readonly (readonly [what: string, change: (cache: CacheManager) => Promise<unknown>])[] = [
  ['delete', (cache) => cache.delete('k')],
  ['a soft delete', (cache) => cache.delete('k', { soft: true })],
  ['deleteMany', (cache) => cache.deleteMany(['x', 'k'])],
  ['a tag', (cache) => cache.invalidateTags(['t'])],
  ['a prefix', (cache) => cache.invalidate('k*')],
  ['a glob', (cache) => cache.invalidate('*k')],
  ['a key as a pattern', (cache) => cache.invalidate('k')],
  ['clear', (cache) => cache.clear()],
];

describeWith('what a mode without I/O holds back', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  for (const mode of ['off', 'observe'] as const) {
    it.each(CHANGES)(`${mode}: %s is queued, and holds everywhere from the first read on`, async (_what, change) => {
      const cache = await nodes.open();
      const other = await nodes.open();
      await nodes.load(other, 'k', 'old', ['t']);
      expect(await cache.get('k')).toBe('old');
      cache.mode = mode;
      const asked = await nodes.asked(async () => {
        expect(await change(cache)).toMatchObject({ remote: 'queued' });
      });
      expect(asked.filter((name) => name !== 'SYNC')).toEqual([]);
      expect(await other.get('k')).toBe('old');
      cache.mode = 'on';
      // In the very next call.
      expect(await cache.get('k')).toBeUndefined();
      // A glob is announced first and swept then.
      await until('it holds there', async () => other.peek('k') === undefined && (await other.get('k')) === undefined);
      await until('all is confirmed', () => cache.stats().remote!.unconfirmed === 0);
      expect(await cache.getOrSet('k', () => 'new', { tags: ['t'] })).toBe('new');
      await nodes.stored('k');
      expect(await (await nodes.open()).get('k')).toBe('new');
      expect(cache.stats().remote!.unconfirmed).toBe(0);
    });

    it(`${mode}: a set takes out what it has made old`, async () => {
      const cache = await nodes.open();
      const other = await nodes.open();
      for (const key of ['a', 'b', 'c']) await nodes.load(other, key, 'old');
      await cache.getMany(['a', 'b', 'c']);
      cache.mode = mode;
      await cache.set('a', 'new');
      await cache.setMany([
        ['b', 'new'],
        ['c', 'new'],
      ]);
      expect(await other.get('a')).toBe('old');
      cache.mode = 'on';
      expect((await cache.getMany(['a', 'b', 'c'])).size).toBe(0);
      await until('the other has heard', () => ['a', 'b', 'c'].every((key) => other.peek(key) === undefined));
      expect((await other.getMany(['a', 'b', 'c'])).size).toBe(0);
    });
  }

  it('a cache that begins in such a mode, and was never connected', async () => {
    const other = await nodes.open();
    await nodes.load(other, 'k', 'old', ['t']);
    await nodes.load(other, 'l', 'old');
    const cache = nodes.make({ mode: 'off' });
    expect(await cache.invalidateTags(['t'])).toMatchObject({ remote: 'queued' });
    expect(await cache.delete('l')).toMatchObject({ remote: 'queued' });
    cache.mode = 'on';
    expect((await cache.getMany(['k', 'l'])).size).toBe(0);
    await until('the other has heard', () => other.peek('k') === undefined && other.peek('l') === undefined);
  });

  it('changes made over several modes keep their order, and are sent once', async () => {
    const cache = await nodes.open();
    await nodes.load(cache, 'k', 'old', ['t']);
    cache.mode = 'off';
    await cache.invalidateTags(['t']);
    cache.mode = 'observe';
    await cache.delete('k');
    cache.mode = 'off';
    const asked = await nodes.asked(async () => {
      cache.mode = 'on';
      expect(await cache.set('k', 'new')).toBe(true);
      cache.mode = 'off';
      cache.mode = 'on';
    });
    expect(asked.filter((name) => ['INVALIDATE', 'DROP'].includes(name)).sort()).toEqual(['DROP', 'INVALIDATE']);
    expect(await (await nodes.open()).get('k')).toBe('new');
  });

  it('more than can be remembered become one invalidation of all, never none', async () => {
    const cache = await nodes.open();
    const other = await nodes.open();
    await nodes.load(other, 'bystander', 'old');
    await nodes.load(other, 'k0', 'old');
    await nodes.load(other, 'k10049', 'old');
    cache.mode = 'off';
    for (let i = 0; i < 10_050; i++) await cache.delete(`k${i}`);
    cache.mode = 'on';
    expect((await cache.getMany(['k0', 'k10049'])).size).toBe(0);
    await until('the other has heard', () => other.peek('k0') === undefined && other.peek('k10049') === undefined);
    expect(await other.getMany(['k0', 'k10049'])).toEqual(new Map());
  });

  it('after close() nothing is sent, and nothing is said to be done', async () => {
    const cache = await nodes.open();
    await nodes.load(cache, 'k', 'old', ['t']);
    const errors = heard(cache, 'error');
    await cache.close();
    const asked = await nodes.asked(async () => {
      for (const [what, change] of CHANGES) expect(await change(cache), what).toMatchObject({ remote: 'queued' });
      expect(await cache.set('k', 'new')).toBe(false);
    });
    expect(asked).toEqual([]);
    expect(errors).toEqual([]);
    expect(await (await nodes.open()).get('k')).toBe('old');
  });
});
