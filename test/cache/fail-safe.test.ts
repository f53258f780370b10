import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/cache/freshness.js';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

const failing = () => {
  let runs = 0;
  return {
    load: (): Promise<string> => {
      runs++;
      return Promise.reject(new Error('down'));
    },
    get runs() {
      return runs;
    },
  };
};

describe('a value whose refresh fails', () => {
  it('is served on through its stale window, and the readers see no error', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 100_000 });
    const errors = heard(cache, 'load:error');
    await cache.set('k', 'old');
    clock.advance(10);
    const source = failing();
    for (let i = 0; i < 3; i++) {
      expect(await cache.getOrSet('k', source.load)).toBe('old');
      await flushMicrotasks();
    }
    expect(errors).toMatchObject([{ key: 'k', servedStale: true, error: new Error('down') }]);
    clock.advance(100_000);
    await expect(cache.getOrSet('k', source.load)).rejects.toThrow('down');
    expect(errors[1]).toMatchObject({ servedStale: false });
  });

  it('leaves the loader alone for a while, doubled with each failure in a row, up to the longest pause', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h', loader: { backoff: 1000, maxBackoff: 3000 } });
    const stale = heard(cache, 'stale');
    await cache.set('k', 'old');
    clock.advance(10);
    const source = failing();
    const readAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      expect(await cache.getOrSet('k', source.load)).toBe('old');
      await flushMicrotasks();
      return source.runs;
    };
    expect(await readAfter(0)).toBe(1);
    expect(await readAfter(999)).toBe(1);
    expect(await readAfter(1)).toBe(2);
    expect(await readAfter(1999)).toBe(2);
    expect(await readAfter(1)).toBe(3);
    expect(await readAfter(2999)).toBe(3);
    expect(await readAfter(1)).toBe(4);
    expect(stale.map(({ refresh }) => refresh)).toEqual([
      'started',
      'backoff',
      'started',
      'backoff',
      'started',
      'backoff',
      'started',
    ]);
  });

  it('forgets the failures with the first success', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h', loader: { backoff: 1000 } });
    await cache.set('k', 'old');
    clock.advance(10);
    const source = failing();
    await cache.getOrSet('k', source.load);
    await flushMicrotasks();
    clock.advance(1000);
    await cache.getOrSet('k', () => 'new');
    await flushMicrotasks();
    clock.advance(10);
    await cache.getOrSet('k', source.load);
    await flushMicrotasks();
    clock.advance(1000);
    await cache.getOrSet('k', source.load);
    expect(source.runs).toBe(3);
  });

  it('serves a batch on in the same way, and says that the loader rests', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h', loader: { backoff: 1000 } });
    await cache.set('k', 'old');
    clock.advance(10);
    const source = failing();
    const load = async () => [await source.load()];
    const stale = heard(cache, 'stale');
    for (let i = 0; i < 2; i++) {
      expect([...(await cache.getOrSetMany(['k'], load))]).toEqual([['k', 'old']]);
      await flushMicrotasks();
    }
    expect(source.runs).toBe(1);
    expect(stale.map(({ refresh }) => refresh)).toEqual(['started', 'backoff']);
  });
});

describe('what was invalidated', () => {
  it.each([
    ['a key', (c: Testee) => c.delete('k')],
    ['a tag', (c: Testee) => c.invalidateTags(['t'])],
    ['a prefix', (c: Testee) => c.invalidate('k*')],
    ['a glob', (c: Testee) => c.invalidate('?')],
    ['clear', (c: Testee) => c.clear()],
  ])('by %s is not served when the loader fails', async (_way, invalidate) => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h' });
    await cache.set('k', 'old', { tags: ['t'] });
    clock.advance(10);
    await invalidate(cache);
    await expect(cache.getOrSet('k', failing().load)).rejects.toThrow('down');
    expect(await cache.getEntry('k')).toBeUndefined();
  });
});

it('a value written while a load fails owes that load no pause', async () => {
  const { cache, clock } = testCache({ ttl: 10, stale: '1h', loader: { backoff: '1h' } });
  const loader = new DeferredLoader();
  const read = cache.getOrSet('k', loader.load).catch(() => 'failed');
  await cache.set('k', 'written');
  loader.last.reject(new Error('down'));
  expect(await read).toBe('failed');
  clock.advance(10);
  await cache.getOrSet('k', () => 'new');
  await flushMicrotasks();
  expect(cache.peek('k')).toBe('new');
});

it('the pause is doubled from the first, bounded, and finite after very many failures', () => {
  expect([1, 2, 3, 4].map((n) => backoffMs(n, 100, 500))).toEqual([100, 200, 400, 500]);
  expect(backoffMs(10_000, 100, 30_000)).toBe(30_000);
});

type Testee = ReturnType<typeof testCache>['cache'];
