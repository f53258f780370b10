import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const world = monitorWorld();

class Reports {
  constructor(readonly monitor: PerformanceMonitor) {}

  @monitorPerformance(world.monitor, 'fixed', { kind: 'sync' })
  add(a: number, b: number): number {
    return a + b;
  }

  @monitorPerformance((self: Reports) => self.monitor, 'load')
  async load(year: number): Promise<number> {
    return year;
  }

  @monitorPerformance((self: Reports) => self.monitor, 'rows')
  async *rows(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
}

describe('monitorPerformance as a standard decorator', () => {
  it('times sync, promise and iterator methods of each instance in its own monitor', async () => {
    const first = monitorWorld().monitor;
    const second = monitorWorld().monitor;
    const reports = new Reports(first);
    expect(reports.add(1, 2)).toBe(3);
    expect(await reports.load(2020)).toBe(2020);
    const rows: number[] = [];
    for await (const row of new Reports(second).rows()) rows.push(row);
    expect(rows).toEqual([1, 2]);
    expect(world.monitor.getMetricStats('fixed', { labels: { kind: 'sync' } })?.count).toBe(1);
    expect([first.getMetricStats('load')?.count, first.getMetricStats('rows')]).toEqual([1, null]);
    expect([second.getMetricStats('load'), second.getMetricStats('rows')?.count]).toEqual([null, 1]);
    expect(second.getMetricStats('rows_between_chunks')?.count).toBe(1);
  });

  it('runs a method untimed whose receiver has no monitor', async () => {
    const reports = new Reports(undefined as never);
    expect(await reports.load(1)).toBe(1);
  });
});
