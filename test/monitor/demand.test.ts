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

  it('holds an hour, and no more', () => {
    const { clock, monitor } = monitorWorld();
    for (let minute = 0; minute < 100; minute++) {
      monitor.startTimer('request').end();
      clock.advance(MINUTE);
    }
    const slots = monitor.reader.demand('request');
    expect(slots).toHaveLength(61);
    expect(slots.reduce((sum, { ended }) => sum + ended, 0)).toBe(60);
    clock.advance(1_000 * MINUTE);
    expect(monitor.reader.demand('request').every(({ started, ended }) => started + ended === 0)).toBe(true);
  });

  it('takes in what is recorded without a timer, and what is merged, beside timers of its own', () => {
    const worker = monitorWorld({ operation: 'ask' });
    for (let i = 0; i < 600; i++) worker.monitor.startTimer('ask').end();
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    monitor.startTimer('ask').end();
    monitor.recordMetric('ask', 5);
    monitor.merge(worker.monitor.export());
    clock.advance(MINUTE);
    expect(monitor.reader.demand('ask').map(({ started, ended }) => [started, ended])).toEqual([
      [602, 602],
      [0, 0],
    ]);
    clock.advance(10_000);
    expect(monitor.checkPerformanceTargets()['throughputPerMinute']).toMatchObject({ met: true, actual: 602 });
  });
});
