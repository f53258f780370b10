import { describe, expect, it } from 'vitest';
import type { MeterLike } from '../../src/otel/index.js';
import { ManualClock } from '../manual-clock.js';
import { fullReader, ReaderDouble } from '../monitor/reader-double.js';
import { metricsOf } from './metrics-bridge.js';
import { MetricsSdk, point, testBridge } from './otel-sdk.js';
import { TimerFeed } from './timer-feed.js';

/** The meter of an SDK, where some calls fail. */
function failingMeter(sdk: MetricsSdk, fails: (call: string, name: string) => boolean): MeterLike {
  const check = (call: string, name = ''): void => {
    if (fails(call, name)) throw new Error(`no ${call} today`);
  };
  const { meter } = sdk;
  return {
    createHistogram(name, options) {
      check('createHistogram', name);
      return meter.createHistogram(name, options);
    },
    createObservableCounter(name, options) {
      check('createObservableCounter', name);
      return meter.createObservableCounter(name, options);
    },
    createObservableUpDownCounter(name, options) {
      check('createObservableUpDownCounter', name);
      return meter.createObservableUpDownCounter(name, options);
    },
    createObservableGauge(name, options) {
      check('createObservableGauge', name);
      return meter.createObservableGauge(name, options);
    },
    addBatchObservableCallback(callback, observables) {
      check('addBatchObservableCallback');
      meter.addBatchObservableCallback(callback, observables);
    },
    removeBatchObservableCallback(callback, observables) {
      check('removeBatchObservableCallback');
      meter.removeBatchObservableCallback(callback, observables);
    },
  };
}

const MAPPING = {
  model: { kind: 'gen_ai', operation: 'chat', provider: 'openai' },
  sql: { kind: 'db', system: 'postgresql' },
} as const;

describe('a meter that fails', () => {
  it.each([
    'createHistogram',
    'createObservableCounter',
    'createObservableUpDownCounter',
    'createObservableGauge',
    'addBatchObservableCallback',
    'removeBatchObservableCallback',
  ])('in %s breaks neither the bridge nor a timer', async (failing) => {
    const sdk = new MetricsSdk();
    const feed = new TimerFeed(fullReader());
    const meter = failingMeter(sdk, (call) => call === failing);
    const bridge = testBridge(feed, { meter, mapping: MAPPING, clock: new ManualClock() });
    feed.run('model', { ms: 5 });
    feed.run('sql', { ms: 5 });
    await sdk.collect();
    await bridge.close();
    expect(bridge.stats().troubles).toBeGreaterThan(0);
  });

  it('to make one histogram leaves the others', async () => {
    const sdk = new MetricsSdk();
    const feed = new TimerFeed();
    const warnings: string[] = [];
    const bridge = testBridge(feed, {
      meter: failingMeter(sdk, (_, name) => name === 'gen_ai.client.operation.duration'),
      mapping: MAPPING,
      clock: new ManualClock(),
      logger: { debug() {}, info() {}, error() {}, warn: (_data, message = '') => warnings.push(message) },
    });
    feed.run('model', { ms: 2_000, firstChunkMs: 300, metadata: { inputTokens: 7 } });
    feed.run('sql', { ms: 5 });
    const got = await sdk.collect();
    expect(got.has('gen_ai.client.operation.duration')).toBe(false);
    expect(point(got, 'gen_ai.client.operation.time_to_first_chunk').value).toMatchObject({ sum: 0.3 });
    expect(point(got, 'gen_ai.client.token.usage').value).toMatchObject({ sum: 7 });
    expect(point(got, 'db.client.operation.duration').value).toMatchObject({ count: 1 });
    expect(bridge.stats().troubles).toBe(1);
    expect(warnings).toEqual(['hotpath otel: trouble in the histogram gen_ai.client.operation.duration']);
  });
});

describe('an instrument that can not be made', () => {
  it('is left out, and the others of its kind arrive', async () => {
    const sdk = new MetricsSdk();
    const reader = new ReaderDouble();
    reader.add('bad name', 'ms', [1, 2]);
    reader.add('bad name', 'ms', [3], { cache: 'hit' });
    reader.add('ask', 'ms', [4], {}, reader.time - 1_000);
    const meter = failingMeter(sdk, (_, name) => name === 'hotpath.bad_name.count');
    const bridge = testBridge({ id: 'm1', reader }, { meter, clock: new ManualClock() });
    const got = await sdk.collect();
    await sdk.collect();
    expect(got.has('hotpath.bad_name.count')).toBe(false);
    expect(point(got, 'hotpath.bad_name.sum', { cache: 'hit' }).value).toBeCloseTo(0.003, 6);
    expect(point(got, 'hotpath.ask.count').value).toBe(1);
    expect(bridge.stats().troubles).toBe(1);
  });
});

describe('more metrics than instruments', () => {
  it('are left out past 2,000, which is told once a collection and not for every point', async () => {
    const reader = new ReaderDouble();
    for (let i = 0; i < 1_000; i++) reader.add(`m${i}`, 'ms', [1], {}, reader.time - 1);
    const { sdk, bridge, warnings } = metricsOf(reader);
    expect(bridge.stats()).toMatchObject({ instruments: 2_000, troubles: 1 });
    const got = await sdk.collect();
    expect(point(got, 'hotpath.m0.count').value).toBe(1);
    expect(got.has('hotpath.m999.count')).toBe(false);
    expect(bridge.stats()).toMatchObject({ instruments: 2_000, troubles: 2 });
    expect(warnings).toEqual(['hotpath otel: trouble in an instrument']);
  });
});
