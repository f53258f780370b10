import { expect, it } from 'vitest';
import type { LoaderContext } from '../../../src/cache/index.js';
import { SeededRandom, seedOf } from '../../random.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { pause, useNodes } from './nodes.js';

describeWith('what the server is asked', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('has no KEYS and no SCAN in a long mix of all operations, explicit globs apart', async () => {
    const random = new SeededRandom(seedOf('no scans'));
    const options = { ttl: 40, stale: 40, coordinator: { heartbeat: 20 } } as const;
    const caches = await Promise.all([
      nodes.open(options),
      nodes.open(options),
      nodes.open({ ...options, memory: false }),
    ]);
    const key = (): string => `${random.pick(['a', 'b'])}:${random.below(30)}`;
    const tags = (): string[] => [`t${random.below(5)}`];
    let token: string | undefined;
    const tagging = ({ tag }: LoaderContext): number => {
      tag(...tags());
      return 1;
    };
    const operations: readonly ((cache: (typeof caches)[number]) => Promise<unknown>)[] = [
      (cache) => cache.get(key()),
      (cache) => cache.getEntry(key()),
      (cache) => cache.getMany([key(), key(), key()]),
      (cache) => cache.getOrSet(key(), () => 1, { tags: tags() }),
      (cache) => cache.getOrSet(key(), tagging, token === undefined ? {} : { after: token }),
      (cache) => cache.getOrSet(key(), () => 1, { cache: 'refresh' }),
      (cache) => cache.getOrSetMany([key(), key(), key()], (missing) => missing.map(() => 1), { tags: tags() }),
      (cache) => cache.set(key(), 1, { tags: tags() }),
      (cache) =>
        cache.setMany([
          [key(), 1],
          [key(), 2],
        ]),
      (cache) => cache.delete(key()),
      (cache) => cache.delete(key(), { soft: true }),
      (cache) => cache.deleteMany([key(), key()]),
      async (cache) => {
        token = (await cache.invalidateTags(tags())).token;
      },
      (cache) => cache.invalidateTags(tags(), { soft: true }),
      (cache) => cache.invalidate('a:*'),
      (cache) => cache.invalidate(key()),
      (cache) => cache.clear(),
    ];
    const log = await nodes.monitored(async () => {
      for (let i = 0; i < 60; i++) {
        await Promise.all(Array.from({ length: 8 }, () => random.pick(operations)(random.pick(caches))));
        if (i % 20 === 19) await nodes.raw.del(nodes.names.versions);
        if (i % 10 === 9) await pause(15);
      }
    });
    const names = new Set(log.map(({ name }) => name));
    const known = [
      'GET',
      'MGET',
      'EVALSHA',
      'EVAL',
      'SET',
      'DEL',
      'PUBLISH',
      'TIME',
      'GETRANGE',
      'PEXPIRE',
      'ECHO',
      'SUBSCRIBE',
      // Of a subscriber that has listened for three seconds.
      'PING',
    ];
    const sets = ['ZADD', 'ZSCORE', 'ZCARD', 'ZREM', 'ZREVRANGEBYSCORE', 'ZRANGE', 'ZREM', 'ZREMRANGEBYRANK'];
    expect([...names].filter((name) => ![...known, ...sets].includes(name))).toEqual([]);
    expect(names.has('EVALSHA') && names.has('PUBLISH') && names.has('ZADD')).toBe(true);
    expect(log.length).toBeGreaterThan(1_000);
    for (const cache of caches) expect(cache.stats().remote).toMatchObject({ errors: 0, timeouts: 0 });
    // The log would show it.
    const swept = await nodes.monitored(() => caches[0]!.invalidate('*:1'));
    expect(swept.some(({ name }) => name === 'SCAN')).toBe(true);
    expect(swept.some(({ name }) => name === 'KEYS')).toBe(false);
  });
});
