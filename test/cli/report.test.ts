import { describe, expect, test } from 'vitest';
import { figure, toMarkdown } from '../../src/cli/report.js';

describe('report', () => {
  test('prints numbers to the right, text to the left, and leaves gaps where a row has no value', () => {
    const rows = [
      { contestant: 'quick-lru', ns: 49.06 },
      { contestant: 'a|b', ns: 12_345.6, note: 'x' },
    ];
    expect(toMarkdown({ title: 'A hit', about: 'Once.', rows, notes: ['All hits.'] })).toBe(
      [
        '## A hit',
        '',
        'Once.',
        '',
        '| contestant |     ns | note |',
        '|------------|-------:|------|',
        '| quick-lru  |   49.1 |      |',
        '| a\\|b       | 12,346 | x    |',
        '',
        '- All hits.',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [0, '0'],
    [0.01234, '0.0123'],
    [49.06, '49.1'],
    [1_234.5, '1,235'],
    [Number.NaN, '-'],
    [Number.POSITIVE_INFINITY, '-'],
  ])('writes %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
