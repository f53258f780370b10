import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import type { MonitorReader } from '../../src/monitor/monitor-reader.js';
import { checkTargets, type TargetReader } from '../../src/monitor/targets/check-targets.js';
import type { CustomTarget } from '../../src/monitor/targets/custom-target.js';
import {
  resolveTargets,
  TARGET_DEFAULTS,
  type TargetOptions,
  targetNames,
} from '../../src/monitor/targets/target-options.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import type { Unit } from '../../src/monitor/unit.js';
import { evenly, monitorOf, taking } from './simulated-requests.js';
import { statsOfValues, WINDOW_MS } from './stats-of-values.js';

interface Metric {
  readonly unit: Unit;
  readonly values: readonly number[];
}

type Asked = Parameters<MonitorReader['stats']>[1] & { readonly name: string };

/** A monitor that has recorded these metrics, and what it was asked for. */
function monitorWith(metrics: Readonly<Record<string, Metric>> = {}): { reader: TargetReader; asked: Asked[] } {
  const asked: Asked[] = [];
  const reader: TargetReader = {
    ...monitorOf([], WINDOW_MS),
    stats: (name, options) => {
      asked.push({ name, ...options });
      return Object.hasOwn(metrics, name) ? statsOfValues(metrics[name]!.unit, metrics[name]!.values) : null;
    },
    names: () => Object.entries(metrics).map(([name, { unit, values }]) => ({ name, unit, count: values.length })),
  };
  return { reader, asked };
}

const OFF = { responseTimeP95: false, throughputPerMinute: false, memoryUsage: false, cpuUsage: false } as const;

function check(options: TargetOptions, metrics: Readonly<Record<string, Metric>> = {}): Record<string, TargetResult> {
  return checkTargets(resolveTargets({ ...OFF, ...options }), monitorWith(metrics).reader);
}

function times(count: number, ms: number): number[] {
  return Array.from({ length: count }, () => ms);
}

describe('targets', () => {
  it('are four, each with its default, and without a verdict before there is data', () => {
    expect(TARGET_DEFAULTS).toEqual({
      responseTimeP95: '3s',
      throughputPerMinute: 100,
      memoryUsage: 0.8,
      cpuUsage: 0.8,
    });
    const nothing = { met: null, actual: null, samples: 0, confidence: 'low' };
    expect(checkTargets(resolveTargets(), monitorWith().reader)).toEqual({
      responseTimeP95: { ...nothing, target: 3_000, unit: 'ms', bound: 'max', reason: 'no "request" was timed' },
      throughputPerMinute: {
        ...{ ...nothing, target: 100, unit: 'perMinute', bound: 'min' },
        reason: 'nothing was asked for',
      },
      memoryUsage: { ...nothing, target: 0.8, unit: 'ratio', bound: 'max', reason: 'the process was not sampled yet' },
      cpuUsage: { ...nothing, target: 0.8, unit: 'ratio', bound: 'max', reason: 'the process was not sampled yet' },
    });
  });

  it('are switched off by false, and left at their default by undefined', () => {
    const custom = { errors: false, slow: { metric: 'slow', stat: 'max', max: 5 } } as const;
    const resolved = resolveTargets({ responseTimeP95: false, memoryUsage: undefined as never, ...custom });
    expect(targetNames(resolved)).toEqual(['throughputPerMinute', 'memoryUsage', 'cpuUsage', 'slow']);
    expect(Object.keys(checkTargets(resolved, monitorWith().reader))).toEqual(targetNames(resolved));
    expect(check({})).toEqual({});
  });

  it('judge throughput by the requests of the operation', () => {
    const busy = { ...monitorWith().reader, ...monitorOf(taking(50, evenly(120, 0, WINDOW_MS)), WINDOW_MS) };
    expect(checkTargets(resolveTargets(), busy)['throughputPerMinute']).toMatchObject({ met: true, actual: 120 });
    const more = resolveTargets({ throughputPerMinute: { min: 130, demand: 'always' } });
    expect(checkTargets(more, busy)['throughputPerMinute']).toMatchObject({ met: false, target: 130 });
  });

  it('may have any name', () => {
    const options = JSON.parse('{ "__proto__": { "metric": "a", "stat": "max", "max": 1 } }') as TargetOptions;
    const results = checkTargets(resolveTargets(options), monitorWith().reader);
    expect(Object.keys(results)).toContain('__proto__');
  });
});

