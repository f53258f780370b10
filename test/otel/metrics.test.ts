import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { MeterLike } from '../../src/otel/index.js';
import { ManualClock } from '../manual-clock.js';
import { fullReader, ReaderDouble } from '../monitor/reader-double.js';
import { MetricsSdk, point, points, testBridge } from './otel-sdk.js';

function bridged(reader: ReaderDouble, options: { runtime?: boolean; attributes?: Record<string, string> } = {}) {
  const sdk = new MetricsSdk();
  const warnings: string[] = [];
  const bridge = testBridge(
    { id: 'm1', reader },
    {
      meter: sdk.meter,
      clock: new ManualClock(),
      logger: { debug() {}, info() {}, error() {}, warn: (_data, message = '') => warnings.push(message) },
      ...options,
    },
  );
  return { sdk, bridge, warnings };
}

describe('series', () => {
  it('arrive as count and sum in base units', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [100, 200, 300]);
    reader.add('prompt_bytes', 'bytes', [10, 20]);
    reader.add('tokens', 'count', [5, 7]);
    reader.add('similarity', 'ratio', [0.25, 0.5]);
    const { sdk } = bridged(reader);
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask.count')).toEqual([{ value: 3, attributes: {} }]);
    expect(point(got, 'hotpath.ask.sum').value).toBeCloseTo(0.6, 9);
    expect(got.get('hotpath.ask.sum')?.descriptor).toMatchObject({ unit: 's' });
    expect(got.get('hotpath.ask.sum')).toMatchObject({ dataPointType: DataPointType.SUM, isMonotonic: true });
    expect(point(got, 'hotpath.prompt_bytes.sum').value).toBe(30);
    expect(got.get('hotpath.prompt_bytes.sum')?.descriptor.unit).toBe('By');
    expect(point(got, 'hotpath.tokens.sum').value).toBe(12);
    expect(got.get('hotpath.tokens.sum')?.descriptor.unit).toBe('{value}');
    expect(point(got, 'hotpath.similarity.sum').value).toBeCloseTo(0.75, 9);
    expect(got.get('hotpath.similarity.sum')?.descriptor.unit).toBe('1');
  });

  it('have the quantiles of the last minute, told apart by an attribute, and how many values these rest on', async () => {
    const reader = new ReaderDouble();
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    reader.add('ask', 'ms', values, {}, reader.time - 30_000);
    reader.add('ask', 'ms', [60_000, 60_000, 60_000], {}, reader.time - 120_000);
    const { sdk } = bridged(reader);
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask.quantile').map(({ attributes }) => attributes)).toEqual([
      { 'hotpath.quantile': 0.5 },
      { 'hotpath.quantile': 0.95 },
      { 'hotpath.quantile': 0.99 },
    ]);
    const at = (quantile: number) => point(got, 'hotpath.ask.quantile', { 'hotpath.quantile': quantile }).value;
    expect(at(0.5)).toBeCloseTo(0.05, 3);
    expect(at(0.95)).toBeCloseTo(0.095, 3);
    expect(at(0.99)).toBeCloseTo(0.099, 3);
    expect(point(got, 'hotpath.ask.recent').value).toBe(100);
    expect(point(got, 'hotpath.ask.count').value).toBe(103);
    expect(got.get('hotpath.ask.quantile')?.dataPointType).toBe(DataPointType.GAUGE);
  });

  it('say that no value is recent, since the SDK repeats the last quantiles', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [5], {}, reader.time - 1_000);
    const { sdk } = bridged(reader);
    expect(point(await sdk.collect(), 'hotpath.ask.recent').value).toBe(1);
    reader.time += 120_000;
    expect(point(await sdk.collect(), 'hotpath.ask.recent').value).toBe(0);
  });

  it('are kept apart by their labels, `error` as error.type', async () => {
    const reader = new ReaderDouble();
    const at = reader.time - 1_000;
    reader.add('ask', 'ms', [10, 10], {}, at);
    reader.add('ask', 'ms', [1_000], { cache: 'miss' }, at);
    reader.add('ask', 'ms', [5_000], { cache: 'miss', error: 'TimeoutError' }, at);
    const { sdk } = bridged(reader);
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask.count')).toEqual(
      expect.arrayContaining([
        { value: 2, attributes: {} },
        { value: 1, attributes: { cache: 'miss' } },
        { value: 1, attributes: { cache: 'miss', 'error.type': 'TimeoutError' } },
      ]),
    );
    const p50 = points(got, 'hotpath.ask.quantile').filter((one) => one.attributes['hotpath.quantile'] === 0.5);
    expect(p50.map(({ value }) => Math.round((value as number) * 1_000)).sort((a, b) => a - b)).toEqual([
      10, 1_000, 5_000,
    ]);
  });

  it('say what is in flight, of the operation always and of others once they were seen so', async () => {
    const reader = new ReaderDouble();
    reader.add('embed', 'ms', [1]);
    reader.add('tokens', 'count', [1]);
    reader.running = { request: 3 };
    const { sdk } = bridged(reader);
    let got = await sdk.collect();
    expect(point(got, 'hotpath.request.in_flight').value).toBe(3);
    expect(got.has('hotpath.embed.in_flight')).toBe(false);
    reader.running = { embed: 2 };
    await sdk.collect();
    reader.running = {};
    got = await sdk.collect();
    expect(point(got, 'hotpath.request.in_flight').value).toBe(0);
    expect(point(got, 'hotpath.embed.in_flight').value).toBe(0);
    expect(got.has('hotpath.tokens.in_flight')).toBe(false);
  });

  it('that are new arrive with the collection after the one that finds them', async () => {
    const reader = new ReaderDouble();
    const { sdk } = bridged(reader);
    expect((await sdk.collect()).has('hotpath.ask.count')).toBe(false);
    reader.add('ask', 'ms', [1, 2]);
    await sdk.collect();
    reader.add('ask', 'ms', [3]);
    expect(point(await sdk.collect(), 'hotpath.ask.count').value).toBe(3);
  });

  it('go out as differences where the exporter wants these', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [100, 200]);
    const sdk = new MetricsSdk(AggregationTemporality.DELTA);
    testBridge({ id: 'm1', reader }, { meter: sdk.meter });
    expect(point(await sdk.collect(), 'hotpath.ask.count').value).toBe(2);
    reader.add('ask', 'ms', [300, 300, 300]);
    const got = await sdk.collect();
    expect(point(got, 'hotpath.ask.count').value).toBe(3);
    expect(point(got, 'hotpath.ask.sum').value).toBeCloseTo(0.9, 9);
  });

  it('of which two would have one name: the second is left out, and that is said', async () => {
    const reader = new ReaderDouble();
    reader.add('ask me', 'ms', [1, 1]);
    reader.add('Ask_me', 'ms', [5]);
    const { sdk, bridge, warnings } = bridged(reader);
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask_me.count')).toEqual([{ value: 2, attributes: {} }]);
    expect(bridge.stats().troubles).toBeGreaterThan(0);
    expect(warnings).toEqual(['hotpath otel: trouble in an instrument']);
  });

  it('carry the attributes that the host gives to all', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [1], { tenant: 'a' });
    reader.add('ask', 'ms', [1]);
    const { sdk } = bridged(reader, { attributes: { tenant: 'shared', region: 'eu' } });
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask.count').map(({ attributes }) => attributes)).toEqual([
      { tenant: 'a', region: 'eu' },
      { tenant: 'shared', region: 'eu' },
    ]);
    expect(point(got, 'hotpath.values', { 'hotpath.trouble': 'rejected' }).attributes).toMatchObject({ region: 'eu' });
  });

  it('whose values were not recorded as they came are counted', async () => {
    const { sdk } = bridged(fullReader());
    const got = await sdk.collect();
    const count = (kind: string) => point(got, 'hotpath.values', { 'hotpath.trouble': kind }).value;
    expect([count('rejected'), count('clamped'), count('overflowed')]).toEqual([2, 1, 7]);
  });
});

