import { createHash } from 'node:crypto';
import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import Keyv6 from 'keyv-6';
import { describe, expect, it } from 'vitest';
import { CacheManager, createKeyvStore, InvalidOptionError } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { NAMESPACE } from './keyv-nodes.js';

describe('a Keyv that cannot serve', () => {
  it('is refused where the cache is made', () => {
    const make = (remote: unknown) => () => new CacheManager({ namespace: 'n', remote: remote as never });
    expect(make(new Keyv6({ sanitize: { keys: true } }))).toThrow(InvalidOptionError);
    expect(make(new Keyv6({ sanitize: { keys: true } }))).toThrow('a Keyv that leaves keys as they are');
    const old = { opts: { store: new Map() }, get() {}, set() {}, delete() {} };
    expect(make(old)).toThrow('remote must be a Keyv of version 5.6 or later, below 7');
    expect(make({ store: old })).toThrow('remote.store must be a Keyv of version 5.6 or later, below 7');
  });
});

describe('kinds of stores', () => {
  it.each<[string, () => never]>([
    ['Keyv 5.6', () => new Keyv() as never],
    ['Keyv 5.6 with a namespace', () => new Keyv({ namespace: 'app' }) as never],
    ['Keyv 6', () => new Keyv6() as never],
    ['another cache, as an adapter', () => createKeyvStore(new CacheManager()) as never],
    ['another cache, as an adapter of version 6', () => createKeyvStore(new CacheManager(), { contract: 6 }) as never],
    ['{ store }', () => ({ store: new Keyv() }) as never],
  ])('keep values and versions: %s', async (_what, make) => {
    const remote = make();
    const cache = (): CacheManager => new CacheManager({ namespace: NAMESPACE, remote });
    const here = cache();
    await here.set('k', new Map([['a', 1n]]), { tags: ['t'] });
    expect(await cache().get('k')).toEqual(new Map([['a', 1n]]));
    await here.invalidateTags(['t']);
    expect(await cache().get('k')).toBeUndefined();
  });
});

describeWith('Keyv over a real Redis', await findRedis({ private: true }), (start) => {
  it('outlives the process, and empties nothing that is not its own', async () => {
    const server = await start();
    const adapters: KeyvRedis<unknown>[] = [];
    const open = async (): Promise<CacheManager> => {
      const adapter = new KeyvRedis<unknown>({ url: server.url, disableOfflineQueue: true });
      adapters.push(adapter);
      await adapter.getClient();
      return new CacheManager({ namespace: NAMESPACE, remote: new Keyv(adapter, { namespace: 'app' }) as never });
    };
    try {
      const big = createHash('sha512').update('x').digest('hex').repeat(500);
      const first = await open();
      await first.setMany(
        [
          ['a', big],
          ['b', 2],
        ],
        { tags: ['t'] },
      );
      await first.set('c', 3);
      await adapters[0]!.set('of the host', 'v');
      await first.invalidateTags(['u']);
      await first.close();
      const second = await open();
      expect(await second.getMany(['a', 'b', 'c', 'none'])).toEqual(
        new Map<string, unknown>([
          ['a', big],
          ['b', 2],
          ['c', 3],
        ]),
      );
      await second.invalidateTags(['t']);
      const third = await open();
      expect(await third.getMany(['a', 'b', 'c'])).toEqual(new Map([['c', 3]]));
      await third.clear();
      expect(await (await open()).get('c')).toBeUndefined();
      expect(await adapters[0]!.get('of the host')).toBe('v');
    } finally {
      await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
      await server.close();
    }
  });
});
