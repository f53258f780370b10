import * as api from '@opentelemetry/api';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { BridgeTroubles } from '../../src/otel/bridge-troubles.js';
import type { OtelBridgeOptions, TracerLike } from '../../src/otel/index.js';
import { subscribeTimers } from '../../src/otel/timer-events.js';
import { TimerSpans } from '../../src/otel/timer-spans.js';
import { ManualClock } from '../manual-clock.js';
import { msOf, TraceSdk, testBridge } from './otel-sdk.js';
import { spansOf } from './spans-bridge.js';
import { TimerFeed } from './timer-feed.js';

describe('a timer', () => {
  it('becomes a span below the one that was active when it began, with its own times', async () => {
    const { sdk, feed } = spansOf();
    let end: (() => void) | undefined;
    await sdk.within('GET /ask', () => {
      const ended = feed.start('ask', { tenant: 'a' });
      end = () => ended({ ms: 42.5 });
    });
    // Where it ends does not matter.
    await sdk.within('another request', () => end!());
    const span = sdk.span('ask');
    const host = sdk.span('GET /ask');
    expect(span.parentSpanContext?.spanId).toBe(host.spanContext().spanId);
    expect(span.spanContext().traceId).toBe(host.spanContext().traceId);
    expect(msOf(span.startTime)).toBeCloseTo(feed.time, 3);
    expect(msOf(span.endTime) - msOf(span.startTime)).toBeCloseTo(42.5, 3);
    expect(span.kind).toBe(SpanKind.INTERNAL);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.attributes).toEqual({ tenant: 'a' });
  });

  it('alone is the root of a trace', () => {
    const { sdk, feed } = spansOf();
    feed.run('job');
    expect(sdk.span('job').parentSpanContext).toBeUndefined();
  });

  it('carries labels, facts, and the attributes that the host gives to all', () => {
    const { sdk, feed } = spansOf({ attributes: { region: 'eu', tenant: 'none' } });
    feed.start('ask', { tenant: 'a' })({
      labels: { cache: 'hit' },
      metadata: { tokens: 12, cached: true, plan: 'pro', nested: { secret: 1 }, nothing: null, strange: Number.NaN },
    });
    expect(sdk.span('ask').attributes).toEqual({
      region: 'eu',
      tenant: 'a',
      cache: 'hit',
      'hotpath.tokens': 12,
      'hotpath.cached': true,
      'hotpath.plan': 'pro',
    });
  });

  it('that failed has the status of an error and its type, not its message', () => {
    const { sdk, feed } = spansOf();
    feed.run('ask', { error: 'TimeoutError' });
    const { status, attributes } = sdk.span('ask');
    expect(status).toEqual({ code: SpanStatusCode.ERROR });
    expect(attributes).toEqual({ 'error.type': 'TimeoutError' });
  });

  it('that streams says when its first chunk came', () => {
    const { sdk, feed } = spansOf();
    feed.run('ask', { ms: 50, firstChunkMs: 12.5 });
    const [event] = sdk.span('ask').events;
    expect(event!.name).toBe('hotpath.first_chunk');
    expect(msOf(event!.time)).toBeCloseTo(feed.time + 12.5, 3);
  });

  it('of another monitor is left alone', () => {
    const { sdk } = spansOf();
    new TimerFeed().run('ask');
    expect(sdk.spans).toEqual([]);
  });

  it('under way when the bridge is made has no span', () => {
    const feed = new TimerFeed();
    const end = feed.start('ask');
    const sdk = new TraceSdk();
    testBridge(feed, { tracer: sdk.tracer, api });
    end();
    expect(sdk.spans).toEqual([]);
  });
});