describe('the response-time target', () => {
  const within = (values: readonly number[]): TargetResult =>
    check({ responseTimeP95: '3s' }, { request: { unit: 'ms', values } })['responseTimeP95']!;

  it('is met while 95 % of the requests take at most as long', () => {
    expect(within([...times(95, 2_980), ...times(5, 60_000)])).toMatchObject({ met: true, samples: 100 });
    expect(within([...times(94, 2_980), ...times(6, 60_000)])).toMatchObject({ met: false });
    expect(within([...times(94, 10), ...times(6, 3_020)])).toMatchObject({ met: false });
  });

  it('is met at exactly the target, and missed just above it', () => {
    expect(within(times(20, 3_000))).toEqual({
      ...{ met: true, actual: 3_000, target: 3_000, unit: 'ms', bound: 'max' },
      ...{ samples: 20, confidence: 'high' },
    });
    expect(within(times(20, 3_000.001))).toMatchObject({ met: false, actual: 3_000.001 });
  });

  it('is judged by few requests too, which it says', () => {
    expect(within(times(19, 10))).toMatchObject({
      met: true,
      confidence: 'low',
      reason: 'judged by 19 requests only',
    });
    expect(within([5_000])).toMatchObject({ met: false, reason: 'judged by 1 request only' });
  });

  it('looks at the whole window of the operation', () => {
    const { reader, asked } = monitorWith();
    checkTargets(resolveTargets({ ...OFF, responseTimeP95: 5 }), { ...reader, operation: 'ask' });
    expect(asked).toEqual([{ name: 'ask', exemplars: 0 }]);
  });
});

describe('the memory target', () => {
  const within = (values: readonly number[]): TargetResult =>
    check({ memoryUsage: 0.8 }, { process_memory: { unit: 'ratio', values } })['memoryUsage']!;

  it('is missed once memory has reached it', () => {
    expect(within([...times(50, 0.1), 0.7999, 0.2])).toEqual({
      ...{ met: true, actual: 0.7999, target: 0.8, unit: 'ratio', bound: 'max' },
      ...{ samples: 52, confidence: 'high' },
    });
    expect(within([...times(50, 0.1), 0.8, 0.2])).toMatchObject({ met: false, actual: 0.8 });
  });

  it('says how few samples it has seen', () => {
    expect(within([0.3, 0.4, 0.3])).toMatchObject({ met: true, confidence: 'low', reason: 'judged by 3 samples only' });
  });
});

describe('the CPU target', () => {
  const within = (metrics: Record<string, number[]>): TargetResult => {
    const entries = Object.entries(metrics).map(([name, values]) => [name, { unit: 'ratio', values }] as const);
    return check({ cpuUsage: 0.8 }, Object.fromEntries(entries))['cpuUsage']!;
  };

  it('is judged by the mean of process CPU or of the event loop, whichever is larger', () => {
    const both = { process_cpu: times(40, 0.3), event_loop_utilization: [...times(20, 0.95), ...times(20, 0.55)] };
    expect(within(both)).toMatchObject({ met: true, actual: expect.closeTo(0.75, 9), samples: 40, confidence: 'high' });
    expect(within({ process_cpu: times(40, 0.9), event_loop_utilization: times(40, 0.2) })).toMatchObject({
      met: false,
      actual: expect.closeTo(0.9, 9),
    });
  });

  it('is missed at exactly the target', () => {
    expect(within({ process_cpu: [0.8] })).toMatchObject({ met: false, confidence: 'low' });
    expect(within({ event_loop_utilization: [0.7999] })).toMatchObject({ met: true });
  });
});

