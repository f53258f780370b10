import { describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.js';

const MINUTE = 60_000;

describe('demand', () => {
  it('is counted by the minute: what began, what ended, what was under way when it began', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    const long = monitor.startTimer('ask');
    monitor.startTimer('ask').end();
    clock.advance(3 * MINUTE);
    long.end();
    clock.advance(30_000);
    const slots = monitor.reader
      .demand('ask')
      .map(({ ms, started, ended, inFlight }) => [ms, started, ended, inFlight]);
    expect(slots).toEqual([
      [MINUTE, 2, 1, 0],
      [MINUTE, 0, 0, 1],
      [MINUTE, 0, 0, 1],
      [30_000, 0, 1, 1],
    ]);
  });

  it('tells what failed from what was answered, and how long the quickest of these took', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    const timers = Array.from({ length: 4 }, () => monitor.startTimer('ask'));
    clock.advance(10);
    timers[0]!.end({ error: new Error('no') });
    clock.advance(30);
    timers[1]!.end();
    clock.advance(MINUTE);
    timers[2]!.end({ labels: { error: 'timeout' } });
    expect(monitor.reader.demand('ask').map(({ ended, failed, quickestMs }) => [ended, failed, quickestMs])).toEqual([
      [2, 1, 40],
      [1, 1, null],
    ]);
  });

  it('tells which of those that began in a minute are still under way, and how long none has begun', () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    const timers = Array.from({ length: 3 }, () => monitor.startTimer('ask'));
    clock.advance(20_000);
    timers.push(monitor.startTimer('ask'));
    clock.advance(70_000);
    timers[0]!.end();
    timers[3]!.end();
    monitor.startTimer('ask');
    clock.advance(MINUTE);
    expect(monitor.reader.demand('ask').map(({ open, idleMs }) => [open, idleMs])).toEqual([
      [2, 0],
      [1, 40_000],
      [0, 30_000],
    ]);
    // Those of minutes that are forgotten are still under way.
    clock.advance(100 * MINUTE);
    timers[1]!.end();
    expect(monitor.reader.demand('ask').every(({ open }) => open === 0)).toBe(true);
    expect(monitor.reader.inFlight('ask')).toBe(2);
  });

  it('is counted for the operation however many other timers there are', () => {
    const { monitor } = monitorWorld({ operation: 'ask', maxSeries: 3 });
    for (let i = 0; i < 10; i++) monitor.startTimer(`other ${i}`);
    monitor.startTimer('ask');
    expect(monitor.reader.inFlight('ask')).toBe(1);
    expect(monitor.reader.inFlight('other 2')).toBe(1);
    expect(monitor.reader.inFlight('other 9')).toBe(0);
  });

  it('holds an hour, and no more', () => {
    const { clock, monitor } = monitorWorld();
    for (let minute = 0; minute < 100; minute++) {
      monitor.startTimer('request').end();
      clock.advance(MINUTE);
    }
    const slots = monitor.reader.demand('request');
    expect(slots).toHaveLength(61);
    expect(slots.slice(-2).map(({ quickestMs }) => quickestMs)).toEqual([0, null]);
    expect(slots.reduce((sum, { ended }) => sum + ended, 0)).toBe(60);
    clock.advance(1_000 * MINUTE);
    expect(monitor.reader.demand('request').every(({ started, ended }) => started + ended === 0)).toBe(true);
  });

  it('takes in what is recorded without a timer, and what is merged, beside timers of its own', () => {
    const worker = monitorWorld({ operation: 'ask' });
    for (let i = 0; i < 590; i++) worker.monitor.startTimer('ask').end();
    for (let i = 0; i < 10; i++) worker.monitor.startTimer('ask').end({ error: new Error('no') });
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    monitor.startTimer('ask').end();
    monitor.recordMetric('ask', 5);
    monitor.startTimer('ask').end({ error: new Error('no') });
    monitor.merge(worker.monitor.export());
    clock.advance(MINUTE);
    expect(monitor.reader.demand('ask').map(({ started, ended, failed }) => [started, ended, failed])).toEqual([
      [603, 603, 11],
      [0, 0, 0],
    ]);
    clock.advance(10_000);
    expect(monitor.checkPerformanceTargets()['throughputPerMinute']).toMatchObject({
      ...{ met: true, actual: 592, samples: 603 },
      reason: '1 % of them failed',
    });
  });
});