describe('the process', () => {
  it('arrives under the names of the conventions', async () => {
    const reader = fullReader();
    const { sdk } = bridged(reader);
    const got = await sdk.collect();
    expect(points(got, 'process.cpu.utilization')).toEqual([{ value: 0.52, attributes: {} }]);
    expect(points(got, 'nodejs.eventloop.utilization')).toEqual([{ value: 0.87, attributes: {} }]);
    expect(points(got, 'process.memory.usage')).toEqual([{ value: 312 * 2 ** 20, attributes: {} }]);
    expect(got.get('process.memory.usage')?.descriptor.unit).toBe('By');
    expect(got.get('process.memory.usage')).toMatchObject({ isMonotonic: false });
    expect(point(got, 'hotpath.memory.heap.used').value).toBe(180 * 2 ** 20);
    expect(point(got, 'hotpath.memory.limit').value).toBe(512 * 2 ** 20);
    expect(point(got, 'hotpath.memory.utilization').value).toBe(0.61);
    expect(point(got, 'hotpath.memory.level', { 'hotpath.memory.level': 'normal' }).value).toBe(1);
    expect(point(got, 'hotpath.memory.level', { 'hotpath.memory.level': 'high' }).value).toBe(0);
  });

  it('does not arrive before its first sample, nor where the host has it from elsewhere', async () => {
    const early = bridged(new ReaderDouble());
    expect((await early.sdk.collect()).has('process.cpu.utilization')).toBe(false);
    const off = bridged(fullReader(), { runtime: false });
    const got = await off.sdk.collect();
    expect(got.has('process.cpu.utilization')).toBe(false);
    expect(got.has('hotpath.memory.level')).toBe(false);
    expect(got.has('hotpath.request.count')).toBe(true);
  });
});