describe('a target for a metric', () => {
  const tokens: Metric = { unit: 'count', values: Array.from({ length: 200 }, (_, i) => i + 1) };
  const within = (target: CustomTarget, metrics: Record<string, Metric> = { tokens }): TargetResult =>
    check({ own: target }, metrics)['own']!;

  it.each([
    ['mean', 100.5],
    ['max', 200],
    ['min', 1],
    ['count', 200],
    ['ratePerMinute', 200 / 60],
  ] as const)('bounds its %s, which may be the bound itself', (stat, actual) => {
    expect(within({ metric: 'tokens', stat, max: actual })).toMatchObject({ met: true, actual, bound: 'max' });
    expect(within({ metric: 'tokens', stat, max: actual - 0.01 })).toMatchObject({ met: false, target: actual - 0.01 });
    expect(within({ metric: 'tokens', stat, min: actual })).toMatchObject({ met: true, actual, bound: 'min' });
    expect(within({ metric: 'tokens', stat, min: actual + 0.01 })).toMatchObject({ met: false });
  });

  it.each(['p50', 'p90', 'p95', 'p99'] as const)('bounds its %s', (stat) => {
    const share = Number(stat.slice(1)) / 100;
    const result = within({ metric: 'tokens', stat, max: 1_000 });
    expect(result).toMatchObject({ met: true, unit: 'count', samples: 200, confidence: 'high' });
    expect(Math.abs(result.actual! - share * 200)).toBeLessThanOrEqual(1);
  });

  it('is in the unit of what it bounds', () => {
    const units = (stat: 'p95' | 'count' | 'ratePerMinute', metrics: Record<string, Metric>): string =>
      within({ metric: 'tokens', stat, max: 5 }, metrics).unit;
    const bytes = { tokens: { ...tokens, unit: 'bytes' } } as const;
    expect([units('p95', bytes), units('count', bytes), units('ratePerMinute', bytes)]).toEqual([
      ...['bytes', 'count', 'perMinute'],
    ]);
    expect(units('p95', { tokens: { unit: 'bytes', values: [] } })).toBe('bytes');
    expect(units('p95', {})).toBe('count');
    expect(within({ metric: 'none', stat: 'p95', max: '5s' }).unit).toBe('ms');
  });

  it('takes durations for times', () => {
    const search = { unit: 'ms', values: times(30, 250) } as const;
    const target = { metric: 'search', stat: 'p95', max: '250ms' } as const;
    expect(within(target, { search })).toMatchObject({ met: true, actual: 250, target: 250, unit: 'ms' });
    expect(within({ metric: 'search', stat: 'p95', max: 249 }, { search })).toMatchObject({ met: false });
    expect(within(target, { search: { unit: 'bytes', values: times(30, 10) } })).toMatchObject({
      met: null,
      actual: 10,
      reason: 'its bound is a time, but the metric is in bytes',
    });
  });

  it('looks at the series and the window that it names', () => {
    const { reader, asked } = monitorWith();
    const own = { metric: 'ask', stat: 'count', max: 5, labels: { model: 'a', error: '' }, window: '5m' } as const;
    checkTargets(resolveTargets({ ...OFF, own, rest: { metric: 'b', stat: 'max', max: 1 } }), reader);
    expect(asked).toEqual([
      { name: 'ask', exemplars: 0, labels: { model: 'a', error: '' }, windowMs: 300_000 },
      { name: 'b', exemplars: 0 },
    ]);
  });

  it('has no verdict without values, or with fewer than it takes', () => {
    expect(within({ metric: 'none', stat: 'mean', max: 5 })).toMatchObject({
      ...{ met: null, actual: null, samples: 0, confidence: 'low' },
      reason: 'no "none" was recorded',
    });
    expect(within({ metric: 'tokens', stat: 'mean', max: 5, minSamples: 201 })).toMatchObject({
      ...{ met: null, actual: 100.5, samples: 200 },
      reason: '200 of the 201 values that it takes',
    });
    expect(within({ metric: 'tokens', stat: 'mean', max: 5, minSamples: 200 })).toMatchObject({ met: false });
  });

  it('counts nothing as 0 where that is wanted', () => {
    expect(within({ metric: 'failures', stat: 'count', max: 0 })).toMatchObject({ met: null, actual: null });
    expect(within({ metric: 'failures', stat: 'count', max: 0, minSamples: 0 })).toMatchObject({
      ...{ met: true, actual: 0, samples: 0, confidence: 'high' },
    });
    expect(within({ metric: 'work', stat: 'ratePerMinute', min: 1, minSamples: 0 })).toMatchObject({ met: false });
  });

  it('says when there are few values for what it bounds', () => {
    const few = { tokens: { unit: 'count', values: times(50, 5) } } as const;
    expect(within({ metric: 'tokens', stat: 'p99', max: 5 }, few)).toMatchObject({
      ...{ met: true, confidence: 'low', reason: '50 values are few for a p99' },
    });
    expect(within({ metric: 'tokens', stat: 'p95', max: 5 }, few).confidence).toBe('high');
    const one = { tokens: { unit: 'count', values: [5] } } as const;
    expect(within({ metric: 'tokens', stat: 'mean', max: 5 }, one).confidence).toBe('low');
    expect(within({ metric: 'tokens', stat: 'count', max: 5 }, one).confidence).toBe('high');
  });
});

