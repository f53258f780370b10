import { afterEach, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

describeWith('answers of Redis that are errors', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  afterEach(async () => {
    await nodes.raw.config('SET', 'maxmemory', '0');
    await nodes.raw.acl('SETUSER', 'default', '+@all');
  });
  const quiet = (): CacheOptions => ({
    remote: { store: nodes.url, breaker: { cooldown: 50, maxCooldown: 100 } },
    coordinator: { heartbeat: '1m' },
  });
  const messages = (errors: readonly { error: unknown }[]): string[] =>
    errors.map(({ error }) => (error as Error).message);

  it('NOPERM: reads are misses for that reason, and the answer is named once and when the breaker opens', async () => {
    const cache = await nodes.open(quiet());
    const misses = heard(cache, 'miss');
    const errors = heard(cache, 'error');
    const downs = heard(cache, 'remote:down');
    await nodes.raw.acl('SETUSER', 'default', '-get', '-mget');
    for (let i = 0; i < 5; i++) expect(await cache.getOrSet(`k${i}`, () => i)).toBe(i);
    expect(misses).toEqual(Array.from({ length: 5 }, (_, i) => ({ key: `k${i}`, reason: 'error' })));
    expect(messages(errors)).toEqual([expect.stringContaining('NOPERM')]);
    await until('it is down', () => downs.length > 0);
    expect(downs[0]!.reason).toContain('NOPERM');
    expect(await cache.getOrSetMany(['x', 'y'], () => [1, 2])).toEqual(
      new Map([
        ['x', 1],
        ['y', 2],
      ]),
    );
    expect(errors).toHaveLength(1);
  });

  it('OOM: what is stored can be read, what is loaded goes to its callers, and the answer is named once', async () => {
    const cache = await nodes.open({ ...quiet(), coordinator: { heartbeat: 50 } });
    const other = await nodes.open();
    await nodes.load(other, 'tagged', 'old', ['t']);
    await nodes.load(cache, 'stored', 'v');
    const errors = heard(cache, 'error');
    const downs = heard(cache, 'remote:down');
    await nodes.raw.config('SET', 'maxmemory-policy', 'noeviction');
    await nodes.raw.config('SET', 'maxmemory', '1');
    const reader = await nodes.open(quiet());
    expect(await reader.get('stored')).toBe('v');
    for (let i = 0; i < 5; i++) expect(await cache.getOrSet(`k${i}`, () => i)).toBe(i);
    await until('it is told', () => errors.length > 0);
    expect(messages(errors)).toEqual([expect.stringContaining('OOM')]);
    expect(cache.stats().loads).toBe(6);
    // An invalidation does not get lost in it, whether the server takes it or not.
    await cache.invalidateTags(['t']);
    expect(await cache.get('tagged')).toBeUndefined();
    await nodes.raw.config('SET', 'maxmemory', '0');
    await until('it is confirmed', () => cache.stats().remote!.unconfirmed === 0);
    await until('the other has heard', () => other.peek('tagged') === undefined);
    await until('it is up', () => cache.stats().remote!.state === 'closed');
    for (const { reason } of downs) expect(reason).toContain('OOM');
    expect(errors).toHaveLength(1);
    await cache.getOrSet('after', () => 'v');
    await nodes.stored('after');
  });

  it('another answer is named for itself, and a reason does not outlive the trouble', async () => {
    const cache = await nodes.open(quiet());
    const errors = heard(cache, 'error');
    const downs = heard(cache, 'remote:down');
    await nodes.raw.acl('SETUSER', 'default', '-get');
    for (let i = 0; i < 6; i++) await cache.get(`k${i}`);
    await nodes.raw.acl('SETUSER', 'default', '+get');
    await until('it is up', () => cache.stats().remote!.state === 'closed');
    await nodes.raw.config('SET', 'maxmemory', '1');
    for (let i = 0; i < 10; i++) await cache.set(`k${i}`, 'v');
    await until('both are told', () => errors.length === 2);
    const [first, second] = messages(errors);
    expect(first).toContain('NOPERM');
    expect(second).toContain('OOM');
    await until('it is down again', () => downs.length === 2);
    expect(downs[1]!.reason).toContain('OOM');
    expect(downs[1]!.reason).not.toContain('NOPERM');
  });
});
