import { describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.js';

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
