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
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({ ...behind(), clock });
    const misses = heard(cache, 'miss');
    proxy.freeze(['store']);
    let done = false;
    const reading = cache
      .getOrSet('k', () => 'v')
      .finally(() => {
        done = true;
      });
    await pause(10);
    clock.advance(59);
    await pause(10);
    expect(done).toBe(false);
    // A lease would have a deadline of its own.
    clock.advance(1);
    expect(await reading).toBe('v');
    expect(misses).toEqual([{ key: 'k', reason: 'deadline' }]);
    expect(cache.stats().remote).toMatchObject({ timeouts: 1, state: 'closed' });
    // Kept in memory.
    expect(cache.peek('k')).toBe('v');
  });

  it('all reads and writes end at their deadlines while the server stands still', async () => {
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({ ...behind({ breaker: { consecutive: 1_000, failureRate: 1 } }), clock });
    proxy.freeze(['store']);
    const calls = [
      cache.get('a'),
      cache.getEntry('a'),
      cache.getMany(['a', 'b']),
      cache.getOrSetMany(['a', 'b'], () => [1, 2]),
      cache.set('c', 1),
      cache.delete('d'),
      cache.invalidateTags(['t']),
      cache.invalidate('p*'),
      cache.invalidate('*p'),
      cache.clear(),
      cache.delete('e', { soft: true }),
    ];
    let ended = 0;
    for (const call of calls) void call.then(() => ended++);
    await pause(10);
    clock.advance(90);
    // A glob that can't be swept becomes a clear, a soft delete a hard one: two deadlines.
    await until('all others have ended', () => ended === calls.length - 2);
    await pause(10);
    clock.advance(90);
    await Promise.all(calls);
    const late = cache.set('x', undefined);
    await pause(10);
    clock.advance(90);
    expect(await late).toBe(false);
  });

  it('failures in a row open the breaker: calls fail fast, and one probe closes it', async () => {
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({ ...behind({ writeDeadline: '5s' }), clock });
    const events: string[] = [];
    cache.on('remote:down', ({ reason }) => events.push(`down: ${reason}`));
    cache.on('remote:up', ({ downMs }) => events.push(downMs > 0 ? 'up' : 'up at once'));
    const misses = heard(cache, 'miss');
    proxy.freeze(['store']);
    for (let i = 0; i < 5; i++) {
      const read = cache.get(`k${i}`);
      await pause(5);
      clock.advance(60);
      await read;
    }
    expect(cache.stats().remote!.state).not.toBe('closed');
    // The clock stands still: no deadline passes meanwhile.
    for (let i = 0; i < 50; i++) expect(await cache.getOrSet(`fast${i}`, () => i)).toBe(i);
    expect(new Set(misses.slice(5).map(({ reason }) => reason))).toEqual(new Set(['breaker']));
    expect(cache.stats().remote!.refused).toBeGreaterThanOrEqual(50);
    expect(events).toEqual(['down: 5 failures in a row']);
    proxy.thaw(['store']);
    await until('it is up', () => {
      clock.advance(1);
      return cache.stats().remote!.state === 'closed';
    });
    expect(events).toEqual(['down: 5 failures in a row', 'up']);
    expect(await cache.getOrSet('after', () => 'v')).toBe('v');
    await nodes.stored('after');
  });

  it('a broken connection opens it at once, and the next one closes it', async () => {
    const clock = new ManualClock(Date.now());
    const cache = await nodes.open({ ...behind(), clock });
    const down = heard(cache, 'remote:down');
    proxy.refuse();
    proxy.cut();
    await until('it is down', () => down.length === 1);
    expect(down).toEqual([{ reason: 'the connection is lost' }]);
    for (let i = 0; i < 20; i++) expect(await cache.getOrSet(`k${i}`, () => i)).toBe(i);
    proxy.accept();
    await until('it is up', () => {
      clock.advance(1);
      return cache.stats().remote!.state === 'closed';
    });
    await cache.getOrSet('after', () => 'v');
    await nodes.stored('after');
  });

  it('an unreachable server is no error of the constructor, nor of any call', async () => {
    const cache = nodes.make({ remote: { store: 'redis://127.0.0.1:1', readDeadline: 60 } });
    const startedAt = performance.now();
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
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
    const cache = await nodes.open(
      behind({ readDeadline: 300, writeDeadline: '5s', breaker: { consecutive: 100, failureRate: 1 } }),
    );
    await nodes.load(cache, 'warm', 1);
    const reading = cache.getOrSet('k', () => 'v', { cache: 'refresh' });
    proxy.delay({ down: 450 }, ['store']);
    expect(await reading).toBe('v');
    const again = cache.getOrSet('l', () => 'v', { cache: 'refresh' });
    expect(await again).toBe('v');
    await until(
      'the leases are free',
      async () => (await nodes.raw.exists(nodes.names.lease('k'), nodes.names.lease('l'))) === 0,
    );
  });

  it('the store has its own breaker: a bus that is cut leaves it closed', async () => {
    const cache = await nodes.open(behind({ readDeadline: '5s', writeDeadline: '5s' }));
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
