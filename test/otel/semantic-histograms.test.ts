import { DataPointType, type HistogramMetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { OtelBridgeOptions } from '../../src/otel/index.js';
import { MetricsSdk, point, points, testBridge } from './otel-sdk.js';
import { TimerFeed } from './timer-feed.js';

const CHAT = { kind: 'gen_ai', operation: 'chat', provider: 'openai' } as const;
const SQL = { kind: 'db', system: 'postgresql', summary: 'SELECT orders' } as const;

function bridged(mapping: NonNullable<OtelBridgeOptions['mapping']>, attributes: Record<string, string> = {}) {
  const sdk = new MetricsSdk();
  const feed = new TimerFeed();
  const bridge = testBridge(feed, { meter: sdk.meter, mapping, attributes });
  return { sdk, feed, bridge };
}

const sumOf = (value: unknown): { sum: number; count: number } => {
  const { sum, count } = value as { sum: number; count: number };
  return { sum, count };
};

describe('calls to models', () => {
  it('are timed in seconds, with the boundaries that the conventions recommend', async () => {
    const { sdk, feed } = bridged({ model: CHAT }, { region: 'eu' });
    feed.run('model', { ms: 1_500, labels: { model: 'gpt-4o' } });
    const got = await sdk.collect();
    const metric = got.get('gen_ai.client.operation.duration') as HistogramMetricData;
    expect(metric.descriptor.unit).toBe('s');
    expect(metric.dataPointType).toBe(DataPointType.HISTOGRAM);
    expect(metric.dataPoints[0]!.value.buckets.boundaries).toEqual([
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ]);
    const { value, attributes } = point(got, 'gen_ai.client.operation.duration');
    expect(sumOf(value)).toEqual({ sum: 1.5, count: 1 });
    expect(attributes).toEqual({
      region: 'eu',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
    });
    expect(got.has('gen_ai.client.token.usage')).toBe(false);
    expect(got.has('db.client.operation.duration')).toBe(false);
  });

  it('that failed carry error.type', async () => {
    const { sdk, feed } = bridged({ model: CHAT });
    feed.run('model', { error: 'rate_limit_exceeded' });
    expect(point(await sdk.collect(), 'gen_ai.client.operation.duration').attributes).toMatchObject({
      'error.type': 'rate_limit_exceeded',
    });
  });

  it('that stream have the time to the first chunk', async () => {
    const { sdk, feed } = bridged({ model: CHAT });
    feed.run('model', { ms: 2_000, firstChunkMs: 320 });
    feed.run('model', { ms: 2_000 });
    const { value } = point(await sdk.collect(), 'gen_ai.client.operation.time_to_first_chunk');
    expect(sumOf(value)).toEqual({ sum: 0.32, count: 1 });
  });

  it('that are stages have none: when the first chunk left the request is known, not when the model sent it', async () => {
    const { sdk, feed } = bridged({ model: CHAT });
    feed.run('ask', { ms: 2_000, firstChunkMs: 320, stages: [{ name: 'model', startMs: 10, ms: 1_990 }] });
    const got = await sdk.collect();
    expect(got.has('gen_ai.client.operation.duration')).toBe(true);
    expect(got.has('gen_ai.client.operation.time_to_first_chunk')).toBe(false);
  });

  it('count their tokens, input and output apart', async () => {
    const { sdk, feed } = bridged({ model: CHAT });
    feed.run('model', { metadata: { inputTokens: 900, outputTokens: 120 } });
    feed.run('model', { metadata: { inputTokens: 100, outputTokens: -1 } });
    feed.run('model', { metadata: { inputTokens: 'many' } });
    const got = await sdk.collect();
    const of = (type: string) => sumOf(point(got, 'gen_ai.client.token.usage', { 'gen_ai.token.type': type }).value);
    expect(of('input')).toEqual({ sum: 1_000, count: 2 });
    expect(of('output')).toEqual({ sum: 120, count: 1 });
    const metric = got.get('gen_ai.client.token.usage') as HistogramMetricData;
    expect(metric.descriptor.unit).toBe('{token}');
    expect(metric.dataPoints[0]!.value.buckets.boundaries.slice(0, 4)).toEqual([1, 4, 16, 64]);
  });

  it('share the tokens of a request never: they are those of its last mapped stage', async () => {
    const { sdk, feed } = bridged({ ask: { ...CHAT, operation: 'invoke_agent' }, draft: CHAT, final: CHAT });
    feed.run('ask', {
      ms: 30,
      metadata: { inputTokens: 50 },
      stages: [
        { name: 'draft', startMs: 0, ms: 10, labels: { model: 'small' } },
        { name: 'final', startMs: 10, ms: 10, labels: { model: 'large' } },
      ],
    });
    const got = await sdk.collect();
    expect(
      points(got, 'gen_ai.client.token.usage').map(({ attributes }) => attributes['gen_ai.request.model']),
    ).toEqual(['large']);
    expect(points(got, 'gen_ai.client.operation.duration')).toHaveLength(3);
  });

  it('may say of each call what it used', async () => {
    const usage: Readonly<Record<string, number>> = { small: 10, large: 200 };
    const { sdk, feed } = bridged({
      model: { ...CHAT, tokens: ({ labels }) => ({ input: usage[labels['model']!]! }) },
    });
    feed.run('ask', {
      ms: 20,
      stages: [
        { name: 'model', startMs: 0, ms: 10, labels: { model: 'small' } },
        { name: 'model', startMs: 10, ms: 10, labels: { model: 'large' } },
      ],
    });
    const got = await sdk.collect();
    const used = points(got, 'gen_ai.client.token.usage').map(({ value, attributes }) => [
      attributes['gen_ai.request.model'],
      sumOf(value).sum,
    ]);
    expect(used).toEqual([
      ['small', 10],
      ['large', 200],
    ]);
  });
});

describe('database calls', () => {
  it('are timed as stages, with what the mapping says of them', async () => {
    const { sdk, feed } = bridged({
      sql: { ...SQL, collection: ({ stage, labels }) => `${stage}:${labels['table']}` },
    });
    feed.run('ask', { ms: 30, stages: [{ name: 'sql', startMs: 1, ms: 12, labels: { table: 'orders' } }] });
    const got = await sdk.collect();
    const { value, attributes } = point(got, 'db.client.operation.duration');
    expect(sumOf(value)).toEqual({ sum: 0.012, count: 1 });
    expect(attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.query.summary': 'SELECT orders',
      'db.collection.name': 'sql:orders',
    });
    const metric = got.get('db.client.operation.duration') as HistogramMetricData;
    expect(metric.dataPoints[0]!.value.buckets.boundaries).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  });
});

describe('what is not mapped', () => {
  it('is recorded in no histogram', async () => {
    const { sdk, feed } = bridged({ sql: SQL });
    feed.run('toString');
    feed.run('ask', { stages: [{ name: 'constructor', startMs: 0, ms: 1 }] });
    const got = await sdk.collect();
    expect([...got.keys()].filter((name) => !name.startsWith('hotpath.'))).toEqual([]);
  });

  it('is not recorded after the bridge was closed', async () => {
    const { sdk, feed, bridge } = bridged({ sql: SQL });
    await bridge.close();
    feed.run('sql');
    expect((await sdk.collect()).has('db.client.operation.duration')).toBe(false);
  });
});
