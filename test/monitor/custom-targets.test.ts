import { describe, expect, it } from 'vitest';
import { checkTargets } from '../../src/monitor/targets/check-targets.js';
import type { CustomTarget } from '../../src/monitor/targets/custom-target.js';
import { resolveTargets } from '../../src/monitor/targets/target-options.js';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { check, type Metric, monitorWith, OFF, times } from './target-world.js';

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
      ...{ met: true, actual: 5, target: 5, unit: 'count', bound: 'max' },
      ...{ samples: 1, confidence: 'high', windowMs: null },
    });
    expect(said({ actual: 5.1, target: 5 })).toMatchObject({ met: false });
    expect(said({ actual: 0.5, target: 0.5, bound: 'min', unit: 'ratio', samples: 40, reason: 'hit rate' })).toEqual({
      ...{ met: true, actual: 0.5, target: 0.5, unit: 'ratio', bound: 'min' },
      ...{ samples: 40, confidence: 'high', reason: 'hit rate', windowMs: null },
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
