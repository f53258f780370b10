import { describe, expect, it } from 'vitest';
import { reportOf } from '../../src/monitor/exports/report.js';
import { fullReader, ReaderDouble } from './reader-double.js';

describe('a report', () => {
  const reader = fullReader();
  const report = reportOf(reader);

  it('is plain JSON, with version and time', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({
      version: 1,
      time: '2023-11-15T00:00:00.000Z',
      at: reader.now(),
      startedAt: reader.startedAt,
      windowMs: 3_600_000,
      operation: 'request',
      inFlight: 5,
    });
  });

  it('has the figures of every metric, most-used first, without what the slowest list shows', () => {
    expect(Object.keys(report.metrics)).toEqual(reader.names().map(({ name }) => name));
    expect(report.metrics['request']).toMatchObject({
      unit: 'ms',
      total: 615,
      stats: reader.stats('request', { exemplars: 0 }),
    });
    expect(report.metrics['request']!.stats!.exemplars).toEqual([]);
  });

  it('breaks a metric down by its labels, each set by itself', () => {
    const byLabels = report.metrics['request']!.byLabels;
    expect(byLabels.map(({ labels, stats }) => [labels, stats!.count])).toEqual([
      [{ cache: 'hit' }, 400],
      // Not those with an error, which have this label too.
      [{ cache: 'miss' }, 200],
      [{ cache: 'miss', error: 'TimeoutError' }, 12],
      [{ cache: 'miss', error: 'HTTP 429' }, 3],
    ]);
    expect(report.metrics['process_cpu']!.byLabels).toEqual([]);
  });

  it('shows at most 20 label sets, and says how many more there are', () => {
    const many = new ReaderDouble();
    for (let i = 0; i < 25; i++) many.add('ask', 'ms', Array(i + 1).fill(1), { model: `m${i}` });
    const { byLabels, moreLabels } = reportOf(many).metrics['ask']!;
    expect(byLabels).toHaveLength(20);
    expect(byLabels[0]!.labels).toEqual({ model: 'm24' });
    expect(moreLabels).toBe(5);
  });

  it('counts errors by type', () => {
    expect(report.errors).toEqual([
      { name: 'request', error: 'TimeoutError', count: 12, share: 12 / 615 },
      { name: 'request', error: 'HTTP 429', count: 3, share: 3 / 615 },
    ]);
  });

  it('keeps requests from the cache apart from others', () => {
    expect(Object.keys(report.cache)).toEqual(['request']);
    const { hit, miss, hitShare } = report.cache['request']!;
    expect([hit!.count, miss!.count, hitShare]).toEqual([400, 215, 400 / 615]);
    expect(hit!.p95).toBeLessThan(miss!.p50);
  });

  it('shows in which stages the time goes, the longest first', () => {
    const stages = report.stages['request']!;
    expect(stages.map(({ stage }) => stage)).toEqual(['model', 'retrieval', 'rerank']);
    const total = report.metrics['request']!.stats!.sum;
    expect(stages[0]!.share).toBeCloseTo(stages[0]!.stats!.sum / total, 12);
  });

  it('has the 20 slowest requests', () => {
    expect(report.slowest).toHaveLength(20);
    expect(report.slowest).toEqual(reader.slowest('request', 20));
  });

  it('has all that others know', () => {
    expect(report).toMatchObject({
      targets: reader.targets(),
      alerts: reader.alerts(),
      marks: reader.marks(),
      attachments: reader.attachments(),
      resources: reader.resources(),
      profiles: reader.profiles(),
      troubles: reader.troubles(),
    });
  });

  it('of a monitor that has seen nothing is empty, and says so with null', () => {
    const empty = reportOf(new ReaderDouble());
    expect(empty).toMatchObject({ metrics: {}, errors: [], cache: {}, stages: {}, slowest: [], resources: null });
  });

  it('has null for a metric without values in the window', () => {
    const late = new ReaderDouble();
    late.add('ask', 'ms', [1], { cache: 'hit' });
    late.time += 2 * late.windowMs;
    const { metrics, cache } = reportOf(late);
    expect(metrics['ask']).toMatchObject({
      total: 1,
      stats: null,
      byLabels: [{ labels: { cache: 'hit' }, stats: null }],
    });
    expect(cache['ask']).toEqual({ hit: null, miss: null, hitShare: null });
  });

  it('keeps metrics whose names objects are born with', () => {
    const odd = new ReaderDouble();
    odd.add('__proto__', 'ms', [1]);
    odd.add('constructor', 'ms', [1]);
    expect(Object.keys(reportOf(odd).metrics)).toEqual(['__proto__', 'constructor']);
  });
});
