import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, vi } from 'vitest';
import { fullReader, ReaderDouble } from '../monitor/reader-double.js';
import { metricsOf } from './metrics-bridge.js';
import { MetricsSdk, point, points, testBridge } from './otel-sdk.js';

describe('series', () => {
  it('arrive as count and sum in base units', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [100, 200, 300]);
    reader.add('prompt_bytes', 'bytes', [10, 20]);
    reader.add('tokens', 'count', [5, 7]);
    reader.add('similarity', 'ratio', [0.25, 0.5]);
    const { sdk } = metricsOf(reader);
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
    const { sdk } = metricsOf(reader);
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
    const { sdk } = metricsOf(reader);
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
    const { sdk } = metricsOf(reader);
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

  it('are read one by one and once each, so that many take no longer each than few', async () => {
    const reader = new ReaderDouble();
    for (let i = 0; i < 300; i++) reader.add('ask', 'ms', [i + 1], { route: `/r${i}` }, reader.time - 1_000);
    const searched = vi.spyOn(reader, 'distribution');
    const read = reader.list.map((series) => vi.spyOn(series, 'window'));
    const { sdk } = metricsOf(reader);
    for (const window of read) window.mockClear();
    const got = await sdk.collect();
    expect(point(got, 'hotpath.ask.quantile', { route: '/r41', 'hotpath.quantile': 0.95 }).value).toBeCloseTo(0.042, 4);
    expect(points(got, 'hotpath.ask.quantile')).toHaveLength(900);
    expect(searched).not.toHaveBeenCalled();
    expect(read.map(({ mock }) => mock.calls)).toEqual(read.map(() => [[60_000]]));
  });

  it('have no quantile worked out while they are idle', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [1], { route: '/a' }, reader.time - 120_000);
    reader.add('ask', 'ms', [2], { route: '/b' }, reader.time - 1_000);
    const [idle, busy] = reader.list.map((series) => series.window(60_000));
    const asked = [idle!, busy!].map((values) => vi.spyOn(values, 'percentile'));
    vi.spyOn(reader.list[0]!, 'window').mockReturnValue(idle!);
    vi.spyOn(reader.list[1]!, 'window').mockReturnValue(busy!);
    const { sdk } = metricsOf(reader);
    for (const percentile of asked) percentile.mockClear();
    const got = await sdk.collect();
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([0, 3]);
    expect(point(got, 'hotpath.ask.count', { route: '/a' }).value).toBe(1);
    expect(point(got, 'hotpath.ask.recent', { route: '/a' }).value).toBe(0);
    expect(points(got, 'hotpath.ask.quantile').every(({ attributes }) => attributes['route'] === '/b')).toBe(true);
  });

  it('say what is in flight, of the operation always and of others once they were seen so', async () => {
    const reader = new ReaderDouble();
    reader.add('embed', 'ms', [1]);
    reader.add('tokens', 'count', [1]);
    reader.running = { request: 3 };
    const { sdk } = metricsOf(reader);
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
    const { sdk } = metricsOf(reader);
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
    reader.add('Ask_me', 'ms', [5], { cache: 'hit' });
    const { sdk, bridge, warnings } = metricsOf(reader);
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask_me.count')).toEqual([{ value: 2, attributes: {} }]);
    await sdk.collect();
    expect(bridge.stats().troubles).toBe(1);
    expect(warnings).toEqual(['hotpath otel: trouble in an instrument']);
  });

  it('carry the attributes that the host gives to all', async () => {
    const reader = new ReaderDouble();
    reader.add('ask', 'ms', [1], { tenant: 'a' });
    reader.add('ask', 'ms', [1]);
    const { sdk } = metricsOf(reader, { attributes: { tenant: 'shared', region: 'eu' } });
    const got = await sdk.collect();
    expect(points(got, 'hotpath.ask.count').map(({ attributes }) => attributes)).toEqual([
      { tenant: 'a', region: 'eu' },
      { tenant: 'shared', region: 'eu' },
    ]);
    expect(point(got, 'hotpath.values', { 'hotpath.trouble': 'rejected' }).attributes).toMatchObject({ region: 'eu' });
  });

  it('whose values were not recorded as they came are counted', async () => {
    const { sdk } = metricsOf(fullReader());
    const got = await sdk.collect();
    const count = (kind: string) => point(got, 'hotpath.values', { 'hotpath.trouble': kind }).value;
    expect([count('rejected'), count('clamped'), count('overflowed')]).toEqual([2, 1, 7]);
  });
});
