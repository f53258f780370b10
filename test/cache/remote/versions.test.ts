import { expect, it } from 'vitest';
import type { CacheManager } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { until, useNodes } from './nodes.js';

const FAST = { coordinator: { heartbeat: '30ms' } } as const;

describeWith('versions of a namespace', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const state = async (member: string): Promise<number> => Number(await nodes.raw.zscore(nodes.names.versions, member));

  it('are the microseconds of the server, or one more than the last', async () => {
    const cache = await nodes.open();
    await cache.invalidateTags(['a']);
    const [seconds, micros] = await nodes.raw.time();
    const now = Number(seconds) * 1e6 + Number(micros);
    const first = await state('ta');
    expect(first).toBeLessThanOrEqual(now);
    expect(first).toBeGreaterThan(now - 1e6);
    const ahead = now + 3_600e6;
    await nodes.raw.zadd(nodes.names.versions, ahead, '!seq');
    await cache.invalidateTags(['b']);
    await cache.invalidateTags(['c']);
    expect(await state('tb')).toBe(ahead + 1);
    expect(await state('tc')).toBe(ahead + 2);
    expect(await state('!seq')).toBe(ahead + 2);
  });

  it('are in step on all nodes with the next beat, bus or no bus', async () => {
    const here = await nodes.open(FAST);
    const there = await nodes.open(FAST);
    await nodes.load(here, 'k', 'old', ['t']);
    await there.get('k');
    // Another program, or a node whose message was lost.
    const seq = (await state('!seq')) + 1_000_000;
    await nodes.raw.zadd(nodes.names.versions, seq, '!seq', seq, 'tt');
    await until('both have read it', () => here.peek('k') === undefined && there.peek('k') === undefined);
    expect(await there.getOrSet('k', () => 'new')).toBe('new');
    await nodes.stored('k');
    expect(await here.getOrSet('k', () => 'newer')).toBe('new');
  });

  it('are harmless when they come again, or in another order', async () => {
    const cache = await nodes.open();
    await nodes.load(cache, 'k', 'old', ['t']);
    const { token } = await cache.invalidateTags(['t']);
    const version = Number.parseInt(token.slice(4), 36);
    await nodes.load(cache, 'k', 'new', ['t']);
    const birth = -(await state('!birth'));
    for (const [i, q] of [version, version - 1_000, version - 1].entries()) {
      const message = { v: 1, src: 'somebody', n: i + 1, t: ['t'], q, b: birth };
      await nodes.raw.publish(nodes.names.channel, JSON.stringify(message));
    }
    const other = await nodes.open();
    await nodes.load(other, 'witness', 1);
    await other.set('witness', 2);
    await until('the messages have come', async () => (await cache.get('witness')) === 2);
    expect(await cache.getOrSet('k', () => 'again', { tags: ['t'] })).toBe('new');
    expect(await other.getOrSet('k', () => 'again', { tags: ['t'] })).toBe('new');
  });

  const losses: readonly (readonly [what: string, lose: () => Promise<unknown>])[] = [
    ['the versions', () => nodes.raw.del(nodes.names.versions)],
    ['the sequence alone', () => nodes.raw.zrem(nodes.names.versions, '!seq')],
    ['the birth alone', () => nodes.raw.zrem(nodes.names.versions, '!birth')],
    ['the floor alone', () => nodes.raw.zrem(nodes.names.versions, '!floor')],
    ['everything', () => nodes.raw.flushall()],
  ];
  it.each(losses)('are written afresh after the loss of %s: old values miss on every node', async (_what, lose) => {
    const here = await nodes.open(FAST);
    const there = await nodes.open(FAST);
    const gaps = [here, there].map((cache) => heard(cache, 'bus:gap'));
    await nodes.load(here, 'k', 'old', ['t']);
    await nodes.load(here, 'untagged', 'old');
    expect(await there.get('k')).toBe('old');
    const kept = await nodes.raw.getBuffer(nodes.names.value('k'));
    // Ahead of the clock: only those who have seen it can tell the server.
    await nodes.raw.zadd(nodes.names.versions, (await state('!seq')) + 3_600e6, '!seq');
    await here.invalidateTags(['t']);
    const before = await state('!seq');
    await lose();
    // What a replica or a backup brings back is as old as it was.
    await nodes.raw.set(nodes.names.value('k'), kept!);
    // Each with a beat of its own: until then it may serve what it holds.
    const noticed = (): boolean => gaps.every((events) => events.some(({ reason }) => reason === 'restarted'));
    await until('both have noticed', noticed);
    for (const cache of [here, there]) expect(cache.stats().entries).toBe(0);
    expect(await state('!seq')).toBeGreaterThanOrEqual(before);
    const fresh = await nodes.open();
    for (const cache of [there, here, fresh] as CacheManager[]) {
      expect(await cache.getOrSet('k', () => 'old', { tags: ['t'], cache: 'only' })).toBeUndefined();
      expect(await cache.get('untagged')).toBeUndefined();
    }
    expect(await here.getOrSet('k', () => 'new', { tags: ['t'] })).toBe('new');
    await until('the others find the new one', async () => (await there.get('k')) === 'new');
    expect(await fresh.getOrSet('k', () => 'newer')).toBe('new');
  });

  it('lose nothing with a value or a lease key', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    await nodes.load(here, 'k', 'v', ['t']);
    await nodes.raw.del(nodes.names.value('k'));
    expect(await there.getOrSet('k', () => 'loaded')).toBe('loaded');
    await here.delete('k');
    const loader = new DeferredLoader();
    const loading = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    await nodes.raw.del(nodes.names.lease('k'));
    expect(await there.getOrSet('k', () => 'second')).toBe('second');
    loader.last.resolve('first');
    expect(await loading).toBe('first');
    await until('the first is taken back', () => here.peek('k') !== 'first');
    expect(await here.get('k')).toBe('second');
    expect(here.stats().fenced).toBe(1);
  });

  it('drop the memory of a node that sees the sequence step back', async () => {
    const cache = await nodes.open(FAST);
    await nodes.load(cache, 'k', 'v');
    const gaps = heard(cache, 'bus:gap');
    // As a restored backup has it: the same birth, an older sequence. Two days, so that the node's own number is not believed.
    const { versions } = nodes.names;
    const old = (await state('!seq')) - 2 * 86_400e6;
    const ahead = (await state('!seq')) + 2 * 86_400e6;
    await nodes.raw.zadd(versions, ahead, '!seq');
    await until('the node is ahead', async () => (await cache.invalidateTags(['x'])).token > `hp1.${old.toString(36)}`);
    await nodes.load(cache, 'ahead', 'v');
    await nodes.raw.zadd(versions, old, '!seq');
    await nodes.raw.zrem(versions, 'tx');
    await until('it has noticed', () => gaps.length > 0 && cache.stats().entries === 0);
    expect(cache.peek('k')).toBeUndefined();
    expect(cache.peek('ahead')).toBeUndefined();
  });
});
