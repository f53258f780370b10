import { DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { MeterLike } from '../../src/otel/index.js';
import { fullReader, ReaderDouble } from '../monitor/reader-double.js';
import { metricsOf } from './metrics-bridge.js';
import { MetricsSdk, point, points, testBridge } from './otel-sdk.js';

describe('the process', () => {
  it('arrives under the names of the conventions', async () => {
    const reader = fullReader();
    const { sdk } = metricsOf(reader);
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
    const early = metricsOf(new ReaderDouble());
    expect((await early.sdk.collect()).has('process.cpu.utilization')).toBe(false);
    const off = metricsOf(fullReader(), { runtime: false });
    const got = await off.sdk.collect();
    expect(got.has('process.cpu.utilization')).toBe(false);
    expect(got.has('hotpath.memory.level')).toBe(false);
    expect(got.has('hotpath.request.count')).toBe(true);
  });
});

describe('targets and alerts', () => {
  it('arrive with their verdict, what was measured and what is asked for', async () => {
    const reader = fullReader();
    const { sdk } = metricsOf(reader);
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
    // Its function failed before it said what it asks for.
    expect(verdict('indexAge')).toEqual(['unknown']);
    expect(
      points(got, 'hotpath.target.limit').some((one) => one.attributes['hotpath.target.name'] === 'indexAge'),
    ).toBe(false);
    reader.targetResults = { ...reader.targetResults, cpuUsage: { ...reader.targetResults['cpuUsage']!, met: null } };
    got = await sdk.collect();
    expect(verdict('cpuUsage')).toEqual(['unknown']);
  });

  it('arrive with the state of each rule, and a rule that is gone is inactive', async () => {
    const reader = fullReader();
    const { sdk } = metricsOf(reader);
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
    const { sdk } = metricsOf(fullReader());
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
    const { sdk } = metricsOf(reader);
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
    const { sdk, bridge } = metricsOf(reader);
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
    const { sdk, bridge, warnings } = metricsOf(reader);
    await sdk.collect();
    const got = await sdk.collect();
    expect(got.has('hotpath.target.state')).toBe(false);
    expect(got.has('hotpath.alert.state')).toBe(true);
    expect(got.has('hotpath.cache.hits')).toBe(true);
    expect(warnings).toEqual(['hotpath otel: trouble in reading targets']);
    expect(bridge.stats().troubles).toBe(3);
  });
});
