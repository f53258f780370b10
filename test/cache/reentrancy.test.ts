import { describe, expect, it } from 'vitest';
import { lruPolicy, type PolicyNode } from '../../src/cache/index.js';
import { DeferredLoader, testCache } from './deferred.js';

function node(key: string, bytes: number): PolicyNode {
  return { key, bytes, cost: 1, prev: undefined, next: undefined, queue: 0, freq: 0, rank: 0 };
}

describe('a listener that uses the cache', () => {
  const batch = (missing: readonly string[]) => missing.map((key) => `${key} old`);

  it('deletes a key that the same batch has filled: it stays deleted', async () => {
    const { cache } = testCache();
    cache.on('set', ({ key }) => key === 'a' && void cache.delete('b'));
    await cache.getOrSetMany(['a', 'b'], batch);
    expect(cache.peek('b')).toBeUndefined();
    expect(cache.peek('a')).toBeDefined();
  });

  it('writes a key that the same batch has filled: the write stands', async () => {
    const { cache } = testCache();
    cache.on('set', ({ key }) => key === 'a' && void cache.set('b', 'new'));
    await cache.getOrSetMany(['a', 'b'], batch);
    expect(cache.peek('b')).toBe('new');
  });

  it("writes the key whose value was found changed: the write stands, and 'mutated' comes once", async () => {
    const { cache } = testCache<unknown>({ mutationSample: 1 });
    const value = { n: 1 };
    await cache.set('k', value);
    value.n = 2;
    let heard = 0;
    cache.on('mutated', () => {
      heard++;
      void cache.set('k', 'newer');
    });
    await cache.getOrSet('k', () => 'loaded before', { cache: 'refresh' });
    expect(cache.peek('k')).toBe('newer');
    expect(heard).toBe(1);
  });

  it('writes the very key that an eviction made room for: lru counts it once', () => {
    let again = true;
    const policy = lruPolicy<PolicyNode>({
      maxEntries: 2,
      maxBytes: 1000,
      onEvict: () => {
        if (again) {
          again = false;
          policy.set(node('c', 10));
        }
      },
    });
    for (const key of ['a', 'b', 'c']) policy.set(node(key, 10));
    expect([policy.size, policy.bytes]).toEqual([[...policy.nodes()].length, 10 * policy.size]);
    while (policy.evict());
    expect([policy.size, policy.bytes]).toEqual([0, 0]);
  });
});

describe('a loader that touches its own key before it first waits', () => {
  it.each([
    ['without a signal', {}],
    ['with a signal', { signal: new AbortController().signal }],
  ])('starts a read that joins the run, %s', async (_, options) => {
    const { cache } = testCache();
    let inner: Promise<string> | undefined;
    await cache.getOrSet('k', () => {
      inner = cache.getOrSet('k', () => 'another', options);
      return 'one';
    });
    expect(await inner).toBe('one');
    expect(cache.stats().loads).toBe(1);
  });

  it('aborts its own caller, who leaves at once', async () => {
    const { cache } = testCache();
    const controller = new AbortController();
    const hanging = new DeferredLoader();
    const read = cache.getOrSet(
      'k',
      (context) => {
        controller.abort(new Error('enough'));
        return hanging.load(context);
      },
      { signal: controller.signal },
    );
    await expect(read).rejects.toThrow('enough');
    expect(hanging.last.context.signal.aborted).toBe(true);
    expect(await cache.getOrSet('k', () => 'next')).toBe('next');
  });
});
