import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const count = (monitor: PerformanceMonitor, name: string, labels?: Record<string, string>) =>
  monitor.getMetricStats(name, labels && { labels })?.count ?? 0;

describe('time', () => {
  it('of a sync function is that of its return, and its result is answered as it is', () => {
    const { clock, monitor } = monitorWorld();
    const answer = { rows: 3 };
    const result = monitor.time('load', () => {
      clock.advance(12);
      return answer;
    });
    expect(result).toBe(answer);
    expect(monitor.getMetricStats('load')).toMatchObject({ count: 1, max: 12 });
  });

  it('of a promise is that of its settling', async () => {
    const { clock, monitor } = monitorWorld();
    let settle!: (value: string) => void;
    const result = monitor.time(
      'load',
      () =>
        new Promise<string>((resolve) => {
          settle = resolve;
        }),
    );
    clock.advance(40);
    expect(monitor.reader.inFlight('load')).toBe(1);
    settle('done');
    expect(await result).toBe('done');
    expect(monitor.getMetricStats('load')).toMatchObject({ count: 1, max: 40 });
    expect(monitor.reader.inFlight('load')).toBe(0);
  });

  it('of what fails is counted under the error, which goes through untouched', async () => {
    const { monitor } = monitorWorld();
    const error = new RangeError('no');
    expect(() =>
      monitor.time('load', () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(monitor.time('load', () => Promise.reject(error))).rejects.toBe(error);
    await expect(monitor.time('load', () => Promise.reject(undefined))).rejects.toBeUndefined();
    expect(count(monitor, 'load', { error: 'RangeError' })).toBe(2);
    expect(count(monitor, 'load', { error: '' })).toBe(0);
    expect(count(monitor, 'load')).toBe(3);
  });

  it('hands the timer to the function, for stages', async () => {
    const { clock, monitor } = monitorWorld();
    await monitor.time('ask', async (timer) => {
      timer.stage('sql');
      clock.advance(5);
      await null;
    });
    expect(monitor.getMetricStats('ask_stage', { labels: { stage: 'sql' } })).toMatchObject({ count: 1, max: 5 });
  });
});

describe('monitorPerformance', () => {
  it('labels a call by its arguments and its result', async () => {
    const { monitor } = monitorWorld();
    const ask = monitorPerformance(monitor, 'ask', ([question]: [string], result: { cached: boolean } | undefined) => ({
      long: question.length > 3,
      cached: result?.cached ?? 'unknown',
    }))(async (question: string) => {
      if (question === '') throw new Error('empty');
      return { cached: question === 'hi' };
    });
    await ask('hi');
    await ask('hello');
    await ask('').catch(() => {});
    expect(count(monitor, 'ask', { long: 'false', cached: 'true' })).toBe(1);
    expect(count(monitor, 'ask', { long: 'true', cached: 'false' })).toBe(1);
    expect(count(monitor, 'ask', { cached: 'unknown', error: 'Error' })).toBe(1);
  });

  it('counts a call without labels when their callback throws, and reports it', () => {
    const { monitor, errors } = monitorWorld();
    const ask = monitorPerformance(monitor, 'ask', () => {
      throw new Error('bad callback');
    })(() => 7);
    expect(ask()).toBe(7);
    expect(count(monitor, 'ask')).toBe(1);
    expect(errors).toMatchObject([{ error: { message: 'bad callback' }, during: "the labels of 'ask'" }]);
  });

  it('keeps the receiver, the name and the length of what it wraps', () => {
    const { monitor } = monitorWorld();
    const service = {
      factor: 3,
      times(n: number) {
        return n * this.factor;
      },
    };
    service.times = monitorPerformance(monitor, 'times')(service.times);
    expect([service.times(4), service.times.name, service.times.length]).toEqual([12, 'times', 1]);
  });

  it('refuses what is no monitor, no name and no function', () => {
    const { monitor } = monitorWorld();
    expect(() => monitorPerformance({} as never, 'ask')).toThrow(
      'must be a PerformanceMonitor or (self) => PerformanceMonitor',
    );
    expect(() => monitorPerformance(monitor, '')).toThrow('name must be a string of 1 to 200 characters');
    expect(() => monitorPerformance(monitor, 'ask', 'fast' as never)).toThrow('labels must be an object');
    expect(() => monitorPerformance(monitor, 'ask')(7 as never)).toThrow('wraps functions and methods');
  });
});

describe('a monitor that is off', () => {
  it('runs what it is given and records nothing', async () => {
    const { clock, monitor } = monitorWorld({ mode: 'off' });
    expect(clock.pendingTimers).toBe(0);
    const ask = monitorPerformance(monitor, 'ask')(async (n: number) => n + 1);
    expect(await ask(1)).toBe(2);
    expect(monitor.time('ask', () => 5)).toBe(5);
    const timer = monitor.startTimer('ask');
    timer.stage('x');
    expect(timer.end()).toBe(0);
    const bound = monitor.series('tokens');
    bound.record(3);
    monitor.recordMetric('tokens', 3);
    monitor.mark('deploy');
    expect([count(monitor, 'ask'), count(monitor, 'tokens'), monitor.reader.marks().length]).toEqual([0, 0, 0]);
    monitor.mode = 'on';
    expect(clock.pendingTimers).toBe(1);
    bound.record(3);
    await ask(1);
    expect([count(monitor, 'ask'), count(monitor, 'tokens')]).toEqual([1, 1]);
    monitor.mode = 'off';
    expect(clock.pendingTimers).toBe(0);
    expect(() => {
      monitor.mode = 'maybe' as never;
    }).toThrow("mode must be 'on', 'off' or 'observe'");
  });
});

describe('a closed monitor', () => {
  it('records nothing more, and can still be read', async () => {
    const { clock, monitor } = monitorWorld();
    monitor.recordMetric('tokens', 3);
    const timer = monitor.startTimer('ask');
    await monitor.close();
    await monitor.close();
    timer.end();
    monitor.recordMetric('tokens', 4);
    monitor.mode = 'on';
    expect(clock.pendingTimers).toBe(0);
    expect(monitor.getMetricStats('tokens')).toMatchObject({ count: 1, max: 3 });
    expect(monitor.prometheus()).toContain('hotpath_tokens_count 1');
  });
});
