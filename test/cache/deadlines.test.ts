import { describe, expect, it } from 'vitest';
import { HotpathError, LoaderDeadlineError } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

describe('the soft deadline', () => {
  const soft = async () => {
    const made = testCache({ ttl: 10, stale: '1h', loader: { softDeadline: 50 } });
    await made.cache.set('k', 'old', { tags: ['t'] });
    made.clock.advance(10);
    return { ...made, loader: new DeferredLoader() };
  };

  it('lets a reader with a stale value have the fresh one when it comes in time', async () => {
    const { cache, clock, loader } = await soft();
    const read = cache.getOrSet('k', loader.load);
    clock.advance(49);
    loader.last.resolve('new');
    expect(await read).toBe('new');
    expect(clock.pendingTimers).toBe(0);
    expect(cache.stats()).toMatchObject({ staleHits: 0, misses: 1 });
  });

  it('serves the stale value when it does not, while the load goes on and stores', async () => {
    const { cache, clock, loader } = await soft();
    const read = cache.getOrSet('k', loader.load);
    await clock.advanceAsync(50);
    expect(await read).toBe('old');
    expect(loader.last.context.signal.aborted).toBe(false);
    loader.last.resolve('new');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('new');
  });

  it('serves the stale value at once when the load fails in time', async () => {
    const { cache, loader } = await soft();
    const read = cache.getOrSet('k', loader.load);
    loader.last.reject(new Error('down'));
    expect(await read).toBe('old');
  });

  it('does not concern readers who have nothing', async () => {
    const { cache, clock, loader } = await soft();
    const read = cache.getOrSet('other', loader.load);
    await clock.advanceAsync(1000);
    loader.last.resolve('v');
    expect(await read).toBe('v');
  });

  it.each([
    ['a key', (c: Testee) => c.delete('k')],
    ['a tag', (c: Testee) => c.invalidateTags(['t'])],
    ['a glob', (c: Testee) => c.invalidate('?')],
  ])('does not end with a value that %s took out meanwhile', async (_way, invalidate) => {
    const { cache, clock, loader } = await soft();
    const read = cache.getOrSet('k', loader.load, { tags: ['t'] });
    await invalidate(cache);
    await clock.advanceAsync(50);
    expect(loader.runs).toBe(2);
    loader.calls[1]!.resolve('new');
    expect(await read).toBe('new');
    expect(cache.peek('k')).toBe('new');
  });

  it('ends with what was written meanwhile, and leaves that in place', async () => {
    const { cache, clock, loader } = await soft();
    const read = cache.getOrSet('k', loader.load, { tags: ['t'] });
    await cache.invalidateTags(['t']);
    await cache.set('k', 'written', { ttl: '1h' });
    await clock.advanceAsync(50);
    expect(await read).toBe('written');
    expect(cache.peek('k')).toBe('written');
  });

  it('gives way to the abort of the reader', async () => {
    const { cache, clock, loader } = await soft();
    const controller = new AbortController();
    const reason = new Error('enough');
    const read = cache.getOrSet('k', loader.load, { signal: controller.signal });
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    // One is left: the slot of the refresh, which goes on.
    expect(clock.pendingTimers).toBe(1);
    expect(loader.last.context.signal.aborted).toBe(false);
  });
});

