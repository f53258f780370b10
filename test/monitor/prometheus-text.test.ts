import { describe, expect, it } from 'vitest';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import type { Unit } from '../../src/monitor/unit.js';
import { histogramsOf, parsePrometheus } from './prometheus-parser.js';
import { fullReader, ReaderDouble } from './reader-double.js';

/** The value of the one sample of a metric that has these labels. */
function sampleOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = parsePrometheus(text)
    .get(name)
    ?.samples.filter((one) => {
      return Object.entries(labels).every(([label, value]) => one.labels[label] === value);
    });
  expect(found?.length ?? 0).toBeLessThan(2);
  return found?.[0]?.value;
}

function familyNames(add: readonly (readonly [name: string, unit: Unit])[]): string[] {
  const reader = new ReaderDouble();
  for (const [name, unit] of add) reader.add(name, unit, [1]);
  return [...parsePrometheus(prometheusText(reader))]
    .filter(([, { type }]) => type === 'histogram')
    .map(([name]) => name);
}

describe('metrics with fixed names', () => {
  const text = prometheusText(fullReader());

  it('count requests, failed ones, and those over the target', () => {
    expect(sampleOf(text, 'hotpath_requests_total', { operation: 'request' })).toBe(615);
    expect(sampleOf(text, 'hotpath_requests_failed_total', { operation: 'request' })).toBe(15);
    const over = fullReader().list.reduce((sum, one) => sum + one.overTarget, 0);
    expect(over).toBeGreaterThan(0);
    expect(sampleOf(text, 'hotpath_requests_over_target_total', { operation: 'request' })).toBe(over);
    expect(sampleOf(text, 'hotpath_in_flight', { operation: 'request' })).toBe(5);
  });

  it('are there before the first request, at 0', () => {
    const empty = prometheusText(new ReaderDouble());
    expect(sampleOf(empty, 'hotpath_requests_total')).toBe(0);
    expect(sampleOf(empty, 'hotpath_requests_failed_total')).toBe(0);
    expect(sampleOf(empty, 'hotpath_rejected_values_total')).toBe(0);
    expect(sampleOf(empty, 'hotpath_memory_ratio')).toBeUndefined();
  });

  it('say what the process uses', () => {
    expect(sampleOf(text, 'hotpath_memory_ratio')).toBe(0.61);
    expect(sampleOf(text, 'hotpath_cpu_ratio')).toBe(0.87);
    expect(sampleOf(text, 'hotpath_event_loop_utilization_ratio')).toBe(0.87);
    expect(sampleOf(text, 'hotpath_memory_limit_bytes')).toBe(512 * 2 ** 20);
    expect(sampleOf(text, 'hotpath_heap_used_bytes')).toBe(180 * 2 ** 20);
    expect(sampleOf(text, 'hotpath_rss_bytes')).toBe(312 * 2 ** 20);
  });

  it('say of each target whether it is met, in base units, and nothing without a verdict', () => {
    expect(sampleOf(text, 'hotpath_target_met', { target: 'responseTimeP95' })).toBe(1);
    expect(sampleOf(text, 'hotpath_target_met', { target: 'cpuUsage' })).toBe(0);
    expect(sampleOf(text, 'hotpath_target_met', { target: 'throughputPerMinute' })).toBeUndefined();
    expect(sampleOf(text, 'hotpath_target_actual', { target: 'responseTimeP95' })).toBe(2.7405);
    expect(sampleOf(text, 'hotpath_target_limit', { target: 'responseTimeP95' })).toBe(3);
    expect(sampleOf(text, 'hotpath_target_limit', { target: 'throughputPerMinute' })).toBe(100);
    expect(sampleOf(text, 'hotpath_target_actual', { target: 'goodAnswers' })).toBeUndefined();
    expect(sampleOf(text, 'hotpath_target_limit', { target: 'goodAnswers' })).toBe(0.95);
  });

  it('let an alert fire until it is resolved', () => {
    expect(sampleOf(text, 'hotpath_alert_firing', { alert: 'slow answers', severity: 'critical' })).toBe(1);
    expect(sampleOf(text, 'hotpath_alert_firing', { alert: 'errors', severity: 'warning' })).toBe(1);
    expect(sampleOf(text, 'hotpath_alert_firing', { alert: 'cpu' })).toBe(0);
    expect(sampleOf(text, 'hotpath_alert_firing', { alert: 'memory' })).toBe(0);
  });

  it('count what could not be recorded as it came', () => {
    expect(sampleOf(text, 'hotpath_rejected_values_total')).toBe(2);
    expect(sampleOf(text, 'hotpath_clamped_values_total')).toBe(1);
    expect(sampleOf(text, 'hotpath_overflowed_values_total')).toBe(7);
    expect(sampleOf(text, 'hotpath_series')).toBe(18);
  });

  it('begin with the prefix of the host', () => {
    const own = parsePrometheus(prometheusText(fullReader(), { prefix: 'shop_' }));
    expect([...own.keys()].filter((name) => !name.startsWith('shop_'))).toEqual([]);
    expect(own.has('shop_request_seconds')).toBe(true);
  });

  it('go with the content type of the format', () => {
    expect(PROMETHEUS_CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('names of series', () => {
  it.each([
    ['ask', 'ms', 'hotpath_ask_seconds'],
    ['ask_ms', 'ms', 'hotpath_ask_seconds'],
    ['request_seconds', 'ms', 'hotpath_request_seconds'],
    ['firstChunkMs', 'ms', 'hotpath_first_chunk_seconds'],
    ['HTTPServer.latency', 'ms', 'hotpath_http_server_latency_seconds'],
    ['ms_per_token', 'ms', 'hotpath_seconds_per_token'],
    ['milliseconds', 'ms', 'hotpath_seconds'],
    ['prompt_bytes', 'bytes', 'hotpath_prompt_bytes'],
    ['promptKb', 'bytes', 'hotpath_prompt_bytes'],
    ['hit_ratio', 'ratio', 'hotpath_hit_ratio'],
    ['similarity', 'ratio', 'hotpath_similarity_ratio'],
    ['answer tokens', 'count', 'hotpath_answer_tokens'],
    ['wait_ms', 'count', 'hotpath_wait_seconds'],
    ['tokens_total', 'count', 'hotpath_tokenstotal'],
    ['plan_b', 'count', 'hotpath_planb'],
    ['größe', 'count', 'hotpath_gro_e'],
  ] as const)('%s in %s is %s', (name, unit, expected) => {
    expect(familyNames([[name, unit]])).toEqual([expected]);
  });

  it('are values in base units', () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [250, 750]);
    reader.add('wait_ms', 'count', [250, 750]);
    const text = prometheusText(reader);
    for (const name of ['hotpath_ask_seconds', 'hotpath_wait_seconds']) {
      const [histogram] = histogramsOf(parsePrometheus(text).get(name)!);
      expect(histogram).toMatchObject({ sum: 1, count: 2 });
      expect(histogram!.buckets.find(({ le }) => le === 0.5)?.count).toBe(1);
    }
  });

  it('that come to the same are told apart: the fit one keeps it, the other one is the same in whatever company', () => {
    const two = familyNames([
      ['ask.ms', 'ms'],
      ['ask', 'ms'],
    ]);
    expect(two[0]).toBe('hotpath_ask_seconds');
    expect(two[1]).toMatch(/^hotpath_ask_x[a-z0-9]+_seconds$/);
    const three = familyNames([
      ['ask', 'ms'],
      ['ask-seconds', 'ms'],
      ['ask.ms', 'ms'],
    ]);
    expect(three).toHaveLength(3);
    expect(three).toEqual(expect.arrayContaining(two));
  });

  it('that are fit as they are keep them, whichever comes first', () => {
    const names = familyNames([
      ['ASK', 'ms'],
      ['ask', 'ms'],
    ]);
    expect(names[0]).toBe('hotpath_ask_seconds');
    const reader = new ReaderDouble();
    reader.add('ASK', 'ms', [1]);
    reader.add('ask', 'ms', [1, 1]);
    const [histogram] = histogramsOf(parsePrometheus(prometheusText(reader)).get('hotpath_ask_seconds')!);
    expect(histogram!.count).toBe(2);
  });

  it('and labels stand in an order that does not depend on use', () => {
    const reader = fullReader();
    const text = prometheusText(reader);
    reader.series = () => [...reader.list].reverse();
    expect(prometheusText(reader)).toBe(text);
  });

  it('begin with a letter or _ without a prefix, too', () => {
    const reader = new ReaderDouble();
    reader.add('1st', 'ms', [1]);
    expect(parsePrometheus(prometheusText(reader, { prefix: '' })).has('_1st_seconds')).toBe(true);
  });

  it('leave fixed metrics their names', () => {
    const names = familyNames([
      ['event_loop_utilization', 'ratio'],
      ['memory', 'ratio'],
    ]);
    expect(names).toEqual(['hotpath_event_loop_utilization_distribution_ratio', 'hotpath_memory_distribution_ratio']);
  });

  it('never are the name of a sample of another one', () => {
    const names = familyNames([
      ['ask', 'count'],
      ['ask_count', 'count'],
      ['ask_sum', 'count'],
      ['ask_bucket', 'count'],
    ]);
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
  });

  it('have a name where no letter of theirs can be written', () => {
    const names = familyNames([
      ['价格', 'ms'],
      ['时间', 'ms'],
      ['...', 'count'],
    ]);
    expect(new Set(names).size).toBe(3);
    expect(names.filter((name) => !/^hotpath_x[a-z0-9]+(_seconds)?$/.test(name))).toEqual([]);
  });

  it('like those that objects are born with are names like any other', () => {
    expect(
      familyNames([
        ['__proto__', 'count'],
        ['constructor', 'count'],
        ['toString', 'count'],
      ]).sort(),
    ).toEqual(['hotpath_constructor', 'hotpath_proto', 'hotpath_to_string']);
  });
});

describe('labels', () => {
  const withLabels = (...labels: Record<string, string>[]): ReturnType<typeof histogramsOf> => {
    const reader = new ReaderDouble();
    for (const one of labels) reader.add('ask', 'ms', [1], one);
    return histogramsOf(parsePrometheus(prometheusText(reader)).get('hotpath_ask_seconds')!);
  };

  it('that formats reserve are renamed', () => {
    const [histogram] = withLabels({ le: '1', quantile: '0.5', __name__: 'x', modelName: 'small', '1st': 'a' });
    expect(histogram!.labels).toEqual({
      label_le: '1',
      label_quantile: '0.5',
      name: 'x',
      model_name: 'small',
      label_1st: 'a',
    });
  });

  it('keep their values, whatever characters they have', () => {
    const value = 'a "b" \\ c\nd\\n é \u{1f600} {x="y"}';
    expect(withLabels({ model: value })[0]!.labels).toEqual({ model: value });
  });

  it('lose what UTF-8 or a parser does not carry, and series that are the same then are added up', () => {
    const [histogram, ...others] = withLabels({ model: 'a\u0000' }, { model: 'a\ud800' });
    expect(others).toEqual([]);
    expect(histogram).toMatchObject({ labels: { model: 'a\ufffd' }, count: 2 });
  });

  it('of two names that come to the same are told apart', () => {
    const histograms = withLabels({ 'model.name': 'a', model_name: 'b' }, { 'model.name': 'b' });
    expect(histograms).toHaveLength(2);
    const both = histograms.find(({ labels }) => Object.keys(labels).length === 2)!;
    expect(both.labels['model_name']).toBe('b');
    const other = Object.keys(both.labels).find((name) => name !== 'model_name')!;
    expect(other).toMatch(/^model_name_x/);
    expect(histograms.find((one) => one !== both)!.labels).toEqual({ [other]: 'b' });
  });
});

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

describe('what is attached', () => {
  const text = prometheusText(fullReader());

  it.each([
    ['hotpath_cache_hits_total', { name: 'cache' }, 400],
    ['hotpath_cache_load_seconds_total', { name: 'cache' }, 189.4005],
    ['hotpath_cache_bytes', { name: 'cache' }, 2 ** 21],
    ['hotpath_cache_hit_rate', { name: 'cache' }, 0.6504065],
    ['hotpath_cache_in_flight', { name: 'cache' }, 3],
    ['hotpath_memory_freed_bytes_total', { name: 'memory' }, 30 * 2 ** 20],
    ['hotpath_cache_misses_by_reason_total', { name: 'cache', reason: 'not-confirmed' }, 4],
    ['hotpath_llm_misses_by_reason_total', { name: 'answers', reason: 'threshold' }, 50],
    ['hotpath_optimizer_refusals_by_reason_total', { name: 'optimizer', reason: 'dialect' }, 10],
    ['hotpath_cache_remote_state', { name: 'cache', state: 'closed' }, 1],
    ['hotpath_memory_level_state', { name: 'memory', state: 'normal' }, 1],
  ] as const)('is there as %s', (name, labels, value) => {
    expect(sampleOf(text, name, labels)).toBe(value);
  });

  it('does not say total twice, and leaves out what is no count', () => {
    const reader = new ReaderDouble();
    const counters = { hitsTotal: 3, waitMsTotal: 500, wrong: -1, none: Number.NaN };
    reader.attachmentReadings = [{ name: 'a', kind: 'cache', counters, gauges: {}, reasons: {}, states: {} }];
    const families = [...parsePrometheus(prometheusText(reader)).values()];
    const own = families.filter(({ name }) => name.startsWith('hotpath_cache'));
    expect(own.map(({ name, samples }) => [name, samples[0]!.value])).toEqual([
      ['hotpath_cache_hits_total', 3],
      ['hotpath_cache_wait_seconds_total', 0.5],
    ]);
  });

  it('shares the metric with others of its kind, and leaves the monitor its own', () => {
    const reader = new ReaderDouble();
    const memory = fullReader().attachmentReadings.find(({ kind }) => kind === 'memory')!;
    reader.resource = fullReader().resource;
    reader.attachmentReadings = ['a', 'b'].map((name) => ({ ...memory, name, gauges: { limitMb: 2, fraction: 0.5 } }));
    const families = parsePrometheus(prometheusText(reader));
    expect(families.get('hotpath_memory_limit_bytes')!.samples).toHaveLength(1);
    expect(families.get('hotpath_memory_limit_attached_bytes')!.samples).toEqual(
      ['a', 'b'].map((name) => ({
        name: 'hotpath_memory_limit_attached_bytes',
        labels: { name },
        value: 2 ** 21,
      })),
    );
  });
});
