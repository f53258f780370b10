import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import type { ProcessReader } from '../../src/monitor/process-reader.js';
import { ProcessSampler } from '../../src/monitor/process-sampler.js';
import { PROCESS_SERIES, watchProcess } from '../../src/monitor/process-watch.js';
import type { SeriesBook } from '../../src/monitor/series-book.js';
import { ManualClock } from '../manual-clock.js';
import { seriesWorld } from './series-world.js';

/** A process whose event loop and CPU are as busy as they are told to be. */
class BusyProcess implements ProcessReader {
  idle = 0;
  active = 0;
  readonly limits = {
    readFile: () => undefined,
    totalMemory: () => 2 ** 30,
    constrainedMemory: () => 0,
    parallelism: () => 2,
    heapLimit: () => 2 ** 29,
  };

  cpuMs(): number {
    return this.active;
  }

  loop(): { idleMs: number; activeMs: number } {
    return { idleMs: this.idle, activeMs: this.active };
  }

  heapUsed(): number {
    return 2 ** 28;
  }

  external(): number {
    return 0;
  }

  rss(): number {
    return 2 ** 20;
  }
}

function world(): { look: (ms: number, isBusy: boolean, lateMs: number) => void; book: SeriesBook } {
  const { clock, book } = seriesWorld();
  const reader = new BusyProcess();
  const sampler = new ProcessSampler(reader, clock);
  const look = (ms: number, isBusy: boolean, lateMs: number): void => {
    clock.advance(ms);
    reader[isBusy ? 'active' : 'idle'] += ms;
    watchProcess(sampler, book, { lateMs, intervalMs: 100 });
  };
  return { look, book };
}

describe('a look at the process', () => {
  it('weighs how busy it was by time, however few looks a blocked event loop lets through', () => {
    const { look, book } = world();
    // Blocked for 3 s, in which 30 looks were due, then idle for as long.
    look(3_000, true, 2_900);
    for (let i = 0; i < 30; i++) look(100, false, 0);
    const eventLoop = book.select(PROCESS_SERIES.eventLoop)[0]!;
    const cpu = book.select(PROCESS_SERIES.cpu)[0]!;
    expect(eventLoop.sum / eventLoop.count).toBeCloseTo(0.5, 6);
    expect(cpu.sum / cpu.count).toBeCloseTo(0.25, 6);
    expect(eventLoop.lifetime().percentile(0.45)).toBe(0);
    expect(eventLoop.lifetime().percentile(0.55)).toBeCloseTo(1, 2);
  });

  it('sees memory as it is, and itself late, once', () => {
    const { look, book } = world();
    look(3_000, true, 2_900);
    expect(book.select(PROCESS_SERIES.memory)[0]).toMatchObject({ count: 1, sum: 0.5 });
    expect(book.select(PROCESS_SERIES.eventLoopDelay)[0]).toMatchObject({ count: 1, sum: 2_900 });
  });

  it('counts no more than 600 intervals, after a night of sleep', () => {
    const { look, book } = world();
    look(30_000_000, false, 29_999_900);
    expect(book.select(PROCESS_SERIES.cpu)[0]!.count).toBe(600);
  });

  it('lets the CPU target see a loop that is blocked most of the time', () => {
    const timers = new ManualClock(28_333_333 * 60_000);
    let blockedMs = 0;
    const clock: Clock = {
      now: () => timers.now() + blockedMs,
      coarse: () => timers.now() + blockedMs,
      setTimer: (fn, ms) => timers.setTimer(fn, ms),
    };
    const processReader = new BusyProcess();
    const monitor = new PerformanceMonitor({ clock, processReader, interval: '1s' });
    for (let i = 0; i < 20; i++) {
      processReader.active += 9_000;
      blockedMs += 9_000;
      processReader.idle += 500;
      timers.advance(1_000);
      processReader.idle += 500;
    }
    expect(monitor.checkPerformanceTargets()['cpuUsage']).toMatchObject({ met: false, actual: expect.closeTo(0.9, 1) });
  });
});
