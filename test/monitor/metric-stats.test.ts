import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
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
    const { clock, monitor } = monitorWorld();
    clock.advance(60_000);
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

  it('says that a rate rests on too little while less than a minute is covered', () => {
    const { clock, monitor } = monitorWorld();
    for (let i = 0; i < 100; i++) monitor.recordMetric('n', 5);
    clock.advance(59_999);
    expect(monitor.getMetricStats('n')?.lowConfidence).toEqual(['ratePerMinute']);
    clock.advance(1);
    expect(monitor.getMetricStats('n')?.lowConfidence).toEqual([]);
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
