import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

describe('callers of one key at the same time', () => {
  it('share one run and its value', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const reads = Array.from({ length: 20 }, () => cache.getOrSet('k', loader.load));
    await flushMicrotasks();
    expect(loader.runs).toBe(1);
    loader.last.resolve('v');
    expect(await Promise.all(reads)).toEqual(Array(20).fill('v'));
    expect(cache.stats()).toMatchObject({ loads: 1, coalesced: 19, misses: 20 });
  });

  it('share one failing run, also those that arrive during it, each with the very error', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const error = new Error('down');
    const reads: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      reads.push(cache.getOrSet('k', loader.load).catch((reason: unknown) => reason));
      await flushMicrotasks();
    }
    expect(loader.runs).toBe(1);
    loader.last.reject(error);
    for (const reason of await Promise.all(reads)) expect(reason).toBe(error);
    expect(cache.stats()).toMatchObject({ loads: 1, loadErrors: 1, entries: 0, inFlight: 0 });
  });

  it('load again after a failure: the error is not kept', async () => {
    const { cache } = testCache();
    await expect(cache.getOrSet('k', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.getOrSet('k', () => 'up')).toBe('up');
  });

  it('get whatever a loader throws, synchronously or not, untouched', async () => {
    const { cache } = testCache();
    for (const thrown of [new TypeError('x'), 'text', undefined, null, 0]) {
      const sync = () => {
        throw thrown;
      };
      const seen = await cache.getOrSet('k', sync).then(
        () => 'resolved',
        (reason: unknown) => ({ reason }),
      );
      expect(seen).toEqual({ reason: thrown });
    }
  });

  it('do not share across an invalidation, also where the tag is named only later', async () => {
    for (const tags of [{ tags: ['t'] }, {}]) {
      const { cache } = testCache();
      const loader = new DeferredLoader();
      const early = cache.getOrSet('k', loader.load, tags);
      await cache.invalidateTags(['t']);
      const late = cache.getOrSet('k', loader.load, tags);
      loader.calls[0]!.context.tag('t');
      loader.calls[0]!.resolve('old');
      expect(await early).toBe('old');
      await flushMicrotasks();
      expect(cache.peek('k')).toBeUndefined();
      expect(loader.runs).toBe(2);
      loader.calls[1]!.resolve('new');
      expect(await late).toBe('new');
      expect(cache.peek('k')).toBe('new');
    }
  });

  it('of other keys load on their own', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const reads = [cache.getOrSet('a', loader.load), cache.getOrSet('b', loader.load)];
    expect(loader.runs).toBe(2);
    expect(cache.stats().inFlight).toBe(2);
    loader.calls[1]!.resolve('b');
    loader.calls[0]!.resolve('a');
    expect(await Promise.all(reads)).toEqual(['a', 'b']);
  });

  it('are not disturbed when the memory is too small for all of their values', async () => {
    const { cache } = testCache({ memory: { maxEntries: 1 } });
    const loader = new DeferredLoader();
    const reads = ['a', 'b', 'c'].map((key) => cache.getOrSet(key, loader.load));
    for (const [i, call] of loader.calls.entries()) call.resolve(`${i}`);
    expect(await Promise.all(reads)).toEqual(['0', '1', '2']);
    expect(cache.stats().entries).toBe(1);
  });
});

describe('a caller that aborts', () => {
  it('stops waiting with the reason of its signal, and the others get the value', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const controller = new AbortController();
    const leaves = cache.getOrSet('k', loader.load, { signal: controller.signal });
    const stays = cache.getOrSet('k', loader.load);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(leaves).rejects.toBe(reason);
    expect(loader.last.context.signal.aborted).toBe(false);
    loader.last.resolve('v');
    expect(await stays).toBe('v');
    expect(cache.peek('k')).toBe('v');
  });

  it('is refused before anything starts when its signal is aborted already', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const reason = new Error('enough');
    await expect(cache.getOrSet('k', loader.load, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(cache.getOrSetMany(['k'], () => ['v'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(loader.runs).toBe(0);
  });

  it('as the last of all aborts the loader too, and the key is free for a new load', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const controllers = [new AbortController(), new AbortController()];
    const reads = controllers.map(({ signal }) => cache.getOrSet('k', loader.load, { signal }).catch(() => 'left'));
    const { signal } = loader.last.context;
    controllers[0]!.abort();
    expect(signal.aborted).toBe(false);
    controllers[1]!.abort(new Error('last'));
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toEqual(new Error('last'));
    expect(await Promise.all(reads)).toEqual(['left', 'left']);

    const again = cache.getOrSet('k', loader.load);
    expect(loader.runs).toBe(2);
    // The abandoned run ends late: the newer one decides what is stored.
    loader.calls[0]!.resolve('late');
    await flushMicrotasks();
    expect(cache.peek('k')).toBeUndefined();
    loader.calls[1]!.resolve('new');
    expect(await again).toBe('new');
    expect(cache.peek('k')).toBe('new');
  });

  it('leaves behind a load that may still store, when nothing newer has begun', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const controller = new AbortController();
    const read = cache.getOrSet('k', loader.load, { signal: controller.signal });
    controller.abort();
    await expect(read).rejects.toThrow();
    loader.last.resolve('v');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('v');
  });

  it('neither counts as an error of the loader nor puts a later value into back-off', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: 10_000, loader: { hardDeadline: 100 } });
    const errors = heard(cache, 'load:error');
    const loader = new DeferredLoader();
    const controller = new AbortController();
    const read = cache.getOrSet('k', loader.load, { signal: controller.signal });
    controller.abort();
    await expect(read).rejects.toThrow();
    await cache.getOrSet('k', () => 'new');
    await clock.advanceAsync(100);
    loader.last.reject(new Error('aborted'));
    await flushMicrotasks();
    expect(errors).toEqual([]);
    expect(cache.stats().loadErrors).toBe(0);
    await cache.getOrSet('k', () => 'newer');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('newer');
  });

  it('leaves no listener on its signal once it has its value', async () => {
    const { cache } = testCache();
    const loader = new DeferredLoader();
    const { signal } = new AbortController();
    const read = cache.getOrSet('k', loader.load, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    loader.last.resolve('v');
    await read;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
