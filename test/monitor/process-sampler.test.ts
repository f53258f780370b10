import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import type { ProcessReader } from '../../src/monitor/process-reader.js';
import { systemProcessReader } from '../../src/monitor/process-reader.js';
import { memoryLevel, ProcessSampler, type ProcessSamplerOptions } from '../../src/monitor/process-sampler.js';
import { ManualClock } from '../manual-clock.js';

const MB = 2 ** 20;

/** A process whose figures a test sets, and how often each was read. */
function scripted(options?: ProcessSamplerOptions) {
  const figures = { cpuMs: 500, idleMs: 1_000, activeMs: 200, heap: 100 * MB, external: 5 * MB, rss: 200 * MB };
  const system = {
    ...{ cpuMax: '200000 100000', memoryMax: `${1_000 * MB}`, heapLimit: 1_000 * MB },
    memoryCurrent: undefined as string | undefined,
    memoryStat: undefined as string | undefined,
  };
  const reads = { rss: 0, limits: 0, workingSet: 0 };
  const files = (path: string): string | undefined => {
    if (path === '/sys/fs/cgroup/memory.current') reads.workingSet++;
    const known: Readonly<Record<string, string | undefined>> = {
      '/sys/fs/cgroup/cpu.max': system.cpuMax,
      '/sys/fs/cgroup/memory.max': system.memoryMax,
      '/sys/fs/cgroup/memory.current': system.memoryCurrent,
      '/sys/fs/cgroup/memory.stat': system.memoryStat,
    };
    return known[path];
  };
  const reader: ProcessReader = {
    cpuMs: () => figures.cpuMs,
    loop: () => ({ idleMs: figures.idleMs, activeMs: figures.activeMs }),
    heapUsed: () => figures.heap,
    external: () => figures.external,
    rss: () => {
      reads.rss++;
      return figures.rss;
    },
    limits: {
      readFile: files,
      totalMemory: () => 8_000 * MB,
      constrainedMemory: () => undefined,
      parallelism: () => 4,
      heapLimit: () => {
        reads.limits++;
        return system.heapLimit;
      },
    },
  };
  const clock = new ManualClock();
  const sampler = new ProcessSampler(reader, clock, options);
  /** Lets time go by in which the process works. */
  const run = (ms: number, { cpuMs = 0, activeMs = 0 } = {}): void => {
    clock.advance(ms);
    figures.cpuMs += cpuMs;
    figures.activeMs += activeMs;
    figures.idleMs += ms - activeMs;
  };
  return { clock, sampler, figures, system, reads, run };
}

describe('CPU shares of a sample', () => {
  it('are those since the sampler was made, in the first one', () => {
    const { sampler, run } = scripted();
    expect(sampler.last()).toBeNull();
    run(1_000, { cpuMs: 500, activeMs: 400 });
    const reading = sampler.sample();
    expect(reading).toMatchObject({ processCpuShare: 0.25, eventLoopShare: 0.4, cpuShare: 0.4 });
    expect(sampler.last()).toBe(reading);
  });

  it('are those since the sample before, in each one after', () => {
    const { sampler, run } = scripted();
    run(1_000, { cpuMs: 2_000, activeMs: 1_000 });
    sampler.sample();
    run(500, { cpuMs: 600, activeMs: 50 });
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0.6, eventLoopShare: 0.1, cpuShare: 0.6 });
    run(500);
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0, eventLoopShare: 0, cpuShare: 0 });
  });

  it('are by the cores of the quota', () => {
    const { sampler, system, run } = scripted();
    system.cpuMax = '50000 100000';
    run(1_000, { cpuMs: 250 });
    expect(sampler.sample()).toMatchObject({ cores: 0.5, coresSource: 'cgroup-v2', processCpuShare: 0.5 });
  });

  it('stay as they were when no time has passed, and nothing is lost for the next', () => {
    const { sampler, figures, run } = scripted();
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0, eventLoopShare: 0 });
    run(1_000, { cpuMs: 500, activeMs: 400 });
    sampler.sample();
    figures.cpuMs += 100;
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0.25, eventLoopShare: 0.4 });
    run(1_000, { cpuMs: 900, activeMs: 800 });
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0.5, eventLoopShare: 0.8 });
  });

  it('keep the event-loop share where the loop counts nothing', () => {
    const { sampler, clock, run } = scripted();
    run(1_000, { activeMs: 300 });
    sampler.sample();
    clock.advance(1_000);
    expect(sampler.sample().eventLoopShare).toBe(0.3);
  });

  it('are never outside of 0 to 1', () => {
    const { sampler, figures, run } = scripted();
    run(10, { cpuMs: 50 });
    expect(sampler.sample().processCpuShare).toBe(1);
    run(10);
    figures.cpuMs = 0;
    expect(sampler.sample().processCpuShare).toBe(0);
  });
});

describe('a clock that is set back', () => {
  it('makes no share of the time in between, and all figures are read anew', () => {
    const { sampler, figures, reads, run } = scripted();
    run(1_000, { cpuMs: 500 });
    sampler.sample();
    figures.rss = 300 * MB;
    run(-3_600_000, { cpuMs: 100 });
    expect(sampler.sample()).toMatchObject({ processCpuShare: 0.25, rssBytes: 300 * MB });
    expect(reads).toEqual({ rss: 2, limits: 2, workingSet: 2 });
    run(1_000, { cpuMs: 1_000 });
    expect(sampler.sample().processCpuShare).toBe(0.5);
  });
});

