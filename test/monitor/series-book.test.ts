import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import { seriesWorld } from './series-world.js';

describe('the book of series', () => {
  it('finds one series for equal labels, in whatever order and kind they are given', () => {
    const { book } = seriesWorld();
    const one = book.get('ask', { model: 'a', stream: true, tries: 2 }, 'ms');
    expect(book.get('ask', { tries: '2', stream: 'true', model: 'a' }, 'ms')).toBe(one);
    expect(book.get('ask', { model: 'a', stream: true, tries: 2, tenant: undefined as never }, 'ms')).toBe(one);
    expect(book.get('ask', { model: 'b', stream: true, tries: 2 }, 'ms')).not.toBe(one);
    expect(one.labels).toEqual({ model: 'a', stream: 'true', tries: '2' });
    expect(book.get('ask', {}, 'ms')).toBe(book.get('ask', undefined, 'ms'));
  });

  it('finds the right series for an object of labels that changes between calls', () => {
    const { book } = seriesWorld();
    const labels: Record<string, string | number> = { model: 'a', tries: 1 };
    const first = book.get('ask', labels, 'ms');
    expect(book.get('ask', labels, 'ms')).toBe(first);
    labels['tries'] = 2;
    const second = book.get('ask', labels, 'ms');
    expect(second.labels).toEqual({ model: 'a', tries: '2' });
    labels['extra'] = 'x';
    expect(book.get('ask', labels, 'ms').labels).toEqual({ extra: 'x', model: 'a', tries: '2' });
    for (let i = 0; i < 50; i++)
      expect(book.get('ask', { model: 'a', tries: i }, 'ms').labels['tries']).toBe(String(i));
    expect(book.get('ask', { tries: 1, model: 'a' }, 'ms')).toBe(first);
    expect(book.get('ask', { model: 'a' }, 'ms').labels).toEqual({ model: 'a' });
    expect(book.get('ask', { model: 'a', tries: 2 }, 'ms')).toBe(second);
  });

  it('does not mix up labels whose texts run together', () => {
    const { book } = seriesWorld();
    const pairs = [
      { a: 'b\u0001c\u0000d' },
      { a: 'b', c: 'd' },
      { a: 'bc', d: '' },
      { 'a\u0000b': 'c' },
      { a: 'b\u0000c' },
    ];
    expect(new Set(pairs.map((labels) => book.get('ask', labels, 'ms'))).size).toBe(pairs.length);
  });

  it('keeps labels within bounds: ten of them, 120 characters each', () => {
    const { book } = seriesWorld();
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`l${String(i).padStart(2, '0')}`, 'x'.repeat(500)]),
    );
    const { labels } = book.get('ask', many, 'ms');
    expect(Object.keys(labels)).toHaveLength(10);
    expect(Object.values(labels).every((value) => value.length === 120)).toBe(true);
  });

  it('gives label sets past its bound to the overflow series of their name, and loses no value', () => {
    const { book, overflowed } = seriesWorld({ maxSeries: 5 });
    for (let i = 0; i < 100; i++) book.get('ask', { user: String(i) }, 'ms').record(i);
    expect(book.size).toBe(5);
    expect(book.all()).toHaveLength(6);
    expect(book.get('ask', { user: '77' }, 'ms').labels).toEqual({ overflow: 'true' });
    expect(book.get('ask', { user: '3' }, 'ms').count).toBe(1);
    expect(book.select('ask').reduce((sum, series) => sum + series.count, 0)).toBe(100);
    expect(overflowed).toEqual(['ask']);
    expect(book.overflowed).toBe(95);
  });

  it('keeps a place for what targets are judged by, however full it is', () => {
    const { book } = seriesWorld({ maxSeries: 3 });
    for (let i = 0; i < 50; i++) book.get('ask', { user: String(i) }, 'ms').record(1);
    const request = book.get('request', undefined, 'ms');
    request.record(5);
    expect([request.name, request.unit, book.size]).toEqual(['request', 'ms', 3]);
  });

  it('counts values without a place of their own, those of bound series too', () => {
    const { book } = seriesWorld({ maxSeries: 2 });
    book.get('overflow', undefined, 'count').record(7);
    book.get('ask', undefined, 'ms').record(1);
    const bound = book.get('ask', { user: '1' }, 'ms');
    for (let i = 0; i < 100; i++) bound.record(1);
    book.get('other', { a: 1 }, 'ms').record(3);
    expect(book.overflowed).toBe(102);
    // A host's own metric of that name goes on counting.
    expect(book.select('overflow').reduce((sum, series) => sum + series.sum, 0)).toBe(10);
  });

  it('has one overflow series, also where a host has made it first', () => {
    const { book } = seriesWorld({ maxSeries: 1 });
    const own = book.get('ask', { overflow: 'true' }, 'ms');
    expect(book.get('ask', { user: '1' }, 'ms')).toBe(own);
    expect(book.select('ask')).toHaveLength(1);
  });

  it('gives new names past its bound to one series, and says which', () => {
    const { book, overflowed } = seriesWorld({ maxSeries: 3 });
    for (let i = 0; i < 50; i++) book.get(`metric ${i}`, i % 2 ? { a: 1 } : undefined, 'ms').record(1);
    expect(book.names().map(({ name, count }) => [name, count])).toEqual([
      ...[0, 1, 2].map((i) => [`metric ${i}`, 1]),
      ['overflow', 47],
    ]);
    expect(overflowed).toHaveLength(3);
    expect(book.all().length).toBeLessThanOrEqual(3 + 4);
  });

  it('selects by labels, an empty one standing for none', () => {
    const { book } = seriesWorld();
    for (const labels of [undefined, { error: 'E1' }, { error: 'E1', model: 'a' }, { model: 'a' }]) {
      book.get('ask', labels, 'ms').record(1);
    }
    expect(book.select('ask')).toHaveLength(4);
    expect(book.select('ask', { error: 'E1' })).toHaveLength(2);
    expect(book.select('ask', { error: '' })).toHaveLength(2);
    expect(book.select('ask', { error: '', model: 'a' })).toHaveLength(1);
    expect(book.select('other')).toEqual([]);
  });

  it('finds by the very labels that were recorded', () => {
    const { book } = seriesWorld();
    const long = { a: 'x'.repeat(300), ['n'.repeat(300)]: 1, gone: undefined as never };
    const series = book.get('ask', long, 'ms');
    expect(book.select('ask', long)).toEqual([series]);
    expect(book.select('ask', { constructor: '' })).toEqual([series]);
    expect(book.select('ask', { gone: '' })).toEqual([series]);
    expect(Object.keys(series.labels).every((name) => name.length <= 120)).toBe(true);
    expect(() => Object.assign(series.labels, { a: 'y' })).toThrow(TypeError);
  });

  it('holds a name to its first unit, or to the one that was stated', () => {
    const { book } = seriesWorld({ units: { score: 'ratio' } });
    expect(book.get('score', undefined, undefined).unit).toBe('ratio');
    expect(book.get('tokens', undefined, undefined).unit).toBe('count');
    book.checkUnit('score', 'ratio');
    for (const bad of [() => book.checkUnit('score', 'ms'), () => book.checkUnit('tokens', 'bytes')]) {
      expect(bad).toThrow(InvalidOptionError);
    }
    expect(() => book.checkUnit('new', 'hours')).toThrow('unit must be one of ms, ratio, count, bytes, got "hours"');
    expect(() => book.checkUnit('score', 'ms')).toThrow("'ratio', as it was first");
  });

  it('is not fooled by names that objects have of themselves', () => {
    const { book } = seriesWorld();
    for (const name of ['constructor', '__proto__', 'toString']) {
      book.get(name, { [name]: 'x' }, undefined).record(1);
      expect(book.unitOf(name)).toBe('count');
    }
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