describe('targets and alerts', () => {
  it('arrive with their verdict, what was measured and what is asked for', async () => {
    const reader = fullReader();
    const { sdk } = bridged(reader);
    let got = await sdk.collect();
    const verdict = (name: string) =>
      points(got, 'hotpath.target.state')
        .filter((one) => one.attributes['hotpath.target.name'] === name && one.value === 1)
        .map((one) => one.attributes['hotpath.target.state']);
    expect(verdict('responseTimeP95')).toEqual(['met']);
    expect(verdict('cpuUsage')).toEqual(['missed']);
    expect(verdict('goodAnswers')).toEqual(['unknown']);
    const p95 = { 'hotpath.target.name': 'responseTimeP95' };
    expect(point(got, 'hotpath.target.actual', p95)).toEqual({
      value: 2.7405,
      attributes: { ...p95, 'hotpath.target.unit': 's' },
    });
    expect(point(got, 'hotpath.target.limit', p95).value).toBe(3);
    expect(point(got, 'hotpath.target.limit', { 'hotpath.target.name': 'throughputPerMinute' })).toMatchObject({
      value: 100,
      attributes: { 'hotpath.target.unit': '{request}/min' },
    });
    expect(
      points(got, 'hotpath.target.actual').some((one) => one.attributes['hotpath.target.name'] === 'goodAnswers'),
    ).toBe(false);
    reader.targetResults = { ...reader.targetResults, cpuUsage: { ...reader.targetResults['cpuUsage']!, met: null } };
    got = await sdk.collect();
    expect(verdict('cpuUsage')).toEqual(['unknown']);
  });

  it('arrive with the state of each rule, and a rule that is gone is inactive', async () => {
    const reader = fullReader();
    const { sdk } = bridged(reader);
    let got = await sdk.collect();
    const holding = (name: string) =>
      points(got, 'hotpath.alert.state')
        .filter((one) => one.attributes['hotpath.alert.name'] === name && one.value === 1)
        .map((one) => one.attributes);
    expect(holding('slow answers')).toEqual([
      {
        'hotpath.alert.name': 'slow answers',
        'hotpath.alert.severity': 'critical',
        'hotpath.alert.state': 'firing',
      },
    ]);
    expect(holding('cpu')).toMatchObject([{ 'hotpath.alert.state': 'pending' }]);
    reader.alertStatuses = [];
    got = await sdk.collect();
    expect(holding('slow answers')).toMatchObject([{ 'hotpath.alert.state': 'inactive' }]);
  });
});

