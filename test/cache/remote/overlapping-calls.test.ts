import { afterAll, beforeAll, expect, it } from 'vitest';
import { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';

/** Large enough to be compressed, on the thread pool. */
const LARGE = Array.from({ length: 5_000 }, (_, i) => `row ${i}`);

describeWith('calls of one process that overlap', await findRedis({ private: true }), (start) => {
  let url = '';
  let close = async (): Promise<void> => {};
  let count = 0;
  const open: CacheManager[] = [];
  beforeAll(async () => {
    const server = await start();
    ({ url } = server);
    close = () => server.close();
  });
  afterAll(async () => {
    await Promise.all(open.map((cache) => cache.close()));
    await close();
  });

  function make(namespace: string, options: { memory?: false } = {}): CacheManager {
    const remote = { store: url, readDeadline: '5s', writeDeadline: '5s' } as const;
    const cache = new CacheManager({ namespace, remote, ...options });
    open.push(cache);
    return cache;
  }

  it('before the first contact: a write is older than the invalidation after it', async () => {
    for (let i = 0; i < 5; i++) {
      const namespace = `overlap-${++count}`;
      const cache = make(namespace);
      await Promise.all([cache.set('k', 'old', { tags: ['t'] }), cache.invalidateTags(['t'])]);
      expect(await cache.get('k')).toBeUndefined();
      expect(await make(namespace).get('k')).toBeUndefined();
    }
  });

  it('a glob takes out what was being written when it was called', async () => {
    const namespace = `overlap-${++count}`;
    const cache = make(namespace, { memory: false });
    await cache.ready();
    await Promise.all([cache.set('g1', LARGE), cache.invalidate('*1*')]);
    expect(await cache.get('g1')).toBeUndefined();
    expect(await make(namespace).get('g1')).toBeUndefined();
  });

  it('a soft delete is not undone by a read beside it', async () => {
    const cache = make(`overlap-${++count}`);
    await cache.ready();
    await cache.set('k', 'old');
    await Promise.all([cache.delete('k', { soft: true }), cache.getOrSet('k', () => 'loaded beside it')]);
    expect(await cache.get('k')).not.toBe('old');
  });

  it('a value that takes long to pack is loaded once, however many ask for it', async () => {
    const namespace = `overlap-${++count}`;
    const caches = [make(namespace, { memory: false }), make(namespace, { memory: false })];
    await Promise.all(caches.map((cache) => cache.ready()));
    let loads = 0;
    const load = (): string[] => {
      loads++;
      return LARGE;
    };
    for (let round = 0; round < 20; round++) {
      await Promise.all([0, 1, 2, 3].map((i) => caches[i % 2]!.getOrSet('k', load)));
    }
    expect(loads).toBe(1);
    for (const cache of caches) expect(cache.stats().remote?.leasesLost).toBe(0);
  });

  it('a load that all callers have left while they waited for another process is not run', async () => {
    const namespace = `overlap-${++count}`;
    const [here, there] = [make(namespace), make(namespace)];
    await Promise.all([here.ready(), there.ready()]);
    let finish = (_: string): void => {};
    const first = here.getOrSet(
      'k',
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    // The other process has the lease by now, or this one would run its loader.
    await expect.poll(() => here.stats().loads).toBe(1);
    const abort = new AbortController();
    let loads = 0;
    const left = there.getOrSet('k', () => `mine ${++loads}`, { signal: abort.signal });
    await expect.poll(() => there.stats().inFlight).toBe(1);
    abort.abort();
    await expect(left).rejects.toThrow();
    finish('theirs');
    expect(await first).toBe('theirs');
    expect(await there.getOrSet('k', () => `mine ${++loads}`)).toBe('theirs');
    expect(loads).toBe(0);
  });
});
