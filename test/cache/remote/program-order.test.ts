import { afterAll, beforeAll, expect, it } from 'vitest';
import { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';

/** Large enough to be compressed, on the thread pool: a small value that is written later gets to the server first. */
const LARGE = Array.from({ length: 5_000 }, (_, i) => `row ${i}`);

describeWith('calls of one process on one key', await findRedis({ private: true }), (start) => {
  let url = '';
  let close = async (): Promise<void> => {};
  let count = 0;
  beforeAll(async () => {
    const server = await start();
    ({ url } = server);
    close = () => server.close();
  });
  afterAll(() => close());

  async function node(): Promise<CacheManager> {
    const remote = { store: url, readDeadline: '5s', writeDeadline: '5s' } as const;
    const cache = new CacheManager({ namespace: `order-${++count}`, memory: false, remote });
    await cache.ready();
    return cache;
  }

  it('take effect in their order, though a large value takes longer to pack than the small one after it', async () => {
    const cache = await node();
    await Promise.all([cache.set('k', LARGE), cache.set('k', 'small')]);
    expect(await cache.get('k')).toBe('small');
    await cache.close();
  });

  it('take effect in their order: a delete after a large value leaves nothing', async () => {
    const cache = await node();
    await Promise.all([cache.set('k', LARGE), cache.delete('k')]);
    expect(await cache.get('k')).toBeUndefined();
    await Promise.all([cache.delete('k'), cache.set('k', LARGE)]);
    expect(await cache.get('k')).toEqual(LARGE);
    await cache.close();
  });

  it('take effect in their order before the first contact, too', async () => {
    const remote = { store: url, readDeadline: '5s', writeDeadline: '5s' } as const;
    const cache = new CacheManager({ namespace: `order-${++count}`, memory: false, remote });
    await Promise.all([cache.set('k', LARGE), cache.set('k', 'small'), cache.set('l', 'old'), cache.delete('l')]);
    expect(await cache.get('k')).toBe('small');
    expect(await cache.get('l')).toBeUndefined();
    await cache.close();
  });
});
