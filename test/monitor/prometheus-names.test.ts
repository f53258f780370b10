import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import type { Unit } from '../../src/monitor/unit.js';
import { histogramsOf, parsePrometheus } from './prometheus-parser.js';
import { fullReader, ReaderDouble } from './reader-double.js';

function familyNames(add: readonly (readonly [name: string, unit: Unit])[]): string[] {
  const reader = new ReaderDouble();
  for (const [name, unit] of add) reader.add(name, unit, [1]);
  return [...parsePrometheus(prometheusText(reader))]
    .filter(([, { type }]) => type === 'histogram')
    .map(([name]) => name);
}

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
