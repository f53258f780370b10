import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { exportSeries } from '../../src/monitor/exports/histogram-export.js';
import { MergeBook } from '../../src/monitor/exports/merge-book.js';
import { ReaderDouble } from './reader-double.js';

const reader = new ReaderDouble();
reader.add('ask', 'ms', [10, 20, 30], { model: 'small' });
reader.add('embed', 'ms', [1]);
const good = exportSeries(reader, 'a');
const [first, second] = good.series;
const other = second!.histogram;

/** The good export with one series changed: the second one, so that something could have been added before it is seen. */
const withSeries = (change: Record<string, unknown>): unknown => ({
  ...good,
  series: [first, { ...second, ...change }],
});

const ownProto = JSON.parse('{"__proto__":"x"}') as Record<string, unknown>;

describe('an export that is not as it must be', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'exported must be an object'],
    ['null', null, 'exported must be an object'],
    ['a text', JSON.stringify(good), 'exported must be an object'],
    ['a list', [good], 'exported must be an object'],
    ['no version', { ...good, version: undefined }, 'exported.version must be 1'],
    ['a later version', { ...good, version: 2 }, 'exported.version must be 1, got 2'],
    ['no source', { ...good, source: '' }, 'exported.source must be'],
    ['a source of another type', { ...good, source: { toString: () => 'a' } }, 'exported.source must be'],
    ['a source without end', { ...good, source: 'a'.repeat(1e6) }, 'exported.source must be'],
    ['no time', { ...good, at: Number.NaN }, 'exported.at must be'],
    ['no series', { ...good, series: undefined }, 'exported.series must be a list'],
    ['series that are no list', { ...good, series: { length: 1, 0: first } }, 'exported.series must be a list'],
    [
      'series without end',
      { ...good, series: new Array(1e6).fill(first) },
      'exported.series must be a list of at most',
    ],
    ['a hole', { ...good, series: [first, null] }, 'exported.series[1] must be an object'],
    ['a series twice', { ...good, series: [first, first] }, 'exported.series[1] must be a series that is there once'],
    ['no name', withSeries({ name: '' }), 'exported.series[1].name must be'],
    ['a name of another type', withSeries({ name: 7 }), 'exported.series[1].name must be'],
    ['an unknown unit', withSeries({ unit: 'hours' }), 'exported.series[1].unit must be one of ms, ratio'],
    ['a unit that objects are born with', withSeries({ unit: 'constructor' }), 'exported.series[1].unit must be'],
    ['the wrong unit', withSeries({ unit: 'bytes' }), 'exported.series[1] must be a series whose count, sum'],
    ['no labels', withSeries({ labels: null }), 'exported.series[1].labels must be an object'],
    ['labels that would be a prototype', withSeries({ labels: ownProto }), 'exported.series[1].labels must be strings'],
    ['labels that are no text', withSeries({ labels: { a: 1 } }), 'exported.series[1].labels must be strings'],
    ['empty labels', withSeries({ labels: { a: '' } }), 'exported.series[1].labels must be strings'],
    ['labels without end', withSeries({ labels: { a: 'x'.repeat(1e6) } }), 'exported.series[1].labels must be strings'],
    [
      'too many labels',
      withSeries({ labels: Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`l${i}`, 'x'])) }),
      'exported.series[1].labels must be at most 20',
    ],
    ['a count of 0', withSeries({ count: 0 }), 'exported.series[1].count must be a whole number above 0'],
    ['a fraction of a count', withSeries({ count: 1.5 }), 'exported.series[1].count must be'],
    [
      'a count that is not the histogram’s',
      { ...good, series: [{ ...first, count: 4 }] },
      'exported.series[0] must be',
    ],
    ['a sum of 0', withSeries({ sum: 0 }), 'exported.series[1] must be a series whose'],
    ['bounds the wrong way round', withSeries({ min: 1.001 }), 'exported.series[1] must be a series whose'],
    ['a negative sum', withSeries({ sum: -1 }), 'exported.series[1].sum must be a number, not negative'],
    ['an infinite sum', withSeries({ sum: Number.POSITIVE_INFINITY }), 'exported.series[1].sum must be'],
    ['a sum that the values can not have', withSeries({ sum: 1e9 }), 'exported.series[1] must be a series whose'],
    [
      'a largest value that the histogram does not have',
      withSeries({ max: 1e6 }),
      'exported.series[1] must be a series',
    ],
    [
      'a smallest value that the histogram does not have',
      withSeries({ min: 0 }),
      'exported.series[1] must be a series',
    ],
    ['no histogram', withSeries({ histogram: undefined }), 'exported.series[1].histogram must be a histogram'],
    ['another histogram', { ...good, series: [{ ...first, histogram: other }] }, 'exported.series[0] must be a series'],
    ['broken base64', withSeries({ histogram: '%%%' }), 'exported.series[1].histogram must be a histogram'],
    [
      'a damaged histogram',
      withSeries({ histogram: `${other.slice(0, 20)}AAAA${other.slice(24)}` }),
      'exported.series[1].histogram',
    ],
  ])('is refused, and changes nothing: %s', (_, exported, message) => {
    const book = new MergeBook();
    let asked = 0;
    const find = (): undefined => {
      asked++;
      return undefined;
    };
    expect(() => book.merge(exported, find)).toThrow(InvalidOptionError);
    expect(() => book.merge(exported, find)).toThrow(message);
    expect(asked).toBe(0);
    // The good one is whole still.
    expect(book.merge(good, () => ({ addBuckets: () => {} }))).toEqual({ added: 4, skipped: 0 });
  });

  it('is refused before all of it was unpacked where it has more buckets than any', () => {
    const wide = new ReaderDouble();
    wide.add(
      'wide',
      'ms',
      Array.from({ length: 5_000 }, (_, i) => 1.004 ** i).filter((value) => value < 1e9),
    );
    const [series] = exportSeries(wide, 'a').series;
    let read = 0;
    const many = Array.from({ length: 5_000 }, (_, i) => ({
      ...series,
      get name() {
        read++;
        return `n${i}`;
      },
    }));
    expect(() => new MergeBook().merge({ ...good, series: many }, () => undefined)).toThrow('at most 2000000 buckets');
    expect(read).toBeLessThan(4_000);
  });

  it('says what was wrong with the histogram, and shows no more than its beginning', () => {
    const long = 'A'.repeat(1e6);
    expect(() => new MergeBook().merge(withSeries({ histogram: long }), () => undefined)).toThrow(
      /\(no base64 of a histogram\), got "A{80}\.\.\."$/,
    );
  });
});