describe('a target that a function measures', () => {
  const said = (answer: unknown): TargetResult => check({ own: () => answer as never })['own']!;

  it('is judged by its figure', () => {
    expect(said({ actual: 5, target: 5 })).toEqual({
      ...{ met: true, actual: 5, target: 5, unit: 'count', bound: 'max', samples: 1, confidence: 'high' },
    });
    expect(said({ actual: 5.1, target: 5 })).toMatchObject({ met: false });
    expect(said({ actual: 0.5, target: 0.5, bound: 'min', unit: 'ratio', samples: 40, reason: 'hit rate' })).toEqual({
      ...{ met: true, actual: 0.5, target: 0.5, unit: 'ratio', bound: 'min' },
      ...{ samples: 40, confidence: 'high', reason: 'hit rate' },
    });
    expect(said({ actual: 0.4, target: 0.5, bound: 'min', unit: 'perMinute' })).toMatchObject({
      met: false,
      unit: 'perMinute',
    });
  });

  it('may have a verdict of its own', () => {
    expect(said({ actual: 9, target: 5, met: true }).met).toBe(true);
    expect(said({ actual: 1, target: 5, met: null }).met).toBeNull();
    expect(said({ actual: null, target: 5, met: false }).met).toBe(false);
  });

  it('has no verdict without data', () => {
    expect(said({ actual: null, target: 5, reason: 'no sale today' })).toMatchObject({
      ...{ met: null, actual: null, target: 5, samples: 0, confidence: 'low', reason: 'no sale today' },
    });
    expect(said({ actual: null, target: 5 }).reason).toBe('its function has no data');
  });

  it.each([
    [undefined, 'its function answered undefined'],
    [true, 'its function answered true'],
    [{}, 'its function answered with undefined as target'],
    [{ actual: 5, target: Number.NaN }, 'its function answered with NaN as target'],
    [{ actual: 5, target: '5s' }, 'its function answered with "5s" as target'],
    [{ actual: Number.NaN, target: 5 }, 'its function measured NaN'],
    [{ actual: '3', target: 5 }, 'its function measured "3"'],
    [{ actual: 3, target: 5, met: 'yes' }, 'its function answered "yes" as met'],
  ])('has no verdict when it answers %j', (answer, reason) => {
    expect(said(answer)).toMatchObject({ met: null, actual: null, confidence: 'low', reason });
  });

  it("has no verdict when it is asynchronous, and what it fails with is nobody else's trouble", async () => {
    const own = async (): Promise<never> => {
      throw new Error('away');
    };
    expect(check({ own: own as never })['own']).toMatchObject({
      ...{ met: null, reason: 'its function must answer at once, not promise to' },
    });
    // A rejection that nobody handles fails the run.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it.each([
    ['an error', new Error('no connection'), 'its function threw: no connection'],
    ['a string', 'no', 'its function threw: "no"'],
    ['nothing', undefined, 'its function threw: undefined'],
  ])('has no verdict when it throws %s, and the others are judged', (_, thrown, reason) => {
    const broken = (): never => {
      throw thrown;
    };
    const results = check({ broken, own: () => ({ actual: 1, target: 2 }) });
    expect(results['broken']).toMatchObject({ met: null, actual: null, samples: 0, reason });
    expect(results['own']).toMatchObject({ met: true });
  });
});

