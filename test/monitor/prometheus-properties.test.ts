import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import { seedOf } from '../random.js';
import { anyReader } from './prometheus-arbitrary.js';
import { histogramsOf, parsePrometheus } from './prometheus-parser.js';
import type { ReaderDouble } from './reader-double.js';

describe('whatever hosts call their metrics and labels', () => {
  it('no line is invalid or comes twice, each name has a metric of its own, and each value is counted once', () => {
    fc.assert(
      fc.property(anyReader, (reader) => {
        const families = parsePrometheus(prometheusText(reader));
        const histograms = [...families.values()].filter(({ type }) => type === 'histogram');
        expect(histograms).toHaveLength(reader.names().length);
        const counted = histograms.flatMap(histogramsOf).reduce((sum, { count }) => sum + count!, 0);
        expect(counted).toBe(reader.list.reduce((sum, one) => sum + one.samples.length, 0));
      }),
      { numRuns: 250, seed: seedOf('valid Prometheus text') },
    );
  });

  it('names do not depend on which series is used most', () => {
    fc.assert(
      fc.property(anyReader, (reader) => {
        const families = parsePrometheus(prometheusText(reader));
        const reversed = Object.assign(Object.create(Object.getPrototypeOf(reader)) as ReaderDouble, reader);
        reversed.series = () => [...reader.series()].reverse();
        expect([...parsePrometheus(prometheusText(reversed)).keys()]).toEqual([...families.keys()]);
      }),
      { numRuns: 60, seed: seedOf('names do not depend on use') },
    );
  });
});