describe('stages', () => {
  const stages = [
    { name: 'retrieval', startMs: 1, ms: 9.5, labels: { index: 'docs' } },
    { name: 'model', startMs: 10.5, ms: 29.5 },
  ];

  it('become spans below the timer, with their own times', () => {
    const { sdk, feed } = spansOf({ attributes: { region: 'eu' } });
    feed.run('ask', { ms: 40, stages });
    const parent = sdk.span('ask').spanContext();
    const retrieval = sdk.span('retrieval');
    expect(retrieval.parentSpanContext?.spanId).toBe(parent.spanId);
    expect(retrieval.spanContext().traceId).toBe(parent.traceId);
    expect(msOf(retrieval.startTime)).toBeCloseTo(feed.time + 1, 3);
    expect(msOf(retrieval.endTime)).toBeCloseTo(feed.time + 10.5, 3);
    expect(retrieval.attributes).toEqual({ region: 'eu', index: 'docs' });
    expect(retrieval.kind).toBe(SpanKind.INTERNAL);
    expect(msOf(sdk.span('model').startTime)).toBeCloseTo(feed.time + 10.5, 3);
  });

  it('fail with the request only where they were under way', () => {
    const { sdk, feed } = spansOf();
    feed.run('ask', { ms: 40, stages, error: 'HTTP 503' });
    expect(sdk.span('retrieval').status.code).toBe(SpanStatusCode.UNSET);
    expect(sdk.span('model').status.code).toBe(SpanStatusCode.ERROR);
    expect(sdk.span('model').attributes).toEqual({ 'error.type': 'HTTP 503' });
  });

  it('that had ended before the request failed are not to blame', () => {
    const { sdk, feed } = spansOf();
    feed.run('ask', { ms: 60, stages, error: 'HTTP 503' });
    expect(sdk.span('model').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('are events of the span where the package @opentelemetry/api is missing; the parent is still found', async () => {
    const sdk = new TraceSdk();
    const feed = new TimerFeed();
    const troubles = new BridgeTroubles(undefined, new ManualClock());
    const spans = new TimerSpans({
      tracer: sdk.tracer,
      api: () => undefined,
      mapping: {},
      fixed: {},
      maxOpenSpans: 10,
      now: () => feed.time,
      troubles,
    });
    const off = subscribeTimers(feed.id, { start: (e) => spans.start(e), end: (e) => spans.end(e) }, troubles);
    await sdk.within('GET /ask', () => feed.run('ask', { ms: 40, stages }));
    off();
    const span = sdk.span('ask');
    expect(span.parentSpanContext?.spanId).toBe(sdk.span('GET /ask').spanContext().spanId);
    expect(sdk.spans).toHaveLength(2);
    expect(span.events.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
      { name: 'retrieval', attributes: { index: 'docs', 'hotpath.ms': 9.5 } },
      { name: 'model', attributes: { 'hotpath.ms': 29.5 } },
    ]);
    expect(msOf(span.events[1]!.time)).toBeCloseTo(feed.time + 10.5, 3);
  });
});

describe('mapped operations', () => {
  const mapping: OtelBridgeOptions['mapping'] = {
    model: { kind: 'gen_ai', operation: 'chat', provider: 'openai', serverAddress: 'api.openai.com', serverPort: 443 },
    sql: { kind: 'db', system: 'postgresql', namespace: 'shop', operation: ({ labels }) => labels['verb'] },
  };

  it('are spans of clients, named by their conventions', () => {
    const { sdk, feed } = spansOf({ mapping });
    feed.run('ask', {
      ms: 40,
      metadata: { model: 'gpt-4o', responseModel: 'gpt-4o-2024-08-06', inputTokens: 900, outputTokens: 120 },
      stages: [
        { name: 'sql', startMs: 0, ms: 5, labels: { verb: 'SELECT' } },
        { name: 'model', startMs: 5, ms: 35 },
      ],
    });
    const model = sdk.span('chat gpt-4o');
    expect(model.kind).toBe(SpanKind.CLIENT);
    expect(model.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.output_tokens': 120,
      'server.address': 'api.openai.com',
      'server.port': 443,
    });
    const sql = sdk.span('SELECT shop');
    expect(sql.kind).toBe(SpanKind.CLIENT);
    expect(sql.attributes).toEqual({
      verb: 'SELECT',
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.operation.name': 'SELECT',
    });
    expect(sdk.span('ask').kind).toBe(SpanKind.INTERNAL);
  });

  it('that are timers have their name and facts from the start as far as they are known, and are completed at the end', () => {
    const started: { name: string; attributes: unknown; kind: unknown }[] = [];
    const { sdk, feed, bridge } = spansOf({ spans: 'none' });
    void bridge.close();
    const tracer: TracerLike = {
      startSpan(name, options, context) {
        started.push({ name, attributes: options?.attributes, kind: options?.kind });
        return sdk.tracer.startSpan(name, options, context);
      },
    };
    testBridge(feed, { tracer, api, mapping });
    feed.run('model', {
      ms: 1_500,
      firstChunkMs: 250,
      metadata: { model: 'gpt-4o', inputTokens: 7, outputTokens: -1 },
    });
    expect(started).toEqual([
      {
        name: 'chat',
        kind: SpanKind.CLIENT,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'server.address': 'api.openai.com',
          'server.port': 443,
        },
      },
    ]);
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.response.time_to_first_chunk': 0.25,
    });
    expect(sdk.span('chat gpt-4o').attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
  });

  it('are named by what is known of a database call', () => {
    const names = (db: object) => {
      const { sdk, feed, bridge } = spansOf({ mapping: { sql: { kind: 'db', system: 'postgresql', ...db } } });
      feed.run('sql');
      void bridge.close();
      return sdk.spans.map(({ name }) => name);
    };
    expect(names({})).toEqual(['postgresql']);
    expect(names({ collection: 'orders' })).toEqual(['orders']);
    expect(names({ operation: 'SELECT', collection: 'orders', namespace: 'shop' })).toEqual(['SELECT orders']);
    expect(names({ operation: 'SELECT', summary: 'SELECT orders JOIN users' })).toEqual(['SELECT orders JOIN users']);
  });
});
