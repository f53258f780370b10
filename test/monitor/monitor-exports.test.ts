import { describe, expect, it } from 'vitest';
import { serverTiming } from '../../src/monitor/index.js';
import { monitorWorld } from './monitor-world.js';

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
