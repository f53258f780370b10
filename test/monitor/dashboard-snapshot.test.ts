import { describe, expect, it } from 'vitest';
import type { DashboardSnapshot } from '../../src/monitor/dashboard/snapshot.js';
import { fullReader, ReaderDouble } from './reader-double.js';
import { snapshotOf } from './snapshot-of.js';

const HOUR = { windowMs: 3_600_000, series: [] };

function seriesOf(snapshot: DashboardSnapshot, name: string): DashboardSnapshot['series'][number] {
  const found = snapshot.series.find((series) => series.name === name);
  if (found === undefined) throw new Error(`no series ${name}`);
  return found;
}

describe('the snapshot of a monitor', () => {
  it('is plain JSON: what is sent is what was meant', () => {
    const snapshot = snapshotOf(fullReader(), HOUR);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it('of a monitor without any data has nulls and empty lists', () => {
    const snapshot = snapshotOf(new ReaderDouble());
    expect(snapshot).toMatchObject({
      series: [],
      shown: [],
      names: 0,
      resources: null,
      targets: {},
      slowest: [],
      stages: [],
    });
    expect(snapshot).toMatchObject({ alerts: [], marks: [], attachments: [], profiles: [], inFlight: 0 });
  });

  it('covers five coarse slots in fine ones by default, and longer windows in coarse ones', () => {
    const reader = fullReader();
    expect(snapshotOf(reader)).toMatchObject({ windowMs: 300_000, pointMs: 5_000, longestWindowMs: 3_600_000 });
    const short = seriesOf(snapshotOf(reader), 'request').points;
    expect(short.at(-1)!.at - short[0]!.at).toBe(300_000);
    expect(short[1]!.at - short[0]!.at).toBe(5_000);
    const long = seriesOf(snapshotOf(reader, HOUR), 'request').points;
    expect(long[1]!.at - long[0]!.at).toBe(60_000);
    expect(long.reduce((sum, { count }) => sum + count, 0)).toBe(615);
  });

  it('shows operation, process, the 20 most-used others and what was asked for, each once', () => {
    const reader = fullReader();
    for (let i = 0; i < 25; i++)
      reader.add(
        `extra-${i}`,
        'count',
        Array.from({ length: 1_000 - i }, () => 1),
      );
    const asked = ['similarity', 'extra-1', 'no such series'];
    const { shown, series, names } = snapshotOf(reader, { windowMs: 300_000, series: asked });
    expect(shown).toEqual(series.map(({ name }) => name));
    expect(new Set(shown).size).toBe(shown.length);
    expect(series.map(({ role }) => role)).toEqual([
      'operation',
      ...Array.from({ length: 4 }, () => 'process'),
      ...Array.from({ length: 20 }, () => 'top'),
      'asked',
    ]);
    expect(shown[0]).toBe('request');
    expect(shown.slice(1, 5)).toEqual(['process_cpu', 'process_memory', 'event_loop_utilization', 'event_loop_delay']);
    // request_between_chunks has 2000 values, and all of the first 19 extra ones more than the rest.
    expect(shown.slice(5, 7)).toEqual(['request_between_chunks', 'extra-0']);
    expect(shown.at(-1)).toBe('similarity');
    expect(names).toBe(reader.names().length);
  });

  it('tells hits, misses and failures of any kind apart', () => {
    const { stats } = seriesOf(snapshotOf(fullReader(), HOUR), 'request');
    expect(stats.all?.count).toBe(615);
    expect(stats.hit?.count).toBe(400);
    expect(stats.miss?.count).toBe(215);
    expect(stats.error?.count).toBe(15);
    expect(stats.errors).toEqual({ TimeoutError: 12, 'HTTP 429': 3 });
    expect(stats.hit!.p95).toBeLessThan(stats.miss!.p50);
    // 12 of 15 are timeouts of 3.3 s and more.
    expect(stats.error!.p50).toBeGreaterThan(3_000);
    expect(stats.error!.min).toBeLessThan(100);
    const { stats: unlabelled } = seriesOf(snapshotOf(fullReader(), HOUR), 'similarity');
    expect(unlabelled).toMatchObject({ hit: null, miss: null, error: null, errors: {} });
  });

  it('says which percentiles rest on too few values', () => {
    const { stats } = seriesOf(snapshotOf(fullReader(), HOUR), 'request');
    expect(stats.all!.lowConfidence).toEqual([]);
    expect(stats.error!.lowConfidence).toEqual(['p95', 'p99']);
  });

  it('adds the stages of the operation up, the costliest first', () => {
    const { stages } = snapshotOf(fullReader(), HOUR);
    expect(stages.map(({ name, count }) => [name, count])).toEqual([
      ['model', 200],
      ['retrieval', 200],
      ['rerank', 200],
    ]);
  });

  it('shows the ten slowest requests with their stages', () => {
    const { slowest } = snapshotOf(fullReader());
    expect(slowest.map(({ value }) => value)).toEqual([
      7_000, 6_800, 6_600, 6_400, 6_200, 6_000, 5_800, 5_600, 5_400, 5_200,
    ]);
    expect(slowest[0]).toMatchObject({ error: 'TimeoutError', metadata: { requestId: 'r-0', cached: false } });
    expect(slowest[0]!.stages.map(({ name }) => name)).toEqual(['retrieval', 'rerank', 'model']);
    expect(slowest[1]!.error).toBeNull();
  });

  it('cuts long texts and long lists, and shows nothing of what is no plain value', () => {
    const reader = new ReaderDouble();
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`fact-${i}`, 'x'.repeat(10_000)]));
    const stages = Array.from({ length: 500 }, () => ({ name: 's'.repeat(1_000), startMs: 0, ms: 1 }));
    const secret = { secret: 'value' };
    reader.exemplars = [
      { name: 'request', at: reader.time, value: 1, labels: {}, stages, metadata: { secret, ...metadata } },
      {
        name: 'request',
        at: reader.time,
        value: 1,
        labels: {},
        stages: [],
        metadata: JSON.parse('{"__proto__": 1}') as object,
      },
    ] as never;
    const { slowest } = snapshotOf(reader);
    expect(slowest[0]!.stages).toHaveLength(16);
    expect(Object.keys(slowest[0]!.metadata)).toHaveLength(12);
    expect(slowest[0]!.metadata['secret']).toBe('(object)');
    expect(slowest[0]!.metadata['fact-1']).toHaveLength(120);
    expect(JSON.stringify(slowest[0]).length).toBeLessThan(5_000);
    expect(Object.keys(slowest[1]!.metadata)).toEqual(['__proto__']);
  });

  it('never tells where profiles lie on the disk', () => {
    const snapshot = snapshotOf(fullReader());
    expect(snapshot.profiles.map(({ file }) => file)).toEqual([
      'heap-1700006000000.heapprofile',
      'cpu-1700005800000.cpuprofile',
    ]);
    expect(JSON.stringify(snapshot)).not.toContain('/var/profiles');
  });

  it('rounds fractions to four digits, keeps whole numbers, and has no number that JSON has not', () => {
    const reader = new ReaderDouble();
    reader.resource = {
      ...fullReader().resource!,
      memoryShare: 0.123_456,
      rssBytes: 123_456_789_012,
      cpuShare: Number.NaN,
    };
    reader.attachmentReadings = [
      {
        name: 'c',
        kind: 'cache',
        counters: { hits: 1_234_567.891, loads: 7 },
        gauges: { a: 12.345_67 },
        reasons: {},
        states: {},
      },
    ];
    const { resources, attachments } = snapshotOf(reader);
    expect(resources).toMatchObject({ memoryShare: 0.1235, rssBytes: 123_456_789_012, cpuShare: null });
    expect(attachments[0]).toMatchObject({ counters: { hits: 1_234_568, loads: 7 }, gauges: { a: 12.35 } });
  });
});
