import { describe, expect, it, vi } from 'vitest';
import { FiguresBook } from '../../src/monitor/dashboard/figures-book.js';
import { fullReader } from './reader-double.js';

describe('figures that are kept for pages', () => {
  it('are the same for windows of the same slots, however they were asked for', () => {
    const reader = fullReader();
    const book = new FiguresBook(reader);
    const stats = vi.spyOn(reader, 'stats');
    const series = reader.series();
    const name = reader.names().find((entry) => entry.name !== reader.operation)!.name;
    const first = book.stats(name, 600_000, series, reader.time);
    const reads = stats.mock.calls.length;
    for (let i = 0; i < 100; i++) {
      // Of whole minutes: up to the tenth.
      expect(book.stats(name, 599_900 + i, series, reader.time)).toBe(first);
    }
    expect(stats.mock.calls.length).toBe(reads);
    book.stats(name, 600_001, series, reader.time);
    expect(stats.mock.calls.length).toBeGreaterThan(reads);
    // As long in fine slots is another window.
    expect(book.stats(name, 300_000, series, reader.time)).not.toBe(book.stats(name, 300_001, series, reader.time));
  });

  it('are forgotten when they are cleared', () => {
    const reader = fullReader();
    const book = new FiguresBook(reader);
    const series = reader.series();
    const kept = book.stages(600_000, series, reader.time);
    expect(book.stages(600_000, series, reader.time)).toBe(kept);
    book.clear();
    expect(book.stages(600_000, series, reader.time)).not.toBe(kept);
  });
});
