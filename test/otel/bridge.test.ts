import { channel } from 'node:diagnostics_channel';
import * as api from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { HotpathError } from '../../src/core/errors.js';
import { peerError } from '../../src/core/optional-peer.js';
import { BridgeTroubles } from '../../src/otel/bridge-troubles.js';
import { type MeterLike, OTEL_BRIDGE_DEFAULTS, otelBridge } from '../../src/otel/index.js';
import { OtelApi } from '../../src/otel/otel-api.js';
import { ManualClock } from '../manual-clock.js';
import { MetricsSdk, TraceSdk, testBridge } from './otel-sdk.js';
import { TimerFeed } from './timer-feed.js';

const isHeard = () => ({
  start: channel('hotpath:monitor:timer:start').hasSubscribers,
  end: channel('hotpath:monitor:timer:end').hasSubscribers,
});

describe('what is not needed is not listened to', () => {
  it('timers not at all for metrics alone, their ends only for histograms', async () => {
    const { meter } = new MetricsSdk();
    const plain = testBridge(new TimerFeed(), { meter });
    expect(isHeard()).toEqual({ start: false, end: false });
    expect(plain.stats().api).toBe('not needed');
    await plain.ready();
    await plain.close();
    const mapped = testBridge(new TimerFeed(), { meter, mapping: { sql: { kind: 'db', system: 'sqlite' } } });
    expect(isHeard()).toEqual({ start: false, end: true });
    await mapped.close();
    const { tracer } = new TraceSdk();
    const traced = testBridge(new TimerFeed(), { tracer });
    expect(isHeard()).toEqual({ start: true, end: true });
    await traced.close();
    expect(isHeard()).toEqual({ start: false, end: false });
  });
});

describe('the package @opentelemetry/api', () => {
  it('is loaded by itself, and ready() waits for it', async () => {
    const sdk = new TraceSdk();
    const feed = new TimerFeed();
    await using bridge = otelBridge(feed, { tracer: sdk.tracer });
    expect(bridge.stats().api).toBe('loading');
    await bridge.ready();
    expect(bridge.stats().api).toBe('loaded');
    feed.run('ask', { ms: 2, stages: [{ name: 'model', startMs: 0, ms: 1 }] });
    expect(sdk.span('model').parentSpanContext?.spanId).toBe(sdk.span('ask').spanContext().spanId);
  });

  it('given by the host is used as it is', async () => {
    const { tracer } = new TraceSdk();
    const bridge = testBridge(new TimerFeed(), { tracer, api });
    expect(bridge.stats().api).toBe('given');
    await bridge.ready();
    expect(bridge.stats().api).toBe('given');
    await bridge.close();
  });

  it('is done without where it is missing, with a warning that says what to do', async () => {
    const warnings: { readonly error: unknown }[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (data: object) => warnings.push(data as never) };
    const troubles = new BridgeTroubles(logger, new ManualClock());
    const missing = new OtelApi(undefined, troubles, async () => {
      try {
        return (await import('no-such-package' as string)) as never;
      } catch (error) {
        throw peerError(error, 'no-such-package', 'looking up the active span');
      }
    });
    await missing.load();
    await missing.load();
    expect(missing.state).toBe('missing');
    expect(missing.get()).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(HotpathError.is(warnings[0]!.error)).toBe(true);
    expect(warnings[0]!.error).toMatchObject({ code: 'MISSING_PEER' });
  });
});

describe('options', () => {
  // Never called: these bridges are not made.
  const meter = { addBatchObservableCallback() {} } as unknown as MeterLike;
  const feed = new TimerFeed();
  const bad: readonly [string, object][] = [
    ['meter', {}],
    ['meter', { meter: {} }],
    ['tracer', { tracer: { start() {} } }],
    ['api', { api: {} }],
    ['spans', { meter, spans: 'all' }],
    ['channels', { meter, channels: ['mail'] }],
    ['channels', { meter, channels: 'cache' }],
    ['cacheHits', { meter, cacheHits: 1 }],
    ['cacheKeys', { meter, cacheKeys: 'yes' }],
    ['runtime', { meter, runtime: 'no' }],
    ['maxOpenSpans', { meter, maxOpenSpans: 0 }],
    ['attributes', { meter, attributes: [] }],
    ['attributes.service', { meter, attributes: { service: { name: 'a' } } }],
    ['mapping', { meter, mapping: [] }],
    ['mapping.model', { meter, mapping: { model: 'chat' } }],
    ['mapping.model.kind', { meter, mapping: { model: { kind: 'llm' } } }],
    ['mapping.model.provider', { meter, mapping: { model: { kind: 'gen_ai', operation: 'chat' } } }],
    ['mapping.sql.system', { meter, mapping: { sql: { kind: 'db', system: '' } } }],
    [
      'mapping.model.modl',
      { meter, mapping: { model: { kind: 'gen_ai', operation: 'chat', provider: 'x', modl: 'y' } } },
    ],
    ['mapping.sql.table', { meter, mapping: { sql: { kind: 'db', system: 'sqlite', table: 'flights' } } }],
    ['meters', { meter, meters: [] }],
  ];

  it.each(bad)('that are bad are named: %s', (option, options) => {
    expect(() => otelBridge(feed, options as never)).toThrowError(expect.objectContaining({ option }));
  });

  it('that are bad leave nothing behind', () => {
    expect(() => otelBridge(feed, { meter, channels: ['mail' as never] })).toThrow();
    expect(isHeard()).toEqual({ start: false, end: false });
  });

  it('want a monitor', () => {
    expect(() => otelBridge({} as never, { meter })).toThrowError(expect.objectContaining({ option: 'monitor' }));
  });

  it('have their defaults in one frozen constant', () => {
    expect(OTEL_BRIDGE_DEFAULTS).toEqual({
      spans: 'timers',
      channels: ['cache', 'async', 'memory'],
      cacheHits: true,
      cacheKeys: false,
      runtime: true,
      maxOpenSpans: 1_000,
    });
    expect(Object.isFrozen(OTEL_BRIDGE_DEFAULTS)).toBe(true);
  });
});