describe('a target that makes no sense', () => {
  const fine = { metric: 'a', stat: 'p95', max: 5 };

  it.each([
    ['targets', null, 'null'],
    ['targets', [], '[]'],
    ['targets', 'strict', '"strict"'],
    ['targets.responseTimeP95', { responseTimeP95: 0 }, '0'],
    ['targets.responseTimeP95', { responseTimeP95: '3 seconds' }, '"3 seconds"'],
    ['targets.responseTimeP95', { responseTimeP95: Number.POSITIVE_INFINITY }, 'Infinity'],
    ['targets.responseTimeP95', { responseTimeP95: null }, 'null'],
    ['targets.responseTimeP95', { responseTimeP95: true }, 'true'],
    ['targets.throughputPerMinute', { throughputPerMinute: 0 }, '0'],
    ['targets.throughputPerMinute', { throughputPerMinute: '100' }, '"100"'],
    ['targets.throughputPerMinute', { throughputPerMinute: null }, 'null'],
    ['targets.throughputPerMinute.min', { throughputPerMinute: {} }, 'undefined'],
    ['targets.throughputPerMinute.min', { throughputPerMinute: { min: Number.POSITIVE_INFINITY } }, 'Infinity'],
    ['targets.throughputPerMinute.demand', { throughputPerMinute: { min: 5, demand: 'never' } }, '"never"'],
    ['targets.throughputPerMinute.max', { throughputPerMinute: { min: 5, max: 6 } }, '6'],
    ['targets.memoryUsage', { memoryUsage: 80 }, '80'],
    ['targets.memoryUsage', { memoryUsage: 0 }, '0'],
    ['targets.memoryUsage', { memoryUsage: '80%' }, '"80%"'],
    ['targets.cpuUsage', { cpuUsage: Number.NaN }, 'NaN'],
    ['targets.cpuUsage', { cpuUsage: null }, 'null'],
    ['targets.responseTimeP99', { responseTimeP99: '3s' }, '"3s"'],
    ['targets.own', { own: 0.8 }, '0.8'],
    ['targets.own', { own: null }, 'null'],
    ['targets.own', { own: true }, 'true'],
    ['targets.own', { own: { metric: 'a', stat: 'p95' } }, '{"metric":"a","stat":"p95"}'],
    ['targets.own', { own: { ...fine, min: 1 } }, '"min":1'],
    ['targets.own.metric', { own: { ...fine, metric: '' } }, '""'],
    ['targets.own.stat', { own: { ...fine, stat: 'p75' } }, '"p75"'],
    ['targets.own.stat', { own: { metric: 'a', max: 5 } }, 'undefined'],
    ['targets.own.max', { own: { ...fine, max: -1 } }, '-1'],
    ['targets.own.max', { own: { ...fine, max: Number.NaN } }, 'NaN'],
    ['targets.own.max', { own: { ...fine, max: 'fast' } }, '"fast"'],
    ['targets.own.max', { own: { ...fine, stat: 'count', max: '5s' } }, '"5s"'],
    ['targets.own.min', { own: { metric: 'a', stat: 'ratePerMinute', min: '1m' } }, '"1m"'],
    ['targets.own.labels', { own: { ...fine, labels: 'model' } }, '"model"'],
    ['targets.own.labels', { own: { ...fine, labels: { model: null } } }, '{"model":null}'],
    ['targets.own.window', { own: { ...fine, window: 0 } }, '0'],
    ['targets.own.window', { own: { ...fine, window: '5 min' } }, '"5 min"'],
    ['targets.own.minSamples', { own: { ...fine, minSamples: 0 } }, '0'],
    ['targets.own.minSamples', { own: { ...fine, minSamples: 1.5 } }, '1.5'],
    ['targets.own.minSamples', { own: { ...fine, stat: 'count', minSamples: -1 } }, '-1'],
    ['targets.own.threshold', { own: { ...fine, threshold: 5 } }, '5'],
  ])('is refused by name: %s in %j', (name, options, shown) => {
    let caught: unknown;
    try {
      resolveTargets(options as never);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    expect((caught as InvalidOptionError).option).toBe(name);
    expect((caught as Error).message).toContain(`${name} must be`);
    expect((caught as Error).message).toContain(shown);
  });
});
