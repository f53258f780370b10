import { describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { MONITOR_DEFAULTS, PerformanceMonitor, serverTiming } from '../../src/monitor/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

describe('getMetricStats', () => {
  it('is null when nothing was recorded, and otherwise says what it covers', () => {
    const { clock, monitor } = monitorWorld();
    expect(monitor.getMetricStats('ask')).toBeNull();
    for (let i = 1; i <= 200; i++) monitor.recordMetric('ask', i);
    clock.advance(30_000);
    const stats = monitor.getMetricStats('ask');
    expect(stats).toMatchObject({
      unit: 'count',
      count: 200,
      min: 1,
      max: 200,
      mean: 100.5,
      windowMs: 30_000,
      ratePerMinute: 400,
    });
    expect([stats?.p50, stats?.p90, stats?.p95, stats?.p99]).toEqual([100, 180, 190, 198]);
    clock.advance(3_600_000 + 60_000);
    expect(monitor.getMetricStats('ask')).toBeNull();
  });

  it('says which percentiles rest on too few values', () => {
    const { monitor } = monitorWorld();
    const low = (values: number): readonly string[] | undefined => {
      while ((monitor.getMetricStats('n')?.count ?? 0) < values) monitor.recordMetric('n', 5);
      return monitor.getMetricStats('n')?.lowConfidence;
    };
    expect(low(1)).toEqual(['p50', 'p90', 'p95', 'p99']);
    expect(low(2)).toEqual(['p90', 'p95', 'p99']);
    expect(low(10)).toEqual(['p95', 'p99']);
    expect(low(20)).toEqual(['p99']);
    expect(low(99)).toEqual(['p99']);
    expect(low(100)).toEqual([]);
  });

  it('refuses windows it does not have', () => {
    const { monitor } = monitorWorld({ window: '10m' });
    expect(() => monitor.getMetricStats('ask', { window: '1h' })).toThrow(
      "window must be at most the monitor's own, 600000 ms",
    );
    expect(() => monitor.getMetricStats('ask', { window: 0 })).toThrow(InvalidOptionError);
    expect(monitor.getMetricStats('ask', { window: '10m' })).toBeNull();
  });
});

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
      () => monitor.attach({ cache: {} }),
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

describe('the ticker', () => {
  it('records the process, and how late it runs', () => {
    const { clock, monitor } = monitorWorld({ interval: '1s' });
    expect(monitor.reader.resources()).toBeNull();
    clock.advance(10_000);
    expect(monitor.getMetricStats('process_memory')).toMatchObject({ count: 10, unit: 'ratio' });
    expect(monitor.getMetricStats('event_loop_delay')).toMatchObject({ count: 10, max: 0, unit: 'ms' });
    expect(monitor.reader.resources()?.limitBytes).toBeGreaterThan(0);
  });

  it('survives a reader that throws, and reports it', () => {
    let broken = true;
    const limits = {
      readFile: () => undefined,
      totalMemory: () => 2 ** 30,
      constrainedMemory: () => 0,
      parallelism: () => 2,
      heapLimit: () => 2 ** 29,
    };
    const processReader = {
      ...{ limits, cpuMs: () => 0, loop: () => ({ idleMs: 1, activeMs: 1 }), external: () => 0, rss: () => 2 ** 20 },
      heapUsed: () => {
        if (broken) throw new Error('no heap');
        return 2 ** 20;
      },
    };
    const { clock, monitor, errors } = monitorWorld({ processReader });
    clock.advance(3_000);
    broken = false;
    clock.advance(1_000);
    expect(errors[0]).toMatchObject({ during: 'reading the process', error: { message: 'no heap' } });
    expect(monitor.reader.resources()?.heapUsedBytes).toBe(2 ** 20);
  });

  it('raises no alerts in observe mode, and goes on recording', () => {
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

describe('targets', () => {
  it('are measured, and null without data', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    expect(monitor.checkPerformanceTargets()).toMatchObject({
      responseTimeP95: { met: null, actual: null, target: 3_000, unit: 'ms' },
      throughputPerMinute: { met: null, target: 100 },
      memoryUsage: { met: null },
      cpuUsage: { met: null },
    });
    for (let second = 0; second < 180; second++) {
      for (let i = 0; i < 3; i++) {
        const timer = monitor.startTimer('ask');
        clock.advance(100);
        timer.end();
      }
      clock.advance(700);
    }
    const targets = monitor.checkPerformanceTargets();
    expect(targets).toMatchObject({
      responseTimeP95: { met: true, actual: 100, samples: 540, confidence: 'high' },
      throughputPerMinute: { met: true, actual: 180 },
      memoryUsage: { met: true },
    });
    expect(Object.values(targets).every(({ reason, met }) => met !== null || reason !== undefined)).toBe(true);
  });

  it('judge the response time exactly, at the very edge too', () => {
    const judge = (within: number, over: number) => {
      const { monitor } = monitorWorld({ operation: 'ask', units: { ask: 'ms' } });
      for (let i = 0; i < within; i++) monitor.recordMetric('ask', 3_000);
      for (let i = 0; i < over; i++) monitor.recordMetric('ask', 3_000.5);
      return monitor.checkPerformanceTargets()['responseTimeP95'];
    };
    expect(judge(95, 5)).toMatchObject({ met: true, actual: 3_000 });
    expect(judge(94, 6)).toMatchObject({ met: false, actual: expect.closeTo(3_000.5, 1) });
  });

  it('take durations recorded without timers as requests too', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask', units: { ask: 'ms' } });
    for (let i = 0; i < 400; i++) {
      monitor.recordMetric('ask', 4_000);
      clock.advance(500);
    }
    expect(monitor.checkPerformanceTargets()).toMatchObject({
      responseTimeP95: { met: false, actual: 4_000 },
      throughputPerMinute: { met: true, actual: expect.closeTo(120, 0) },
    });
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

describe('exports', () => {
  it('of workers are merged, each value once, and never their own', () => {
    const primary = monitorWorld();
    const worker = monitorWorld();
    worker.monitor.series('ask', { tier: 'pro' }, { unit: 'ms' }).record(250);
    const first = JSON.parse(JSON.stringify(worker.monitor.export()));
    expect(primary.monitor.merge(first)).toEqual({ added: 1, skipped: 0 });
    expect(primary.monitor.merge(first)).toEqual({ added: 0, skipped: 0 });
    worker.clock.advance(10);
    worker.monitor.recordMetric('ask', 750, { tier: 'pro' });
    expect(primary.monitor.merge(worker.monitor.export()).added).toBe(1);
    expect(primary.monitor.getMetricStats('ask', { labels: { tier: 'pro' } })).toMatchObject({
      count: 2,
      sum: 1_000,
      unit: 'ms',
    });
    expect(primary.monitor.merge(primary.monitor.export())).toEqual({ added: 0, skipped: 0 });
  });

  it('of a name that has another unit here are skipped, and said to be', () => {
    const primary = monitorWorld({ units: { ask: 'count' } });
    const worker = monitorWorld();
    primary.monitor.recordMetric('ask', 1);
    worker.monitor.series('ask', undefined, { unit: 'ms' }).record(250);
    expect(primary.monitor.merge(worker.monitor.export())).toEqual({ added: 0, skipped: 1 });
  });

  it('come as report, Markdown and HTML', () => {
    const { clock, monitor } = monitorWorld();
    monitor.startTimer('request').end();
    clock.advance(1_000);
    expect(JSON.parse(JSON.stringify(monitor.getPerformanceReport()))).toBeTypeOf('object');
    expect(monitor.toMarkdown()).toContain('request');
    expect(monitor.toHtml()).toMatch(/^<!doctype html>/i);
  });

  it('tell a browser where the time went', () => {
    const { clock, monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    timer.stage('retrieve');
    clock.advance(20);
    timer.stage('model');
    clock.advance(900);
    expect(serverTiming(timer, { cache: 'miss' })).toBe(
      'total;dur=920, cache;desc=miss, retrieve;dur=20, model;dur=900',
    );
  });
});
