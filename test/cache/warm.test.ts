import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { heard, testCache } from './deferred.js';

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

describe('warm with values', () => {
  it('stores them, each with its options, from lists and asynchronous sources', async () => {
    const { cache, clock } = testCache();
    expect(await cache.warm(Object.entries({ a: '1', b: '2' }))).toEqual({ done: 2, failed: 0, errors: [] });
    await cache.warm(later([['c', '3', { ttl: 10 }] as const]));
    expect([...(await cache.getMany(['a', 'b', 'c'])).values()]).toEqual(['1', '2', '3']);
    clock.advance(10);
    expect(cache.peek('c')).toBeUndefined();
  });
});

describe('warm with keys', () => {
  it('loads what is not fresh, with the options of the source', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000 });
    await cache.set('stale', 'old');
    clock.advance(10);
    await cache.set('fresh', 'kept');
    const load = vi.fn(async (key: unknown) => `loaded ${String(key)}`);
    const result = await cache.warm({ keys: ['fresh', 'stale', 'absent'], load, ttl: '1h', tags: ['t'] });
    expect(result).toEqual({ done: 3, failed: 0, errors: [] });
    expect(load.mock.calls.map(([key]) => key)).toEqual(['stale', 'absent']);
    clock.advance(100);
    expect(await cache.getEntry('stale')).toMatchObject({ state: 'fresh', value: 'loaded stale' });
    await cache.invalidateTags(['t']);
    expect(cache.peek('absent')).toBeUndefined();
  });

  it('loads stale values now, whatever the limit of background refreshes, and counts their failures', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 1000, maxRefreshes: 1 });
    const keys = ['a', 'b', 'c', 'd'];
    await cache.setMany(keys.map((key) => [key, 'old'] as const));
    clock.advance(10);
    const load = (key: unknown) => (key === 'd' ? Promise.reject(new Error('down')) : Promise.resolve('new'));
    expect(await cache.warm({ keys, load })).toMatchObject({ done: 3, failed: 1, errors: [{ key: 'd' }] });
    expect((await cache.getMany(keys)).size).toBe(3);
  });

  it('runs so many loads at a time and no more', async () => {
    const { cache } = testCache();
    let running = 0;
    let most = 0;
    const load = async () => {
      most = Math.max(most, ++running);
      await flushMicrotasks();
      running--;
      return 'v';
    };
    await cache.warm({ keys: Array.from({ length: 20 }, (_, i) => i), load }, { concurrency: 3 });
    expect(most).toBe(3);
    expect(cache.stats().entries).toBe(20);
  });

  it('takes no more from an endless source than it works on', async () => {
    const { cache } = testCache<number>();
    const controller = new AbortController();
    let taken = 0;
    let closed = false;
    function* naturals(): Generator<number> {
      try {
        for (;;) yield taken++;
      } finally {
        closed = true;
      }
    }
    const load = (key: unknown) => {
      if (key === 50) controller.abort(new Error('enough'));
      return Number(key);
    };
    const warming = cache.warm({ keys: naturals(), load }, { concurrency: 2, signal: controller.signal });
    await expect(warming).rejects.toThrow('enough');
    expect(taken).toBeLessThanOrEqual(55);
    expect(closed).toBe(true);
  });

  it('goes on after a failing key and tells the failures', async () => {
    const { cache } = testCache<number>();
    const error = new Error('no 2');
    const load = (key: unknown) => {
      if (key === 2) throw error;
      return Number(key);
    };
    const progress: unknown[] = [];
    const result = await cache.warm(
      { keys: [1, 2, 3], load },
      { concurrency: 1, onProgress: (each) => progress.push(each) },
    );
    expect(result).toEqual({ done: 2, failed: 1, errors: [{ key: 2, error }] });
    expect(progress).toEqual([
      { done: 1, failed: 0 },
      { done: 1, failed: 1 },
      { done: 2, failed: 1 },
    ]);
  });

  it('starts nothing after an abort, not even what its source gave late, and awaits what runs', async () => {
    const { cache } = testCache();
    const controller = new AbortController();
    let give = (): void => {};
    async function* slow(): AsyncGenerator<string> {
      yield 'first';
      await new Promise<void>((resolve) => {
        give = resolve;
      });
      yield 'late';
    }
    const load = vi.fn(async () => 'v');
    const warming = cache.warm({ keys: slow(), load }, { concurrency: 2, signal: controller.signal });
    await flushMicrotasks();
    controller.abort(new Error('enough'));
    give();
    await expect(warming).rejects.toThrow('enough');
    expect(load).toHaveBeenCalledTimes(1);
    expect(cache.peek('first')).toBe('v');
  });

  it('rejects with the error of a source that breaks', async () => {
    const { cache } = testCache();
    async function* broken(): AsyncGenerator<string> {
      yield 'a';
      throw new Error('source broke');
    }
    await expect(cache.warm({ keys: broken(), load: () => 'v' })).rejects.toThrow('source broke');
  });

  it('is not broken by onProgress, whose trouble is reported', async () => {
    const { cache } = testCache();
    const troubles = heard(cache, 'error');
    const onProgress = () => {
      throw new Error('broken bar');
    };
    expect(await cache.warm([['a', '1']], { onProgress })).toMatchObject({ done: 1 });
    expect(troubles).toMatchObject([{ error: new Error('broken bar') }]);
  });

  it.each([
    ['source', null],
    ['source', 5],
    ['source', {}],
    ['keys', { keys: 5, load: () => 'v' }],
    ['load', { keys: ['a'], load: 'x' }],
  ])('names a bad %s', async (option, source) => {
    const { cache } = testCache();
    await expect(cache.warm(source as never)).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
  });

  it.each([0, -1, 1.5, Number.NaN])('names a bad concurrency (%d)', async (concurrency) => {
    const { cache } = testCache();
    await expect(cache.warm([], { concurrency })).rejects.toMatchObject({ option: 'concurrency' });
  });
});

describe('a warm run that is aborted', () => {
  it('ends although its source never answers, and leaves no listener on the signal', async () => {
    const { cache } = testCache();
    const controller = new AbortController();
    const source = (async function* (): AsyncGenerator<readonly [string, string]> {
      yield ['a', '1'];
      await new Promise(() => {});
    })();
    const run = cache.warm(source, { signal: controller.signal, concurrency: 20 });
    await flushMicrotasks();
    expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
    expect(cache.peek('a')).toBe('1');
  });
});
