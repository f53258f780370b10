import { afterEach, describe, expect, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import type { CustomTarget } from '../../src/monitor/targets/custom-target.js';
import { monitorWorld } from './monitor-world.js';
import { snapshotOf } from './snapshot-of.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let open: PerformanceMonitor[] = [];
afterEach(async () => {
  for (const monitor of open) await monitor.close();
  open = [];
});

/** A monitor that was just made. */
function youngMonitor(target?: CustomTarget): ReturnType<typeof monitorWorld> & { record(count: number): void } {
  const world = monitorWorld(target === undefined ? {} : { targets: { own: target } });
  open.push(world.monitor);
  const record = (count: number): void => {
    for (let i = 0; i < count; i++) world.monitor.recordMetric('jobs', 1);
  };
  return { ...world, record };
}

describe('a rate a minute', () => {
  it('has low confidence until a minute is covered, or what was asked for where that is less', () => {
    const { clock, monitor, record } = youngMonitor();
    const isThin = (window?: number): boolean =>
      monitor.getMetricStats('jobs', window === undefined ? {} : { window })!.lowConfidence.includes('ratePerMinute');
    const seen = [0, 9, 10, 59, 60].map((second) => {
      clock.advance(second * SECOND - (clock.now() - monitor.reader.startedAt));
      record(2);
      return [isThin(), isThin(10 * SECOND), isThin(5 * MINUTE)];
    });
    expect(seen.slice(0, 2)).toEqual([
      [true, true, true],
      [true, true, true],
    ]);
    // Of the shorter window nothing is missing any more.
    expect(seen.slice(2)).toEqual([
      [true, false, true],
      [true, false, true],
      [false, false, false],
    ]);
  });

  it('is not worked out from less than a second', () => {
    const { clock, monitor, record } = youngMonitor();
    const rate = (): number => monitor.getMetricStats('jobs')!.ratePerMinute;
    record(1);
    expect(rate()).toBe(60);
    clock.advance(500);
    expect(rate()).toBe(60);
    clock.advance(1_500);
    expect(rate()).toBe(30);
  });

  it('is worked out from less than a second where that was asked for', () => {
    const { clock, monitor } = monitorWorld({ window: '1m' });
    open.push(monitor);
    clock.advance(MINUTE);
    monitor.recordMetric('jobs', 1);
    const stats = monitor.getMetricStats('jobs', { window: '100ms' })!;
    expect(stats.windowMs).toBeLessThan(200);
    expect(stats.ratePerMinute).toBe(MINUTE / stats.windowMs);
    expect(stats.lowConfidence).not.toContain('ratePerMinute');
  });

  it('is marked on the page and in the report', () => {
    const { clock, monitor, record } = youngMonitor();
    record(11);
    clock.advance(SECOND);
    const figures = () => snapshotOf(monitor.reader).series.find(({ name }) => name === 'jobs')!.stats.all!;
    expect(figures().lowConfidence).toContain('ratePerMinute');
    expect(monitor.toMarkdown()).toContain('| jobs | 11 | 660 (less than a minute) |');
    clock.advance(MINUTE);
    expect(figures().lowConfidence).not.toContain('ratePerMinute');
    expect(monitor.toMarkdown()).toMatch(/\| jobs \| 11 \| 10\.8 \|/);
  });
});

describe('an alert on a rate', () => {
  it('does not fire by the first requests of a young monitor', () => {
    const { clock, monitor, record } = youngMonitor();
    monitor.alert({ metric: 'jobs', stat: 'ratePerMinute', when: { above: 600 } });
    record(11);
    clock.advance(59 * SECOND);
    expect(monitor.alertHistory()).toEqual([]);
    expect(monitor.reader.alerts()).toMatchObject([{ state: 'inactive', value: null }]);
    clock.advance(SECOND);
    expect(monitor.reader.alerts()).toMatchObject([{ state: 'inactive', value: 11 }]);
    record(700);
    clock.advance(SECOND);
    expect(monitor.reader.alerts()).toMatchObject([{ state: 'firing' }]);
  });

  it('does not fire for what could not have come yet', () => {
    const { clock, monitor, record } = youngMonitor();
    const rule = { metric: 'jobs', minCount: 0 } as const;
    monitor.alert({ ...rule, name: 'rate', stat: 'ratePerMinute', when: { below: 5 } });
    monitor.alert({ ...rule, name: 'count', stat: 'count', when: { below: 5 }, window: '2m' });
    const states = (): string[] => monitor.reader.alerts().map(({ state }) => state);
    clock.advance(59 * SECOND);
    expect(states()).toEqual(['inactive', 'inactive']);
    clock.advance(SECOND);
    expect(states()).toEqual(['firing', 'inactive']);
    clock.advance(MINUTE);
    expect(states()).toEqual(['firing', 'firing']);
    record(6);
    clock.advance(SECOND);
    expect(states()).toEqual(['firing', 'inactive']);
  });

  it('fires at once by a count that is too large: it will not become less', () => {
    const { clock, monitor, record } = youngMonitor();
    monitor.alert({ metric: 'jobs', stat: 'count', when: { above: 10 } });
    record(11);
    clock.advance(SECOND);
    expect(monitor.reader.alerts()).toMatchObject([{ state: 'firing', value: 11 }]);
  });
});

describe('a target for a rate or a count', () => {
  it('has no verdict on a rate until a minute has passed', () => {
    const { clock, monitor, record } = youngMonitor({ metric: 'jobs', stat: 'ratePerMinute', max: 600 });
    const own = () => monitor.checkPerformanceTargets()['own'];
    record(11);
    clock.advance(SECOND);
    expect(own()).toMatchObject({ met: null, actual: 660, confidence: 'low' });
    expect(own()!.reason).toBe('the monitor has run for 1 s only');
    clock.advance(59 * SECOND);
    expect(own()).toMatchObject({ met: true, actual: 11, confidence: 'high' });
  });

  it('has none on a count that is too small yet, and one as soon as it is large enough', () => {
    const { clock, monitor, record } = youngMonitor({ metric: 'jobs', stat: 'count', min: 5, window: '5m' });
    const met = (): boolean | null => monitor.checkPerformanceTargets()['own']!.met;
    record(4);
    clock.advance(MINUTE);
    expect(met()).toBeNull();
    record(1);
    expect(met()).toBe(true);
    clock.advance(5 * MINUTE);
    record(1);
    expect(met()).toBe(false);
  });
});
