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

  describe('of a service that fails', () => {
    /** 200 requests a minute for three minutes, of which these fail at once. */
    const judged = (fails: (i: number) => boolean) => {
      const { clock, monitor } = monitorWorld({ operation: 'ask', targets: { responseTimeP95: '1s' } });
      for (let i = 0; i < 600; i++) {
        const timer = monitor.startTimer('ask');
        clock.advance(fails(i) ? 1 : 250);
        timer.end(fails(i) ? { error: new Error('down') } : {});
        clock.advance(fails(i) ? 299 : 50);
      }
      return monitor.checkPerformanceTargets();
    };

    it('are missed when nothing is answered', () => {
      const all = { met: false, confidence: 'high', samples: 600, reason: 'all of them failed' };
      expect(judged(() => true)).toMatchObject({
        responseTimeP95: { ...all, actual: null },
        throughputPerMinute: { ...all, actual: 0 },
      });
    });

    it('are judged by what is answered, and say how much failed', () => {
      const reason = '66 % of them failed';
      expect(judged((i) => i % 3 > 0)).toMatchObject({
        responseTimeP95: { met: true, samples: 200, reason },
        throughputPerMinute: { met: false, actual: expect.closeTo(200 / 3, 0), reason },
      });
      expect(judged((i) => i % 3 > 0)['responseTimeP95']!.actual).toBeCloseTo(250, -1);
    });

    it('say nothing of a failure now and then', () => {
      const targets = judged((i) => i % 150 === 0);
      expect(targets['responseTimeP95']).not.toHaveProperty('reason');
      expect(targets['throughputPerMinute']).not.toHaveProperty('reason');
      expect(targets['throughputPerMinute']!.actual).toBeLessThan(200);
      expect(judged((i) => i % 90 === 0)['responseTimeP95']).toMatchObject({ reason: '1 % of them failed' });
    });

    it('raise an alert when nothing is answered', () => {
      const { clock, monitor } = monitorWorld({ operation: 'ask' });
      const seen: string[] = [];
      monitor.on('alert', ({ name }) => seen.push(name));
      monitor.alert({ name: 'time', target: 'responseTimeP95' });
      monitor.alert({ name: 'throughput', target: 'throughputPerMinute' });
      for (let second = 0; second < 420; second++) {
        for (let i = 0; i < 3; i++) monitor.startTimer('ask');
        if (second === 60) monitor.startTimer('ask').end({ error: new Error('down') });
        clock.advance(1_000);
      }
      expect(seen).toEqual(['time', 'throughput']);
    });
  });

  it('are judged whatever other series use up all places in the first second', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask', maxSeries: 50 });
    for (let user = 0; user < 100; user++) monitor.recordMetric('visits', 1, { user });
    for (let i = 0; i < 100; i++) monitor.startTimer(`other ${i}`).end();
    for (let second = 0; second < 120; second++) {
      for (let i = 0; i < 3; i++) {
        const timer = monitor.startTimer('ask');
        clock.advance(100);
        timer.end(i === 2 ? { error: new Error('no') } : {});
      }
      clock.advance(700);
    }
    expect(monitor.checkPerformanceTargets()).toMatchObject({
      responseTimeP95: { met: true, actual: 100 },
      throughputPerMinute: { met: true, actual: 120 },
      memoryUsage: { met: expect.any(Boolean), samples: 120 },
      cpuUsage: { met: expect.any(Boolean), samples: 120 },
    });
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
