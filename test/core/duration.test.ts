import { describe, expect, it } from 'vitest';
import { toMs } from '../../src/core/duration.js';

describe('toMs', () => {
  it.each([
    [0, 0],
    [250, 250],
    ['250ms', 250],
    ['1.5s', 1500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ] as const)('reads %j as %d ms', (value, ms) => {
    expect(toMs('ttl', value)).toBe(ms);
  });

  it.each([-1, Number.NaN, '5 m', '5', '-5s', '5w', '', null, undefined, {}, true])('refuses %j by name', (value) => {
    expect(() => toMs('ttl', value as never)).toThrow(/^ttl must be a duration/);
  });

  it('refuses 0 and Infinity where they make no sense', () => {
    expect(() => toMs('every', 0, { zero: false })).toThrow('every must be a duration above 0');
    expect(() => toMs('every', Number.POSITIVE_INFINITY, { infinite: false })).toThrow(/got Infinity$/);
  });
});