describe('attachments', () => {
  it('arrive with their totals, figures and reasons, times in seconds', async () => {
    const { sdk } = bridged(fullReader());
    const got = await sdk.collect();
    const cache = { 'hotpath.attachment.name': 'cache' };
    expect(points(got, 'hotpath.cache.hits')).toEqual([{ value: 400, attributes: cache }]);
    expect(got.get('hotpath.cache.hits')).toMatchObject({ isMonotonic: true, descriptor: { unit: '{hits}' } });
    expect(point(got, 'hotpath.cache.misses').value).toBe(215);
    expect(point(got, 'hotpath.cache.miss_reasons', { 'hotpath.reason': 'expired' })).toEqual({
      value: 25,
      attributes: { ...cache, 'hotpath.reason': 'expired' },
    });
    expect(point(got, 'hotpath.cache.load.time').value).toBeCloseTo(189.4005, 6);
    expect(got.get('hotpath.cache.load.time')?.descriptor.unit).toBe('s');
    expect(got.get('hotpath.cache.bytes')?.descriptor.unit).toBe('By');
    expect(got.get('hotpath.cache.hit_rate')?.descriptor.unit).toBe('1');
    expect(got.get('hotpath.cache.entries')?.dataPointType).toBe(DataPointType.GAUGE);
    expect(point(got, 'hotpath.llm.hits').attributes).toEqual({ 'hotpath.attachment.name': 'answers' });
    expect(point(got, 'hotpath.processor.queued').value).toBe(4);
  });

  it('arrive with their states, and one that has passed is 0', async () => {
    const reader = fullReader();
    const { sdk } = bridged(reader);
    const remote = { 'hotpath.state.name': 'remote' };
    expect(points(await sdk.collect(), 'hotpath.cache.state')).toContainEqual({
      value: 1,
      attributes: { 'hotpath.attachment.name': 'cache', ...remote, 'hotpath.state.value': 'closed' },
    });
    const [cache, ...others] = reader.attachmentReadings;
    reader.attachmentReadings = [{ ...cache!, states: { remote: 'open', bus: 'live' } }, ...others];
    const got = await sdk.collect();
    expect(point(got, 'hotpath.cache.state', { ...remote, 'hotpath.state.value': 'open' }).value).toBe(1);
    expect(point(got, 'hotpath.cache.state', { ...remote, 'hotpath.state.value': 'closed' }).value).toBe(0);
  });
});

describe('the monitor', () => {
  it('is read once a collection, and not between', async () => {
    const reader = new ReaderDouble();
    let reads = 0;
    const series = reader.series.bind(reader);
    reader.series = () => {
      reads++;
      return series();
    };
    reader.add('a', 'ms', [1]);
    const { sdk, bridge } = bridged(reader);
    for (const name of ['b', 'c', 'd']) {
      reader.add(name, 'ms', [1]);
      await sdk.collect();
    }
    reads = 0;
    reader.add('a', 'ms', [1]);
    expect(reads).toBe(0);
    await sdk.collect();
    expect(reads).toBe(1);
    await bridge.close();
    await bridge.close();
    await sdk.collect();
    expect(reads).toBe(1);
  });

  it('has each of its points reported once a collection, however many there were before', async () => {
    const reader = fullReader();
    const sdk = new MetricsSdk();
    let reported = 0;
    const meter: MeterLike = {
      createHistogram: (name, options) => sdk.meter.createHistogram(name, options),
      createObservableCounter: (name, options) => sdk.meter.createObservableCounter(name, options),
      createObservableGauge: (name, options) => sdk.meter.createObservableGauge(name, options),
      createObservableUpDownCounter: (name, options) => sdk.meter.createObservableUpDownCounter(name, options),
      removeBatchObservableCallback() {},
      addBatchObservableCallback(callback, observables) {
        sdk.meter.addBatchObservableCallback((result) => {
          const observe = (...args: Parameters<typeof result.observe>) => {
            reported++;
            result.observe(...args);
          };
          callback({ observe });
        }, observables);
      },
    };
    testBridge({ id: 'm1', reader }, { meter });
    const got = await sdk.collect();
    const all = [...got.values()].reduce((sum, metric) => sum + metric.dataPoints.length, 0);
    expect(reported).toBe(all);
    await sdk.collect();
    await sdk.collect();
    expect(reported).toBe(3 * all);
  });

  it('may fail in parts: the others arrive, and it is said once a minute', async () => {
    const reader = fullReader();
    reader.targets = () => {
      throw new Error('no targets today');
    };
    const { sdk, bridge, warnings } = bridged(reader);
    await sdk.collect();
    const got = await sdk.collect();
    expect(got.has('hotpath.target.state')).toBe(false);
    expect(got.has('hotpath.alert.state')).toBe(true);
    expect(got.has('hotpath.cache.hits')).toBe(true);
    expect(warnings).toEqual(['hotpath otel: trouble in reading targets']);
    expect(bridge.stats().troubles).toBe(3);
  });
});
