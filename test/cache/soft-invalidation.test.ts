import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, testCache } from './deferred.js';

type Testee = ReturnType<typeof testCache>['cache'];

const WAYS: [name: string, soften: (cache: Testee) => Promise<unknown>][] = [
  ['a key', (cache) => cache.delete('r:1', { soft: true })],
  ['keys', (cache) => cache.deleteMany(['x', 'r:1'], { soft: true })],
  ['a tag', (cache) => cache.invalidateTags(['t'], { soft: true })],
  ['a prefix', (cache) => cache.invalidate('r:*', { soft: true })],
  ['a glob', (cache) => cache.invalidate('*:1', { soft: true })],
  ['a pattern without wildcards', (cache) => cache.invalidate('r:1', { soft: true })],
];

describe.each(WAYS)('a soft invalidation of %s', (_name, soften) => {
  it('ends the fresh window: the value is served stale while it is loaded again', async () => {
    const { cache } = testCache({ stale: '1h' });
    await cache.set('r:1', 'old', { tags: ['t'] });
    await soften(cache);
    expect(cache.peek('r:1')).toBeUndefined();
    expect(cache.inspect('r:1').state).toBe('stale');
    expect(await cache.getEntry('r:1')).toMatchObject({ state: 'stale', value: 'old' });
    expect(await cache.getOrSet('r:1', () => 'new')).toBe('old');
    await flushMicrotasks();
    expect(await cache.getOrSet('r:1', () => 'newer')).toBe('new');
  });

  it('keeps it for when the loader fails, through the stale window counted from then', async () => {
    const { cache, clock } = testCache({ ttl: '1h', stale: 100 });
    await cache.set('r:1', 'old', { tags: ['t'] });
    clock.advance(50);
    await soften(cache);
    clock.advance(99);
    const fail = () => Promise.reject(new Error('down'));
    expect(await cache.getOrSet('r:1', fail)).toBe('old');
    clock.advance(1);
    await expect(cache.getOrSet('r:1', fail)).rejects.toThrow('down');
  });

  it('leaves nothing of a value that has no stale window', async () => {
    const { cache } = testCache();
    await cache.set('r:1', 'old', { tags: ['t'] });
    await soften(cache);
    expect(await cache.getOrSet('r:1', () => 'new')).toBe('new');
  });

  it('does not touch others', async () => {
    const { cache } = testCache({ stale: '1h' });
    await cache.set('s:2', 'v', { tags: ['u'] });
    await soften(cache);
    expect(cache.peek('s:2')).toBe('v');
  });

  it('does not let a load that began before it count as fresh, and readers after it do not join that load', async () => {
    const { cache } = testCache({ stale: '1h' });
    const loader = new DeferredLoader();
    const early = cache.getOrSet('r:1', loader.load, { tags: ['t'] });
    await soften(cache);
    const late = cache.getOrSet('r:1', loader.load, { tags: ['t'] });
    expect(loader.runs).toBe(2);
    loader.calls[0]!.resolve('old');
    expect(await early).toBe('old');
    expect(cache.peek('r:1')).toBeUndefined();
    loader.calls[1]!.resolve('new');
    expect(await late).toBe('new');
    expect(cache.peek('r:1')).toBe('new');
  });

  it('does not concern what is stored after it', async () => {
    const { cache } = testCache({ stale: '1h' });
    await soften(cache);
    await cache.set('r:1', 'new', { tags: ['t'] });
    expect(cache.peek('r:1')).toBe('new');
  });
});

describe('soft and hard', () => {
  it('the hard one wins, in either order', async () => {
    for (const soft of [true, false]) {
      const { cache } = testCache({ stale: '1h' });
      await cache.set('k', 'old', { tags: ['t'] });
      await cache.invalidateTags(['t'], { soft });
      await cache.invalidateTags(['t'], { soft: !soft });
      expect(await cache.getEntry('k')).toBeUndefined();
    }
  });

  it('a tag named late in the loader softens what it loaded', async () => {
    const { cache } = testCache({ stale: '1h' });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load);
    await cache.invalidateTags(['t'], { soft: true });
    loader.last.context.tag('t');
    loader.last.resolve('old');
    expect(await read).toBe('old');
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.getEntry('k')).toMatchObject({ state: 'stale' });
  });

  it('delete says whether there was anything', async () => {
    const { cache, clock } = testCache({ ttl: 10 });
    expect(await cache.delete('k')).toMatchObject({ deleted: false });
    expect(await cache.delete('k', { soft: true })).toMatchObject({ deleted: false });
    await cache.set('k', 'v', { tags: ['t'] });
    expect(await cache.delete('k')).toMatchObject({ deleted: true });
    await cache.set('k', 'v', { tags: ['t'] });
    clock.advance(10);
    expect(await cache.delete('k')).toMatchObject({ deleted: false });
    await cache.set('k', 'v', { tags: ['t'] });
    await cache.invalidateTags(['t']);
    expect(await cache.delete('k')).toMatchObject({ deleted: false });
  });
});
