import { afterEach, describe, expect, it } from 'vitest';
import { HotpathError, InvalidOptionError } from '../../src/core/errors.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';
import { snapshotOf } from './snapshot-of.js';

let open: PerformanceMonitor[] = [];
afterEach(async () => {
  for (const monitor of open) await monitor.close();
  open = [];
});

/** A monitor with a target whose function does what `measure` says. */
function measuring(measure: () => unknown) {
  const warnings: string[] = [];
  const state = { measure };
  const world = monitorWorld({
    targets: { own: () => state.measure() as never, other: () => ({ actual: 1, target: 2 }) },
    logger: { debug() {}, info() {}, error() {}, warn: (_: object, text?: string) => void warnings.push(text ?? '') },
  });
  open.push(world.monitor);
  return { ...world, warnings, state, own: () => world.monitor.checkPerformanceTargets()['own']! };
}

const broken = (): never => {
  throw new Error('no connection');
};

describe('a target function that fails', () => {
  it('is told of once, by event and warning, until it has worked again', () => {
    const { clock, monitor, errors, warnings, state, own } = measuring(broken);
    monitor.alert({ target: 'own' });
    for (let i = 0; i < 10; i++) {
      expect(own()).toMatchObject({ met: null, reason: 'its function threw: no connection' });
      clock.advance(10_000);
    }
    expect(errors).toEqual([{ error: new Error('no connection'), during: 'target "own"' }]);
    expect(warnings).toEqual(['hotpath monitor: trouble in target "own"']);
    state.measure = () => ({ actual: 1, target: 2 });
    expect(own()).toMatchObject({ met: true, target: 2 });
    expect(errors).toHaveLength(1);
    state.measure = broken;
    own();
    own();
    expect(errors).toHaveLength(2);
  });

  it.each([
    ['nothing', () => undefined, 'its function answered undefined'],
    ['a promise', async () => ({ actual: 1, target: 2 }), 'its function must answer at once, not promise to'],
    ['no target', () => ({ actual: 1 }), 'its function answered with undefined as target'],
    ['a text', () => ({ actual: '3', target: 5 }), 'its function measured "3"'],
  ])('is told of too when it answers %s', (_, measure, message) => {
    const { errors, own } = measuring(measure);
    own();
    own();
    expect(errors).toHaveLength(1);
    expect(errors[0]!.error).toBeInstanceOf(HotpathError);
    expect((errors[0]!.error as Error).message).toBe(message);
    expect(own().reason).toBe(message);
  });

  it('is none when there is no data', () => {
    const { errors, own } = measuring(() => ({ actual: Number.NaN, target: 5 }));
    expect(own()).toMatchObject({ met: null, actual: null, target: 5, reason: 'its function measured NaN' });
    expect(errors).toEqual([]);
  });

  it('may be looked at by the listener that is told', () => {
    const { monitor, errors, own } = measuring(broken);
    monitor.on('error', () => void own());
    own();
    expect(errors).toHaveLength(1);
  });

  it('leaves no target that is no number anywhere', () => {
    const { monitor, own } = measuring(broken);
    expect(own().target).toBeNull();
    expect(JSON.parse(JSON.stringify(monitor.getPerformanceReport())).targets.own.target).toBeNull();
    const limits = monitor.prometheus().match(/^hotpath_target_limit\{.*$/gm)!;
    expect(limits.filter((line) => line.includes('"own"'))).toEqual([]);
    expect(limits.filter((line) => line.includes('"other"'))).toHaveLength(1);
    expect(monitor.prometheus()).not.toMatch(/ NaN$/m);
    expect(monitor.toMarkdown()).toMatch(/\| own \| no verdict \| no data \| not said \|/);
    expect(monitor.toHtml()).not.toContain('NaN');
    expect(snapshotOf(monitor.reader).targets['own']).toMatchObject({ target: null, windowMs: null });
  });
});

describe('the time that a target is judged over', () => {
  it("is the monitor's window, its own, or unknown", () => {
    const { monitor } = monitorWorld({
      window: '30m',
      targets: {
        whole: { metric: 'a', stat: 'max', max: 1 },
        short: { metric: 'a', stat: 'max', max: 1, window: '5m' },
        measured: () => ({ actual: 1, target: 2 }),
      },
    });
    open.push(monitor);
    const windows = Object.entries(monitor.checkPerformanceTargets()).map(([name, { windowMs }]) => [name, windowMs]);
    expect(Object.fromEntries(windows)).toEqual({
      ...{ responseTimeP95: 1_800_000, throughputPerMinute: 1_800_000, memoryUsage: 1_800_000, cpuUsage: 1_800_000 },
      ...{ whole: 1_800_000, short: 300_000, measured: null },
    });
  });

  it("is refused where it is longer than the monitor's window", () => {
    const made = (window: '30m' | '31m' | number): void => {
      open.push(
        monitorWorld({ window: '30m', targets: { own: { metric: 'a', stat: 'max', max: 1, window } } }).monitor,
      );
    };
    made('30m');
    for (const window of ['31m', Number.POSITIVE_INFINITY] as const) {
      expect(() => made(window)).toThrow(InvalidOptionError);
      expect(() => made(window)).toThrow(/targets\.own\.window must be at most the monitor's own window, 1800000 ms/);
    }
  });
});
