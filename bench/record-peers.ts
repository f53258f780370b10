import { createHistogram } from 'node:perf_hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { PackageSource } from '../src/cli/package-source.js';
import type { RecordContestant } from './record-contestant.js';
import { wholeMicroseconds } from './record-values.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LABELS = { operation: 'ask', model: 'small', tenant: 'a', cache: 'miss' };

/** The part of prom-client that is used here. */
interface PromMetric {
  observe(value: number): void;
  labels(labels: object): { observe(value: number): void };
  get(): Promise<{ values: { metricName?: string; value: number }[] }>;
}
interface PromClient {
  readonly Registry: new () => object;
  readonly Histogram: new (options: object) => PromMetric;
  readonly Summary: new (options: object) => PromMetric;
}

/** What people install today, wired as their READMEs say. */
export async function recordPeers(ms: Float64Array, packages: PackageSource): Promise<RecordContestant[]> {
  const seconds = ms.map((value) => value / 1_000);
  const version = (name: string): string => packages.version(name);
  const client = (await packages.load('prom-client')) as PromClient;
  return [
    native(wholeMicroseconds(ms)),
    ...promClient(seconds, client, version('prom-client')),
    ...openTelemetry(seconds, version('@opentelemetry/sdk-metrics')),
  ];
}

function native(us: readonly number[]): RecordContestant {
  const histogram = createHistogram({ lowest: 1, highest: 3.6e9, figures: 2 });
  return {
    name: 'perf_hooks createHistogram',
    version: process.versions.node,
    run: () => {
      for (let i = 0; i < us.length; i++) histogram.record(us[i]!);
    },
    count: () => histogram.count,
  };
}

function promClient(
  seconds: Float64Array,
  { Registry, Histogram, Summary }: PromClient,
  version: string,
): RecordContestant[] {
  const registers = [new Registry()];
  const own = { version };
  const plain = new Histogram({ name: 'plain_seconds', help: 'plain', buckets: SECONDS, registers });
  const labelled = new Histogram({
    name: 'labelled_seconds',
    help: 'labelled',
    labelNames: Object.keys(LABELS),
    buckets: SECONDS,
    registers,
  });
  const bound = labelled.labels(LABELS);
  const summary = new Summary({ name: 'summary_seconds', help: 'summary', registers });
  const countOf = async (metric: PromMetric): Promise<number> => {
    const { values } = await metric.get();
    return values.find((value) => value.metricName?.endsWith('_count'))?.value ?? Number.NaN;
  };
  const over = (observe: (value: number) => void) => () => {
    for (let i = 0; i < seconds.length; i++) observe(seconds[i]!);
  };
  return [
    { name: 'prom-client Histogram', ...own, run: over((value) => plain.observe(value)), count: () => countOf(plain) },
    {
      name: 'prom-client Histogram, 4 labels, bound',
      ...own,
      run: over((value) => bound.observe(value)),
      count: () => countOf(labelled),
    },
    {
      name: 'prom-client Summary',
      ...own,
      run: over((value) => summary.observe(value)),
      count: () => countOf(summary),
    },
  ];
}

function openTelemetry(seconds: Float64Array, version: string): RecordContestant[] {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('bench');
  const own = { version };
  const countOf = async (name: string): Promise<number> => {
    exporter.reset();
    await reader.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const point = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value as { count: number };
    return point.count;
  };
  const plain = meter.createHistogram('plain');
  const labelled = meter.createHistogram('labelled');
  return [
    {
      name: 'OTel SDK histogram',
      ...own,
      run: () => {
        for (let i = 0; i < seconds.length; i++) plain.record(seconds[i]!);
      },
      count: () => countOf('plain'),
    },
    {
      name: 'OTel SDK histogram, 4 attributes',
      ...own,
      run: () => {
        for (let i = 0; i < seconds.length; i++) labelled.record(seconds[i]!, LABELS);
      },
      count: () => countOf('labelled'),
      close: () => provider.shutdown(),
    },
  ];
}