describe('the hard deadline', () => {
  it('ends the wait of every caller with an error that names key and deadline, and aborts the loader', async () => {
    const { cache, clock } = testCache({ loader: { hardDeadline: '2s' } });
    const errors = heard(cache, 'load:error');
    const loader = new DeferredLoader();
    const reads = [1, 2].map(() => cache.getOrSet('report', loader.load).catch((error: unknown) => error));
    const { signal } = loader.last.context;
    await clock.advanceAsync(1999);
    expect(signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    for (const error of await Promise.all(reads)) {
      expect(error).toBeInstanceOf(LoaderDeadlineError);
      expect(HotpathError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'LOADER_DEADLINE', key: 'report', deadlineMs: 2000 });
      expect(String(error)).toContain('"report"');
      expect(String(error)).toContain('2000 ms');
    }
    expect(signal.reason).toBeInstanceOf(LoaderDeadlineError);
    expect(errors).toHaveLength(1);
    expect(cache.stats()).toMatchObject({ loadErrors: 1, inFlight: 0 });
  });

  it('counts a failure once, though the aborted loader fails as well', async () => {
    const { cache, clock } = testCache({ loader: { hardDeadline: 100 } });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load).catch(() => 'late');
    await clock.advanceAsync(100);
    loader.last.reject(new Error('aborted'));
    await flushMicrotasks();
    expect(await read).toBe('late');
    expect(cache.stats().loadErrors).toBe(1);
  });

  it('lets a late value be stored when nothing newer is there, and frees the key meanwhile', async () => {
    const { cache, clock } = testCache({ loader: { hardDeadline: 100 } });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load).catch(() => 'late');
    await clock.advanceAsync(100);
    expect(await read).toBe('late');
    loader.last.resolve('v');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('v');
  });

  it.each([
    ['a newer load', (c: Testee) => c.getOrSet('k', () => 'new')],
    ['a write', (c: Testee) => c.set('k', 'new')],
  ])('does not let a late value replace what %s has stored', async (_what, store) => {
    const { cache, clock } = testCache({ loader: { hardDeadline: 100 } });
    const loader = new DeferredLoader();
    const read = cache.getOrSet('k', loader.load).catch(() => 'late');
    await clock.advanceAsync(100);
    expect(await read).toBe('late');
    await store(cache);
    loader.last.resolve('old');
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('new');
  });

  it('does not let a late "nothing" take out what a newer load has stored', async () => {
    const { cache, clock } = testCache<string | undefined>({ loader: { hardDeadline: 100 } });
    const loader = new DeferredLoader<string | undefined>();
    const read = cache.getOrSet('k', loader.load).catch(() => 'late');
    await clock.advanceAsync(100);
    await read;
    await cache.getOrSet('k', () => 'new');
    loader.last.resolve(undefined);
    await flushMicrotasks();
    expect(cache.peek('k')).toBe('new');
  });

  it('holds for background refreshes: the stale value is served on, and their place is free again', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '1h', maxRefreshes: 1, loader: { hardDeadline: 100 } });
    await cache.setMany([
      ['a', 'old'],
      ['b', 'old'],
    ]);
    clock.advance(10);
    const loader = new DeferredLoader();
    await cache.getOrSet('a', loader.load);
    await clock.advanceAsync(100);
    expect(await cache.getOrSet('a', loader.load)).toBe('old');
    expect(loader.runs).toBe(1);
    await cache.getOrSet('b', () => 'new');
    await flushMicrotasks();
    expect(cache.peek('b')).toBe('new');
  });

  it('also ends the wait for a refresh that has given its slot back before', async () => {
    const { cache, clock } = testCache({ ttl: 10, stale: '30s', loader: { hardDeadline: '90s' } });
    await cache.set('k', 'old');
    clock.advance(10);
    const hanging = new DeferredLoader();
    await cache.getOrSet('k', hanging.load);
    await clock.advanceAsync(40_000);
    const read = cache.getOrSet('k', hanging.load).catch((error: unknown) => error);
    expect(hanging.runs).toBe(1);
    await clock.advanceAsync(50_000);
    expect(await read).toBeInstanceOf(LoaderDeadlineError);
    expect(hanging.last.context.signal.aborted).toBe(true);
  });

  it('leaves no timer behind once the loader has answered', async () => {
    const { cache, clock } = testCache({ loader: { hardDeadline: 100 } });
    await cache.getOrSet('k', () => 'v');
    await cache.getOrSet('l', () => Promise.reject(new Error('down'))).catch(() => {});
    await flushMicrotasks();
    expect(clock.pendingTimers).toBe(0);
  });
});

type Testee = ReturnType<typeof testCache>['cache'];
