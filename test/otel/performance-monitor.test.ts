import * as api from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { CacheManager } from '../../src/cache/index.js';
import { PerformanceMonitor, type PerformanceMonitorOptions } from '../../src/monitor/index.js';
import { ManualClock } from '../manual-clock.js';
import { MetricsSdk, msOf, point, points, TraceSdk, testBridge } from './otel-sdk.js';

const monitors: PerformanceMonitor[] = [];

afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
});

function monitored(options: PerformanceMonitorOptions = {}) {
  const clock = new ManualClock();
  const monitor = new PerformanceMonitor({ operation: 'ask', clock, ...options });
  monitors.push(monitor);
  return { clock, monitor };
}

describe('a PerformanceMonitor', () => {
  it('is read out by the metrics SDK: requests, stages, targets, process and an attached cache', async () => {
    const { clock, monitor } = monitored();
    const sdk = new MetricsSdk();
    const cache = new CacheManager({ namespace: 'reports', clock });
    monitor.attach({ reports: cache });
    testBridge(monitor, { meter: sdk.meter, clock });
    await sdk.collect();
    for (let i = 0; i < 20; i++) {
      const timer = monitor.startTimer('ask', { tenant: 'a' });
      timer.stage('model');
      clock.advance(250);
      timer.end(i === 0 ? { error: new TypeError('secret') } : { cache: 'miss' });
    }
    const under = monitor.startTimer('ask');
    await cache.getOrSet('k', () => 1);
    await cache.getOrSet('k', () => 1);
    clock.advance(1_000);
    await sdk.collect();
    const got = await sdk.collect();
    under.end();
    expect(point(got, 'hotpath.ask.count', { tenant: 'a', cache: 'miss' }).value).toBe(19);
    expect(point(got, 'hotpath.ask.count', { tenant: 'a', 'error.type': 'TypeError' }).value).toBe(1);
    const p95 = point(got, 'hotpath.ask.quantile', { cache: 'miss', 'hotpath.quantile': 0.95 });
    expect(p95.value).toBeCloseTo(0.25, 2);
    expect(point(got, 'hotpath.ask_stage.sum', { stage: 'model' }).value).toBeCloseTo(5, 6);
    expect(point(got, 'hotpath.ask.in_flight').value).toBe(1);
    const met = { 'hotpath.target.name': 'responseTimeP95', 'hotpath.target.state': 'met' };
    expect(point(got, 'hotpath.target.state', met).value).toBe(1);
    expect(points(got, 'process.memory.usage')).toHaveLength(1);
    expect(point(got, 'hotpath.cache.hits')).toEqual({
      value: 1,
      attributes: { 'hotpath.attachment.name': 'reports' },
    });
    expect(point(got, 'hotpath.cache.miss_reasons', { 'hotpath.reason': 'absent' }).value).toBe(1);
    expect(JSON.stringify([...got.values()])).not.toContain('secret');
  });

  it('has its requests traced below the span of the host, stages and model calls below them', async () => {
    const { clock, monitor } = monitored();
    const sdk = new TraceSdk();
    const metrics = new MetricsSdk();
    testBridge(monitor, {
      tracer: sdk.tracer,
      meter: metrics.meter,
      api,
      mapping: { model: { kind: 'gen_ai', operation: 'chat', provider: 'openai' } },
    });
    const began = clock.now();
    await sdk.within('POST /ask', () =>
      monitor.time(
        'ask',
        async (timer) => {
          timer.stage('retrieval');
          clock.advance(30);
          await Promise.resolve();
          timer.stage('model', { model: 'gpt-4o' });
          timer.annotate({ inputTokens: 900, outputTokens: 50 });
          clock.advance(400);
        },
        { tenant: 'a' },
      ),
    );
    const host = sdk.span('POST /ask').spanContext();
    const ask = sdk.span('ask');
    expect(ask.parentSpanContext?.spanId).toBe(host.spanId);
    expect(msOf(ask.startTime)).toBeCloseTo(began, 3);
    expect(msOf(ask.endTime)).toBeCloseTo(began + 430, 3);
    expect(ask.attributes).toEqual({ tenant: 'a', 'hotpath.inputTokens': 900, 'hotpath.outputTokens': 50 });
    const model = sdk.span('chat gpt-4o');
    expect(model.parentSpanContext?.spanId).toBe(ask.spanContext().spanId);
    expect(msOf(model.startTime)).toBeCloseTo(began + 30, 3);
    expect(model.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 900 });
    expect(sdk.span('retrieval').spanContext().traceId).toBe(host.traceId);
    const got = await metrics.collect();
    expect(point(got, 'gen_ai.client.operation.duration').value).toMatchObject({ count: 1, sum: 0.4 });
    expect(point(got, 'gen_ai.client.token.usage', { 'gen_ai.token.type': 'output' }).value).toMatchObject({ sum: 50 });
  });

  it('says how long a streamed answer took to its first chunk', async () => {
    const { clock, monitor } = monitored();
    const { tracer } = new TraceSdk();
    const metrics = new MetricsSdk();
    testBridge(monitor, {
      tracer,
      meter: metrics.meter,
      api,
      mapping: { answer: { kind: 'gen_ai', operation: 'chat', provider: 'openai', model: 'gpt-4o' } },
    });
    const stream = monitor.time('answer', async function* () {
      clock.advance(120);
      yield 'Hello';
      clock.advance(80);
      yield ' world';
    });
    for await (const _chunk of stream) clock.advance(1);
    const got = await metrics.collect();
    expect(point(got, 'gen_ai.client.operation.time_to_first_chunk').value).toMatchObject({ count: 1, sum: 0.12 });
    expect(point(got, 'gen_ai.client.operation.duration').attributes).toMatchObject({
      'gen_ai.request.model': 'gpt-4o',
    });
  });

  it('that is off traces nothing', () => {
    const { monitor } = monitored({ mode: 'off' });
    const sdk = new TraceSdk();
    const bridge = testBridge(monitor, { tracer: sdk.tracer, api });
    monitor.startTimer('ask').end();
    expect(sdk.spans).toEqual([]);
    expect(bridge.stats()).toMatchObject({ openSpans: 0, troubles: 0 });
  });
});
