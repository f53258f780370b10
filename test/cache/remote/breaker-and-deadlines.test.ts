import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/index.js';
import { ManualClock } from '../../manual-clock.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { TcpProxy } from '../../services/tcp-proxy.js';
import { heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

describeWith('deadlines and breaker of the shared tier', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(nodes.port);
  });
  afterEach(() => {
    proxy.thaw();
    proxy.accept();
    proxy.delay({});
  });
  afterAll(() => proxy.close());
  const behind = (remote: object = {}): CacheOptions => ({
    remote: {
      store: proxy.url,
      readDeadline: 60,
      writeDeadline: 90,
      breaker: { cooldown: 80, maxCooldown: 160 },
      ...remote,
    },
    coordinator: { heartbeat: '1m' },
  });

  it('a read ends at its deadline, and the value is loaded without asking again', async () => {
    const cache = await nodes.open(behind());
    const misses = heard(cache, 'miss');
    proxy.freeze(['store']);
    const startedAt = performance.now();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(performance.now() - startedAt).toBeLessThan(150);
    expect(misses).toEqual([{ key: 'k', reason: 'deadline' }]);
    expect(cache.stats().remote).toMatchObject({ timeouts: 1, state: 'closed' });
    // Kept in memory.
    expect(cache.peek('k')).toBe('v');
  });

  it('all reads and writes end at their deadlines while the server stands still', async () => {
    const cache = await nodes.open(behind({ breaker: { consecutive: 1_000, failureRate: 1 } }));
    proxy.freeze(['store']);
    const took = async (work: Promise<unknown>): Promise<number> => {
      const startedAt = performance.now();
      await work;
      return performance.now() - startedAt;
    };
    const times = await Promise.all([
      took(cache.get('a')),
      took(cache.getEntry('a')),
      took(cache.getMany(['a', 'b'])),
      took(cache.getOrSetMany(['a', 'b'], () => [1, 2])),
      took(cache.set('c', 1)),
      took(cache.delete('d')),
      took(cache.invalidateTags(['t'])),
      took(cache.invalidate('p*')),
      took(cache.invalidate('*p')),
      took(cache.clear()),
      took(cache.delete('e', { soft: true })),
    ]);
    // A glob that can't be swept becomes a clear, a soft delete a hard one: two deadlines.
    expect(Math.max(...times)).toBeLessThan(2 * 90 + 120);
    expect(await cache.set('x', undefined)).toBe(false);
  });

  it('failures in a row open the breaker: calls fail fast, and one probe closes it', async () => {
    const cache = await nodes.open(behind());
    const events: string[] = [];
    cache.on('remote:down', ({ reason }) => events.push(`down: ${reason}`));
    cache.on('remote:up', ({ downMs }) => events.push(downMs > 0 ? 'up' : 'up at once'));
    const misses = heard(cache, 'miss');
    proxy.freeze(['store']);
    for (let i = 0; i < 5; i++) await cache.get(`k${i}`);
    expect(cache.stats().remote!.state).not.toBe('closed');
    const startedAt = performance.now();
    for (let i = 0; i < 50; i++) expect(await cache.getOrSet(`fast${i}`, () => i)).toBe(i);
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(new Set(misses.slice(5).map(({ reason }) => reason))).toEqual(new Set(['breaker']));
    expect(cache.stats().remote!.refused).toBeGreaterThanOrEqual(50);
    expect(events).toEqual(['down: 5 failures in a row']);
    proxy.thaw(['store']);
    await until('it is up', () => cache.stats().remote!.state === 'closed');
    expect(events).toEqual(['down: 5 failures in a row', 'up']);
    expect(await cache.getOrSet('after', () => 'v')).toBe('v');
    await nodes.stored('after');
  });

  it('a broken connection opens it at once, and the next one closes it', async () => {
    const cache = await nodes.open(behind());
    const down = heard(cache, 'remote:down');
    proxy.refuse();
    proxy.cut();
    await until('it is down', () => down.length === 1);
    expect(down).toEqual([{ reason: 'the connection is lost' }]);
    const startedAt = performance.now();
    for (let i = 0; i < 20; i++) expect(await cache.getOrSet(`k${i}`, () => i)).toBe(i);
    expect(performance.now() - startedAt).toBeLessThan(50);
    proxy.accept();
    await until('it is up', () => cache.stats().remote!.state === 'closed');
    await cache.getOrSet('after', () => 'v');
    await nodes.stored('after');
  });

  it('an unreachable server is no error of the constructor, nor of any call', async () => {
    const cache = nodes.make({ remote: { store: 'redis://127.0.0.1:1', readDeadline: 60 } });
    const startedAt = performance.now();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(await cache.getOrSet('k', () => 'w')).toBe('v');
    expect(await cache.set('l', 1)).toBe(true);
    expect(await cache.get('l')).toBe(1);
    expect(await cache.getOrSetMany(['m', 'n'], () => [1, 2])).toEqual(
      new Map([
        ['m', 1],
        ['n', 2],
      ]),
    );
    expect(await cache.delete('k')).toMatchObject({ remote: 'queued' });
    expect(await cache.invalidateTags(['t'])).toMatchObject({ remote: 'queued' });
    expect(await cache.clear()).toMatchObject({ remote: 'queued' });
    expect(await cache.get('l')).toBeUndefined();
    await cache.ready();
    expect(cache.stats().remote!.state).not.toBe('closed');
    await cache.close();
  });

  it('a lease that is granted after the deadline is given back', async () => {
    const cache = await nodes.open(behind({ breaker: { consecutive: 100, failureRate: 1 } }));
    await nodes.load(cache, 'warm', 1);
    const reading = cache.getOrSet('k', () => 'v', { cache: 'refresh' });
    proxy.delay({ down: 120 }, ['store']);
    expect(await reading).toBe('v');
    const again = cache.getOrSet('l', () => 'v', { cache: 'refresh' });
    expect(await again).toBe('v');
    await until(
      'the leases are free',
      async () => (await nodes.raw.exists(nodes.names.lease('k'), nodes.names.lease('l'))) === 0,
      2_000,
    );
  });

  it('the store has its own breaker: a bus that is cut leaves it closed', async () => {
    const cache = await nodes.open(behind());
    const downs = heard(cache, 'remote:down');
    proxy.refuse(['bus']);
    proxy.cut(['bus']);
    await until('the bus is lost', () => cache.stats().remote!.bus === 'lost');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    await nodes.stored('k');
    expect(downs).toEqual([]);
    expect(cache.stats().remote!.state).toBe('closed');
  });

  it('deadlines run by the clock of the cache', async () => {
    const clock = new ManualClock(Date.now());
    const cache = nodes.make({ ...behind(), clock });
    await cache.ready();
    proxy.freeze(['store']);
    let done = false;
    const reading = cache.get('k').then(() => {
      done = true;
    });
    await pause(90);
    expect(done).toBe(false);
    clock.advance(61);
    await reading;
    expect(cache.stats().remote!.timeouts).toBeGreaterThanOrEqual(1);
  });
});
