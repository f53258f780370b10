import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../src/cache/events.js';
import { CacheManager } from '../../src/cache/index.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

const monitors: PerformanceMonitor[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
  expect(heard()).toEqual([]);
});

function world(options: Parameters<typeof monitorWorld>[0] = {}) {
  const made = monitorWorld(options);
  monitors.push(made.monitor);
  return made;
}

/** Events that somebody listens to: for these caches build data. */
const heard = (): string[] => EVENT_NAMES.filter((name) => channel(`hotpath:cache:${name}`).hasSubscribers);
const publish = (event: string, data: object): void => channel(`hotpath:cache:${event}`).publish(data);

describe('a monitor that is off', () => {
  it('listens to no channel, and counts on from where it was once it is on again', async () => {
    const { clock, monitor } = world();
    monitor.subscribeChannels({ hits: true });
    monitor.attach({ cache: new CacheManager({ namespace: 'attached' }) });
    expect(heard()).toEqual(EVENT_NAMES);
    const cache = new CacheManager<number>({ namespace: 'found', clock });
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    await flushMicrotasks();
    monitor.mode = 'off';
    expect(heard()).toEqual([]);
    await cache.get('a');
    await cache.get('b');
    await flushMicrotasks();
    const found = () => monitor.reader.attachments().find(({ name }) => name === 'cache:found');
    expect(found()?.counters).toMatchObject({ hits: 1, misses: 1 });
    monitor.mode = 'observe';
    expect(heard()).toEqual(EVENT_NAMES);
    await cache.get('a');
    await flushMicrotasks();
    expect(found()?.counters).toMatchObject({ hits: 2, misses: 1 });
    monitor.mode = 'on';
    monitor.mode = 'off';
    monitor.mode = 'off';
    expect(heard()).toEqual([]);
  });

  it('from the start listens from when it is on', () => {
    const { monitor } = world({ mode: 'off' });
    const end = monitor.subscribeChannels();
    const detach = monitor.attach({ cache: new CacheManager({ namespace: 'attached' }) });
    expect(heard()).toEqual([]);
    monitor.mode = 'on';
    publish('miss', { namespace: 'found', reason: 'absent' });
    expect(monitor.reader.attachments().map(({ name }) => name)).toEqual(['cache', 'cache:found']);
    end();
    expect(heard()).toEqual(['load:error', 'remote:down', 'remote:up', 'bus:gap']);
    detach();
    expect(heard()).toEqual([]);
  });

  it('does not listen again to what was ended meanwhile, nor after close', async () => {
    const { monitor } = world();
    const end = monitor.subscribeChannels();
    const detach = monitor.attach({ cache: new CacheManager({ namespace: 'attached' }) });
    monitor.mode = 'off';
    end();
    detach();
    monitor.mode = 'on';
    expect(heard()).toEqual([]);
    monitor.subscribeChannels();
    await monitor.close();
    monitor.mode = 'off';
    monitor.mode = 'on';
    expect(heard()).toEqual([]);
  });

  it('claims no state of a cache that it may have missed the end of', () => {
    const { monitor } = world();
    monitor.subscribeChannels();
    publish('remote:down', { namespace: 'a', reason: 'x' });
    const states = () => monitor.reader.attachments()[0]?.states;
    expect(states()).toMatchObject({ remote: 'open' });
    monitor.mode = 'off';
    monitor.mode = 'on';
    expect(states()).toEqual({ hits: 'not counted' });
    publish('remote:up', { namespace: 'a', downMs: 5 });
    expect(states()).toMatchObject({ remote: 'closed' });
  });
});