describe('memory of a sample', () => {
  it('is the larger of heap by heap limit and resident memory by memory limit', () => {
    const { sampler, clock, figures } = scripted();
    expect(sampler.sample()).toMatchObject({
      memoryShare: 0.2,
      heapUsedBytes: 100 * MB,
      heapLimitBytes: 1_000 * MB,
      rssBytes: 200 * MB,
      externalBytes: 5 * MB,
      limitBytes: 1_000 * MB,
      limitSource: 'cgroup-v2',
      level: 'normal',
      at: clock.now(),
    });
    figures.heap = 850 * MB;
    expect(sampler.sample()).toMatchObject({ memoryShare: 0.85, level: 'high' });
  });

  it('counts what all of the control group uses whose limit it is by, without inactive pages of files', () => {
    const { sampler, system } = scripted();
    Object.assign(system, { memoryCurrent: `${950 * MB}\n`, memoryStat: `anon 1\ninactive_file ${100 * MB}\n` });
    expect(sampler.sample()).toMatchObject({
      memoryShare: 0.85,
      rssBytes: 200 * MB,
      workingSetBytes: 850 * MB,
      level: 'high',
    });
  });

  it('counts resident memory where the control group uses less, as with pages that it shares with another', () => {
    const { sampler, system } = scripted();
    system.memoryCurrent = `${150 * MB}\n`;
    expect(sampler.sample()).toMatchObject({ memoryShare: 0.2, workingSetBytes: 150 * MB });
  });

  it('knows nothing of a control group whose limit it is not by, or whose use can not be read', () => {
    const { sampler, system, run, reads } = scripted();
    expect(sampler.sample()).not.toHaveProperty('workingSetBytes');
    Object.assign(system, { memoryCurrent: `${950 * MB}\n`, memoryMax: 'max' });
    run(60_000);
    expect(sampler.sample()).toMatchObject({ limitSource: 'total', memoryShare: 0.1 });
    expect(sampler.last()).not.toHaveProperty('workingSetBytes');
    const byOption = scripted({ memoryLimitBytes: 250 * MB });
    byOption.system.memoryCurrent = `${950 * MB}\n`;
    byOption.sampler.sample();
    expect([reads.workingSet, byOption.reads.workingSet]).toEqual([1, 0]);
  });

  it('is by the option, where it is given', () => {
    const { sampler } = scripted({ memoryLimitBytes: 250 * MB });
    expect(sampler.sample()).toMatchObject({ limitBytes: 250 * MB, limitSource: 'option', memoryShare: 0.8 });
  });

  it('above its limit is all of it', () => {
    expect(scripted({ memoryLimitBytes: MB }).sampler.sample()).toMatchObject({ memoryShare: 1, level: 'critical' });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1gb'])('has no limit of %s', (memoryLimitBytes) => {
    const make = (): unknown => scripted({ memoryLimitBytes: memoryLimitBytes as number });
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(/^memoryLimitBytes must be/);
  });

  it.each([
    [0, 'normal'],
    [0.6999, 'normal'],
    [0.7, 'elevated'],
    [0.7999, 'elevated'],
    [0.8, 'high'],
    [0.8999, 'high'],
    [0.9, 'critical'],
    [1, 'critical'],
  ])('of %d is %s', (share, level) => {
    expect(memoryLevel(share)).toBe(level);
  });
});

describe('what is dear to read', () => {
  it('is resident memory and the use of the control group, read at most every 5 s', () => {
    const { sampler, figures, system, reads, run } = scripted();
    system.memoryCurrent = `${300 * MB}`;
    sampler.sample();
    figures.rss = 500 * MB;
    system.memoryCurrent = `${600 * MB}`;
    run(4_999);
    expect(sampler.sample()).toMatchObject({ rssBytes: 200 * MB, workingSetBytes: 300 * MB, memoryShare: 0.3 });
    run(1);
    expect(sampler.sample()).toMatchObject({ rssBytes: 500 * MB, workingSetBytes: 600 * MB, memoryShare: 0.6 });
    expect(reads).toMatchObject({ rss: 2, workingSet: 2 });
  });

  it('is limits, read at most once a minute', () => {
    const { sampler, system, reads, run } = scripted();
    sampler.sample();
    Object.assign(system, { memoryMax: `${400 * MB}`, cpuMax: '100000 100000', heapLimit: 500 * MB });
    run(59_999);
    expect(sampler.sample()).toMatchObject({ limitBytes: 1_000 * MB, cores: 2, heapLimitBytes: 1_000 * MB });
    run(1);
    expect(sampler.sample()).toMatchObject({ limitBytes: 400 * MB, cores: 1, heapLimitBytes: 500 * MB });
    expect(reads.limits).toBe(2);
  });
});

describe('a sample of this process', () => {
  it('is sane', () => {
    const sampler = new ProcessSampler(systemProcessReader(), systemClock());
    // Something to count: CPU time is told by the microsecond, and by coarser steps on some systems.
    for (const start = process.cpuUsage(); process.cpuUsage(start).user < 20_000; );
    const reading = sampler.sample();
    expect(reading.processCpuShare).toBeGreaterThan(0);
    expect(reading.eventLoopShare).toBeGreaterThan(0);
    expect(reading.cpuShare).toBeLessThanOrEqual(1);
    expect(reading.memoryShare).toBeGreaterThan(0);
    expect(reading.memoryShare).toBeLessThan(1);
    expect(reading.rssBytes).toBeGreaterThan(reading.heapUsedBytes / 10);
    expect(reading.heapUsedBytes).toBeLessThan(reading.heapLimitBytes);
    expect(reading.externalBytes).toBeGreaterThan(0);
  });
});
