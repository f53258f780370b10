import { describe, expect, it } from 'vitest';
import { amount, bytes, duration, figure, NO_FIGURE, share, span } from '../../src/monitor/dashboard/client/figures.js';
import { ago, axisTime } from '../../src/monitor/dashboard/client/moments.js';
import { namedFigure, words } from '../../src/monitor/dashboard/client/words.js';

/** As the locale of this process writes it. */
const n = (value: number): string => new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(value);
const percent = (value: number): string =>
  new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 2 }).format(value);

describe('figures of the dashboard', () => {
  it.each<[number, string]>([
    [0, '0 ms'],
    [0.042, '42 µs'],
    [0.1, `${n(0.1)} ms`],
    [4.256, `${n(4.26)} ms`],
    [42.56, `${n(42.6)} ms`],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [2_314, `${n(2.31)} s`],
    [9_996, '10 s'],
    [12_340, `${n(12.3)} s`],
    [99_940, `${n(99.9)} s`],
    [100_000, '1 min 40 s'],
  ])('%d ms reads %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each<[number, string]>([
    [999, '0 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_600_000 + 5_000, '1 h'],
    [90_061_000, '1 d 1 h'],
  ])('a span of %d ms reads %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });

  it.each<[number, string]>([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1 kB'],
    [1_500, `${n(1.5)} kB`],
    [536_870_912, '537 MB'],
    [16e9, '16 GB'],
    [5e16, `${n(50_000)} TB`],
  ])('%d bytes read %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it.each<[number, string]>([
    [0, percent(0)],
    [0.0042, percent(0.0042)],
    [0.8126, percent(0.813)],
    [0.9996, percent(1)],
    [1, percent(1)],
  ])('a share of %d reads %s', (value, text) => {
    expect(share(value)).toBe(text);
  });

  it('writes numbers with three digits that carry meaning, and whole ones whole', () => {
    expect([0.004_56, 4.567, 45.67, 456.7, 12_345].map(amount)).toEqual([
      n(0.0046),
      n(4.57),
      n(45.7),
      n(457),
      n(12_345),
    ]);
  });

  it('shows a dash for what is no figure, and the unit that belongs to a figure', () => {
    expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => figure(value, 'ms'))).toEqual(
      Array(4).fill(NO_FIGURE),
    );
    expect(figure(184, 'perMinute')).toBe('184/min');
    expect(figure(1_500, 'bytes')).toBe(`${n(1.5)} kB`);
    expect(figure(3, 'count')).toBe('3');
  });

  it('reads names as words, and figures by the unit that their names end with', () => {
    expect(['savedMs', 'memoryHits', 'rssMb', 'bytes', 'not-confirmed'].map(words)).toEqual([
      'saved',
      'memory hits',
      'rss',
      'bytes',
      'not confirmed',
    ]);
    expect(namedFigure('savedMs', 1_500)).toBe(`${n(1.5)} s`);
    expect(namedFigure('rssMb', 300)).toBe('315 MB');
    expect(namedFigure('bytes', 2_000)).toBe('2 kB');
    expect(namedFigure('hitRateRecent', 0.5)).toBe(percent(0.5));
    expect(namedFigure('entries', 190)).toBe('190');
  });

  it('says how long ago something was', () => {
    expect([4_999, 5_000, 59_999, 60_000, 3_720_000].map((ms) => ago(1e12 - ms, 1e12))).toEqual([
      'just now',
      '5 s ago',
      '59 s ago',
      '1 min ago',
      '1 h 2 min ago',
    ]);
  });

  it('leaves the half of the day out of the labels of an axis', () => {
    expect(axisTime(Date.UTC(2026, 0, 1, 13, 5), 'minute')).not.toMatch(/[ap]\.?m\.?/i);
  });
});
