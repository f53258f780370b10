import { expect, it } from 'vitest';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('keys of another type than ours', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);

  it('under a value: a miss that is told of, as often as it is read, with the breaker closed', async () => {
    const cache = await nodes.open({ memory: false });
    await nodes.load(cache, 'ours', 'v');
    await nodes.raw.hset(nodes.names.value('k'), 'field', '1');
    const misses = heard(cache, 'miss');
    const told = heard(cache, 'remote:foreign');
    const errors = heard(cache, 'error');
    const downs = heard(cache, 'remote:down');
    expect(await cache.get('k')).toBeUndefined();
    expect(misses).toEqual([{ key: 'k', reason: 'version' }]);
    expect(told).toEqual([{ key: 'k', why: 'magic' }]);
    for (let i = 0; i < 30; i++) expect(await cache.getOrSet('k', () => i)).toBe(i);
    for (let i = 0; i < 30; i++) expect(await cache.getOrSet('k', () => i, { cache: 'refresh' })).toBe(i);
    expect(await cache.getMany(['k', 'ours'])).toEqual(new Map([['ours', 'v']]));
    const batch = await cache.getOrSetMany(['k', 'ours'], (missing) => missing.map(() => 'loaded'));
    expect(batch).toEqual(
      new Map([
        ['k', 'loaded'],
        ['ours', 'v'],
      ]),
    );
    expect(await cache.delete('k', { soft: true })).toMatchObject({ remote: 'done' });
    await pause(20);
    expect(await nodes.raw.hgetall(nodes.names.value('k'))).toEqual({ field: '1' });
    expect(await nodes.raw.exists(nodes.names.lease('k'))).toBe(0);
    expect(errors).toEqual([]);
    expect(downs).toEqual([]);
    expect(cache.stats().remote).toMatchObject({ state: 'closed', errors: 0, refused: 0 });
  });

  it('under a value: the host may put its own there, and delete it', async () => {
    const cache = await nodes.open();
    for (const key of ['a', 'b']) await nodes.raw.hset(nodes.names.value(key), 'field', '1');
    expect(await cache.set('a', 1)).toBe(true);
    expect(await (await nodes.open()).get('a')).toBe(1);
    await cache.delete('b');
    expect(await nodes.raw.exists(nodes.names.value('b'))).toBe(0);
  });

  it('under the versions: the host is told, and its loaders go on', async () => {
    await nodes.raw.set(nodes.names.versions, 'of another program');
    const cache = nodes.make({ coordinator: { heartbeat: 50 } });
    const errors = heard(cache, 'error');
    const startedAt = performance.now();
    for (let i = 0; i < 20; i++) expect(await cache.getOrSet(`k${i}`, () => i, { tags: ['t'] })).toBe(i);
    expect((await cache.getOrSetMany(['x', 'y'], () => [1, 2])).size).toBe(2);
    // Nothing was waited for until a deadline.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await until('it is told', () => errors.length > 0);
    expect(String((errors[0]!.error as Error).message)).toContain('WRONGTYPE');
    expect(await cache.invalidateTags(['t'])).toMatchObject({ remote: 'queued' });
    expect(cache.peek('k1')).toBeUndefined();
    expect(await cache.getOrSet('k1', () => 'again', { tags: ['t'] })).toBe('again');
    expect(await nodes.raw.get(nodes.names.versions)).toBe('of another program');
    // Once the name is free, everything is of use again.
    await nodes.raw.del(nodes.names.versions);
    await until('it is up', () => cache.stats().remote!.state === 'closed' && cache.stats().remote!.unconfirmed === 0);
    await cache.getOrSet('after', () => 'v');
    await nodes.stored('after');
    expect(await (await nodes.open()).get('after')).toBe('v');
  });
});
