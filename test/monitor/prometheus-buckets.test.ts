import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import { histogramsOf, parsePrometheus } from './prometheus-parser.js';
import { fullReader, ReaderDouble } from './reader-double.js';

describe('buckets', () => {
  const bucketsOf = (reader: ReaderDouble, name: string): Map<number, number> => {
    const [histogram] = histogramsOf(parsePrometheus(prometheusText(reader)).get(name)!);
    return new Map(histogram!.buckets.map(({ le, count }) => [le, count]));
  };

  it('of times go from 5 ms to 2 minutes, with the response-time target among them', () => {
    const reader = fullReader();
    const request = bucketsOf(reader, 'hotpath_request_seconds');
    expect([...request.keys()]).toEqual([
      ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3, 5, 10, 30, 60, 120],
      Number.POSITIVE_INFINITY,
    ]);
    reader.targetResults = {};
    expect(bucketsOf(reader, 'hotpath_request_seconds').has(3)).toBe(false);
  });

  it('count exactly at the target, where a bucket of the histogram lies across it', () => {
    const reader = new ReaderDouble();
    reader.targetResults = { responseTimeP95: { ...fullReader().targetResults['responseTimeP95']!, target: 2_999 } };
    // All of these are in one bucket of 16 ms.
    reader.add('request', 'ms', [2_996, 2_998, 2_999, 2_999.5, 3_000, 3_005]);
    const counts = bucketsOf(reader, 'hotpath_request_seconds');
    expect(counts.get(2.999)).toBe(3);
    expect(counts.get(2.5)).toBe(0);
    expect(counts.get(5)).toBe(6);
  });

  it('do not fall beside the exact one', () => {
    const reader = new ReaderDouble();
    reader.targetResults = { responseTimeP95: { ...fullReader().targetResults['responseTimeP95']!, target: 2_501 } };
    reader.add('request', 'ms', [2_497, 2_499.9, 2_502, 2_503, 2_504]);
    const counts = bucketsOf(reader, 'hotpath_request_seconds');
    expect(counts.get(2.501)).toBe(2);
    expect(counts.get(2.5)).toBeLessThanOrEqual(2);
  });

  it('agree with the distribution at every bound', () => {
    const reader = fullReader();
    for (const [name, own, scale] of [
      ['hotpath_request_between_chunks_seconds', 'request_between_chunks', 1_000],
      ['hotpath_similarity_ratio', 'similarity', 1],
      ['hotpath_prompt_bytes', 'prompt_bytes', 1],
      ['hotpath_answer_tokens', 'answer_tokens', 1],
    ] as const) {
      const values = reader.list.find((one) => one.name === own)!.lifetime();
      const counts = bucketsOf(reader, name);
      for (const [le, count] of counts) expect([name, le, count]).toEqual([name, le, values.atMost(le * scale)]);
      expect(new Set(counts.values()).size).toBeGreaterThan(2);
    }
  });
});
