import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { exportSeries } from '../../src/monitor/exports/histogram-export.js';
import { fullReader, ReaderDouble } from './reader-double.js';

describe('an export', () => {
  it('has every series that has counted something, with exact totals', () => {
    const reader = fullReader();
    reader.add('unused', 'ms', []);
    const exported = exportSeries(reader, 'worker-1');
    expect(exported).toMatchObject({ version: 1, source: 'worker-1', at: reader.now() });
    expect(exported.series).toHaveLength(reader.list.length - 1);
    for (const one of exported.series) {
      const series = reader.list.find(({ name, labels }) => {
        return name === one.name && JSON.stringify(labels) === JSON.stringify(one.labels);
      })!;
      const { count, sum, min, max } = series.lifetime();
      expect(one).toMatchObject({ unit: series.unit, count, sum, min, max });
      expect(decodeFromCompressedBase64(one.histogram, 64).totalCount).toBe(count);
    }
  });

  it('is plain JSON', () => {
    const exported = exportSeries(fullReader(), 'worker-1');
    expect(JSON.parse(JSON.stringify(exported))).toEqual(exported);
  });

  it('has values in steps of their unit, so that fractions are not lost', () => {
    const reader = new ReaderDouble();
    reader.add('similarity', 'ratio', [0.875]);
    reader.add('ask', 'ms', [0.125]);
    const [similarity, ask] = exportSeries(reader, 'worker-1').series;
    expect(decodeFromCompressedBase64(similarity!.histogram).getValueAtPercentile(50) / 875_000).toBeCloseTo(1, 2);
    expect(decodeFromCompressedBase64(ask!.histogram).getValueAtPercentile(50)).toBe(125);
  });
});
