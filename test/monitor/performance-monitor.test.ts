import { describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { MONITOR_DEFAULTS, PerformanceMonitor } from '../../src/monitor/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

describe('options', () => {
  it.each([
    [{ window: '10s' }, 'window must be a duration of 60000 to 604800000 ms'],
    [{ maxSeries: 0 }, 'maxSeries must be a whole number from 1 to 10000, got 0'],
    [{ interval: 5 }, 'interval must be a duration of 100 to 60000 ms, got 5'],
    [{ operation: '' }, 'must be a string of 1 to 200 characters'],
    [{ mode: 'loud' }, "mode must be 'on', 'off' or 'observe'"],
    [{ prefix: 'my app' }, 'prefix must be letters, digits and _'],
    [{ units: { score: 'points' } }, 'units.score must be one of ms, ratio, count, bytes'],
    [{ sinks: 'slack' }, 'sinks must be a list of alert sinks'],
    [{ sinks: [7] }, 'sinks[0] must be a function'],
    [{ memoryLimitBytes: -1 }, 'memoryLimitBytes must be a number of bytes above 0'],
    [{ targets: { responseTimeP95: 'fast' } }, 'targets.responseTimeP95'],
    [{ profiles: { maxFiles: 0 } }, 'profiles.maxFiles'],
    [{ profileOnBreach: { target: 'speed' } }, 'profileOnBreach.target'],
    [{ colour: 'red' }, 'colour must be absent (options here are operation,'],
  ])('%j are refused by name, expectation and value', (options, message) => {
    expect(() => new PerformanceMonitor(options as never)).toThrow(message);
  });

  it('that are undefined are as if they were absent', async () => {
    const monitor = new PerformanceMonitor({ window: undefined, operation: undefined, targets: undefined } as never);
    expect([monitor.reader.operation, monitor.reader.windowMs]).toEqual([MONITOR_DEFAULTS.operation, 3_600_000]);
    await monitor.close();
  });
});

describe('bad calls', () => {
  it('name what is wrong', () => {
    const { monitor } = monitorWorld();
    for (const bad of [
      () => monitor.recordMetric(7 as never, 1),
      () => monitor.startTimer(''),
      () => monitor.startTimer('ask', 'label' as never),
      () => monitor.series('x'.repeat(201)),
      () => monitor.on('alarm' as never, () => {}),
      () => monitor.on('alert', 'fn' as never),
      () => monitor.mark(''),
      () => monitor.alert({ metric: 'ask', when: {} } as never),
      () => monitor.attach({ cache: {} } as never),
      () => monitor.merge({} as never),
      () => monitor.dashboard({ authorize: 'me' as never }),
    ]) {
      expect(bad).toThrow(InvalidOptionError);
    }
  });
});

describe('events', () => {
  it('tell of alerts, of their end, and of marks', () => {
    const { clock, monitor } = monitorWorld();
    const seen: string[] = [];
    monitor.on('alert', ({ name, value }) => seen.push(`alert ${name} ${value}`));
    monitor.on('resolved', ({ name }) => seen.push(`resolved ${name}`));
    const off = monitor.on('mark', ({ name, metadata }) => seen.push(`mark ${name} ${JSON.stringify(metadata)}`));
    monitor.alert({ name: 'slow', metric: 'ask', stat: 'max', window: '5s', when: { above: 100 } });
    monitor.mark('deploy', { version: 2 });
    off();
    monitor.mark('unheard');
    monitor.series('ask', undefined, { unit: 'ms' }).record(500);
    clock.advance(1_000);
    clock.advance(20_000);
    expect(seen).toEqual(['mark deploy {"version":2}', 'alert slow 500', 'resolved slow']);
    expect(monitor.alertHistory()).toMatchObject([{ name: 'slow', resolvedAt: expect.any(Number) }]);
    expect(monitor.reader.marks().map(({ name }) => name)).toEqual(['deploy', 'unheard']);
  });

  it('with listeners that throw do not reach the caller', async () => {
    const { monitor, errors } = monitorWorld();
    monitor.on('mark', () => {
      throw new Error('listener');
    });
    monitor.on('mark', async () => Promise.reject(new Error('async listener')));
    monitor.mark('deploy');
    await flushMicrotasks();
    expect(errors.map(({ during }) => during)).toEqual(["a listener of 'mark'", "a listener of 'mark'"]);
  });

  it('say once for each name that there was no room for it', () => {
    const { monitor } = monitorWorld({ maxSeries: 2 });
    const names: string[] = [];
    monitor.on('overflow', ({ name }) => names.push(name));
    for (let i = 0; i < 10; i++) monitor.recordMetric(`m${i % 4}`, i);
    expect(names).toEqual(['m2', 'm3']);
    expect(monitor.reader.troubles()).toMatchObject({ overflowed: 4, maxSeries: 2 });
  });
});

describe('observe mode', () => {
  it('raises no alerts, and goes on recording', () => {
    const { clock, monitor } = monitorWorld({ mode: 'observe' });
    const seen: string[] = [];
    monitor.on('alert', ({ name }) => seen.push(name));
    monitor.alert({ name: 'any', metric: 'ask', stat: 'count', when: { above: 0 } });
    monitor.recordMetric('ask', 1);
    clock.advance(5_000);
    expect([seen, monitor.getMetricStats('ask')?.count]).toEqual([[], 1]);
    monitor.mode = 'on';
    clock.advance(1_000);
    expect(seen).toEqual(['any']);
  });
});

describe('other modules', () => {
  it('are attached by name and read at every tick', async () => {
    const { clock, monitor } = monitorWorld();
    const cache = new CacheManager<number>({ clock });
    const detach = monitor.attach({ reports: cache });
    await cache.getOrSet('a', async () => 1);
    await cache.getOrSet('a', async () => 1);
    clock.advance(1_000);
    expect(monitor.reader.attachments()).toMatchObject([
      { name: 'reports', kind: 'cache', counters: { hits: 1, misses: 1 } },
    ]);
    expect(monitor.prometheus()).toContain('hotpath_cache_hits_total{name="reports"} 1');
    detach();
    expect(monitor.reader.attachments()).toEqual([]);
    await cache.close();
  });
});
