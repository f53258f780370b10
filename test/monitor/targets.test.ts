import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { checkTargets } from '../../src/monitor/targets/check-targets.js';
import {
  resolveTargets,
  TARGET_DEFAULTS,
  type TargetOptions,
  targetNames,
} from '../../src/monitor/targets/target-options.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { evenly, monitorOf, taking } from './simulated-requests.js';
import { WINDOW_MS } from './stats-of-values.js';
import { check, monitorWith, OFF, times } from './target-world.js';

describe('targets', () => {
  it('are four, each with its default, and without a verdict before there is data', () => {
    expect(TARGET_DEFAULTS).toEqual({
      responseTimeP95: '3s',
      throughputPerMinute: 100,
      memoryUsage: 0.8,
      cpuUsage: 0.8,
    });
    const nothing = { met: null, actual: null, samples: 0, confidence: 'low', windowMs: WINDOW_MS };
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
      ...{ samples: 20, confidence: 'high', windowMs: WINDOW_MS },
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
      ...{ samples: 52, confidence: 'high', windowMs: WINDOW_MS },
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
