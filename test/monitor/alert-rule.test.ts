import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { ALERT_DEFAULTS, type AlertRule } from '../../src/monitor/alerts/alert-rule.js';
import { resolveRule } from '../../src/monitor/alerts/resolve-rule.js';
import { alertWorld, statsOfValues } from './alert-world.js';

const KNOWN = { windowMs: 3_600_000, targets: () => ['responseTime', 'memory'] };
const resolved = (rule: unknown) => resolveRule(rule as AlertRule, KNOWN);
const slow = { metric: 'ask', when: { above: '3s' } };
const isSlow = (value: number): boolean => value > 3_000;

describe('a rule that makes no sense', () => {
  it.each<[option: string, rule: unknown, shown: string]>([
    ['rule', null, 'null'],
    ['rule', 'ask above 3s', '"ask above 3s"'],
    ['metric', {}, 'undefined'],
    ['metric', { metric: '', when: { above: 1 } }, '""'],
    ['metric', { metric: 5, when: { above: 1 } }, '5'],
    ['when', { metric: 'ask' }, 'undefined'],
    ['when', { metric: 'ask', when: {} }, '{}'],
    ['when', { metric: 'ask', when: '3s' }, '"3s"'],
    ['when', { metric: 'ask', when: { above: 5, below: 3 } }, '{"above":5,"below":3}'],
    ['when', { metric: 'ask', when: { over: 5 } }, '{"over":5}'],
    ['when.above', { metric: 'ask', when: { above: Number.NaN } }, 'NaN'],
    ['when.above', { metric: 'ask', when: { above: -1 } }, '-1'],
    ['when.above', { metric: 'ask', when: { above: Number.POSITIVE_INFINITY } }, 'Infinity'],
    ['when.above', { metric: 'ask', when: { above: '3 seconds' } }, '"3 seconds"'],
    ['when.below', { metric: 'ask', when: { below: 0 } }, '0'],
    ['when.below', { metric: 'ask', when: { below: null } }, 'null'],
    ['when.above', { metric: 'ask', stat: 'count', when: { above: '3s' } }, '"3s"'],
    ['when.below', { metric: 'ask', stat: 'ratePerMinute', when: { below: '1m' } }, '"1m"'],
    ['resolve', { ...slow, resolve: { below: '4s' } }, '{"below":"4s"}'],
    ['resolve', { ...slow, resolve: { above: '2s' } }, '{"above":"2s"}'],
    ['resolve', { metric: 'ask', when: { below: 10 }, resolve: { above: 9 } }, '{"above":9}'],
    ['resolve', { metric: 'ask', when: { below: 10 }, resolve: { below: 20 } }, '{"below":20}'],
    ['resolve', { ...slow, resolve: null }, 'null'],
    ['resolve.below', { ...slow, resolve: { below: 0 } }, '0'],
    ['stat', { ...slow, stat: 'p42' }, '"p42"'],
    ['labels', { ...slow, labels: 'tenant' }, '"tenant"'],
    ['window', { ...slow, window: 0 }, '0'],
    ['window', { ...slow, window: '2h' }, '"2h"'],
    ['window', { ...slow, window: 'long' }, '"long"'],
    ['for', { ...slow, for: -1 }, '-1'],
    ['for', { ...slow, for: Number.POSITIVE_INFINITY }, 'Infinity'],
    ['keepFiring', { ...slow, keepFiring: '1 minute' }, '"1 minute"'],
    ['keepFiring', { ...slow, keepFiring: Number.POSITIVE_INFINITY }, 'Infinity'],
    ['minCount', { ...slow, minCount: 0 }, '0'],
    ['minCount', { ...slow, minCount: 1.5 }, '1.5'],
    ['minCount', { ...slow, minCount: '20' }, '"20"'],
    ['minCount', { metric: 'ask', stat: 'count', when: isSlow, minCount: 0 }, '0'],
    ['minCount', { metric: 'ask', stat: 'count', when: { below: 1 } }, '1'],
    ['onNoData', { ...slow, onNoData: 'fire' }, '"fire"'],
    ['severity', { ...slow, severity: 'page' }, '"page"'],
    ['repeatEvery', { ...slow, repeatEvery: 0 }, '0'],
    ['name', { ...slow, name: '' }, '""'],
    ['above', { metric: 'ask', above: 3_000 }, '3000'],
    ['threshold', { ...slow, threshold: 3 }, '3'],
    ['metric', { ...slow, target: 'memory' }, '"ask"'],
    ['target', { target: 'latency' }, '"latency"'],
    ['target', { target: 5 }, '5'],
    ['when', { target: 'memory', when: { above: 0.8 } }, '{"above":0.8}'],
    ['minCount', { target: 'memory', minCount: 0 }, '0'],
    ['minCount', { target: 'memory', minCount: 2.5 }, '2.5'],
    ['window', { target: 'memory', window: '1m' }, '"1m"'],
  ])('is refused where it is added, by its option: %s', (option, rule, shown) => {
    let caught: unknown;
    try {
      resolved(rule);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    const { message, option: named } = caught as InvalidOptionError;
    expect(named).toBe(option);
    expect(message).toMatch(/^\S+ must be .+, got .+/);
    expect(message).toContain(shown);
  });

  it('is refused where another has its name, whether given or made up', () => {
    const { book } = alertWorld();
    const remove = book.add({ ...slow, when: { above: '3s' } });
    expect(() => book.add({ ...slow, when: { above: '3s' } })).toThrow(
      /^name must be one that no other alert rule has, got "ask above 3000 ms"/,
    );
    expect(() => book.add({ name: 'ask above 3000 ms', metric: 'other', when: { above: 1 } })).toThrow(/^name must be/);
    book.add({ ...slow, name: 'another', when: { above: '3s' } });
    remove();
    book.add({ ...slow, when: { above: '3s' } });
    expect(book.status().map(({ name }) => name)).toEqual(['another', 'ask above 3000 ms']);
  });

  it('is refused where there are 100 others, and none of them is touched', () => {
    const { book } = alertWorld();
    for (let i = 0; i < ALERT_DEFAULTS.maxRules; i++) book.add({ metric: `m${i}`, when: { above: 1 } });
    expect(() => book.add({ metric: 'more', when: { above: 1 } })).toThrow(/^alert rules must be at most 100, got 101/);
    expect(book.status()).toHaveLength(100);
  });
});

describe('a rule', () => {
  it('has defaults', () => {
    expect(resolved({ metric: 'ask', when: { above: 5 } })).toEqual({
      name: 'ask above 5',
      severity: 'warning',
      forMs: 0,
      keepFiringMs: 0,
      onNoData: 'resolve',
      repeatEveryMs: Number.POSITIVE_INFINITY,
      subject: {
        kind: 'metric',
        metric: 'ask',
        stat: undefined,
        labels: undefined,
        windowMs: 300_000,
        minCount: 1,
        when: { kind: 'above', value: 5, isTime: false },
        resolve: undefined,
      },
    });
  });

  it('looks at the whole window of a monitor that keeps less than its default', () => {
    const rule = resolveRule(slow as AlertRule, { ...KNOWN, windowMs: 60_000 });
    expect(rule.subject).toMatchObject({ windowMs: 60_000 });
  });

  it('may resolve at its own threshold, or anywhere on the better side', () => {
    expect(resolved({ ...slow, resolve: { below: '3s' } }).subject).toMatchObject({
      resolve: { kind: 'below', value: 3_000 },
    });
    expect(resolved({ metric: 'ask', when: { below: 10 }, resolve: { above: 10 } }).subject).toMatchObject({
      resolve: { kind: 'above', value: 10 },
    });
    expect(() => resolved({ metric: 'ask', when: isSlow, resolve: { above: 1 } })).not.toThrow();
    expect(() => resolved({ ...slow, resolve: isSlow })).not.toThrow();
  });

  it('counts with the labels it was given, whatever becomes of them', () => {
    const labels = { tenant: 'a' };
    const rule = resolved({ ...slow, labels });
    labels.tenant = 'b';
    expect(rule.subject).toMatchObject({ labels: { tenant: 'a' } });
  });

  it.each<[rule: AlertRule, name: string, before: string, after: string]>([
    [
      { metric: 'ask', when: { above: '3s' } },
      'ask above 3000 ms',
      'ask p95 above 3000 ms over 5m',
      'ask p95 above 3000 ms over 5m',
    ],
    [
      { metric: 'ask', when: { above: 3_000 }, window: '1h' },
      'ask above 3000',
      'ask above 3000 over 1h',
      'ask p95 above 3000 ms over 1h',
    ],
    [
      { metric: 'ask', stat: 'mean', when: { below: 0.5 }, window: 90_000 },
      'ask mean below 0.5',
      'ask mean below 0.5 over 90s',
      'ask mean below 0.5 ms over 90s',
    ],
    [
      { metric: 'ask', stat: 'ratePerMinute', when: { below: 100 } },
      'ask ratePerMinute below 100',
      'ask ratePerMinute below 100 per minute over 5m',
      'ask ratePerMinute below 100 per minute over 5m',
    ],
    [
      { metric: 'ask', labels: { tenant: 'a', error: '' }, when: isSlow },
      'ask{tenant="a",error=""} by isSlow',
      'ask{tenant="a",error=""} by isSlow over 5m',
      'ask{tenant="a",error=""} p95 by isSlow over 5m',
    ],
    [
      { metric: 'ask', stat: 'max', when: (value) => value > 1 },
      'ask max by a function',
      'ask max by a function over 5m',
      'ask max by a function over 5m',
    ],
    [{ target: 'responseTime' }, 'target responseTime', 'target responseTime not met', 'target responseTime not met'],
  ])('says what it looks at, by its name and to people: %j', (rule, name, before, after) => {
    const { book, reader } = alertWorld();
    reader.targetResults['responseTime'] = {
      met: false,
      actual: 4_000,
      target: 3_000,
      unit: 'ms',
      bound: 'max',
      samples: 50,
      confidence: 'high',
      windowMs: 3_600_000,
    };
    book.add(rule);
    expect(book.status()).toMatchObject([{ name, condition: before }]);
    reader.figures.set('ask', statsOfValues([1, 2, 3]));
    book.tick();
    expect(book.status()).toMatchObject([{ name, condition: after }]);
  });
});
