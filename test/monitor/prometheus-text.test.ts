import { describe, expect, it } from 'vitest';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../../src/monitor/exports/prometheus-text.js';
import { parsePrometheus } from './prometheus-parser.js';
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
