import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach } from 'vitest';
import {
  type BridgedMonitor,
  type MeterLike,
  type OtelBridge,
  type OtelBridgeOptions,
  otelBridge,
  type TracerLike,
} from '../../src/otel/index.js';

/** Everything that a test has made, to be shut down after it: the context manager is global. */
const made: { shutdown(): Promise<void> }[] = [];
const bridges: OtelBridge[] = [];

afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close();
  for (const provider of made.splice(0)) await provider.shutdown();
  context.disable();
  trace.disable();
});

/** A bridge that the end of the test closes: channels are global too. */
export function testBridge(monitor: BridgedMonitor, options: OtelBridgeOptions): OtelBridge {
  const bridge = otelBridge(monitor, options);
  bridges.push(bridge);
  return bridge;
}

/** A point as an exporter gets it. */
export interface ReceivedPoint {
  readonly value: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The metrics SDK with a real reader and exporter. */
export class MetricsSdk {
  readonly meter: MeterLike;
  readonly #exporter: InMemoryMetricExporter;
  readonly #provider: MeterProvider;

  constructor(temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE) {
    this.#exporter = new InMemoryMetricExporter(temporality);
    // Collects when it is told to: the interval never passes in a test.
    const reader = new PeriodicExportingMetricReader({
      exporter: this.#exporter,
      exportIntervalMillis: 3_600_000,
      exportTimeoutMillis: 10_000,
    });
    this.#provider = new MeterProvider({ readers: [reader] });
    this.meter = this.#provider.getMeter('test');
    made.push(this.#provider);
  }

  /** Collects and exports: what arrived, by name. */
  async collect(): Promise<Map<string, MetricData>> {
    this.#exporter.reset();
    await this.#provider.forceFlush();
    const all = this.#exporter.getMetrics().flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics));
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  }
}

/** The trace SDK with a real exporter and context manager. */
export class TraceSdk {
  readonly tracer: TracerLike;
  readonly #exporter = new InMemorySpanExporter();
  readonly #provider: BasicTracerProvider;

  constructor(sampler?: Sampler) {
    this.#provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
      ...(sampler && { sampler }),
    });
    this.tracer = this.#provider.getTracer('test');
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    made.push(this.#provider);
  }

  /** Spans that have ended, in the order of their ends. */
  get spans(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found.length !== 1)
      throw new Error(`${found.length} spans are called ${name}: ${this.spans.map((s) => s.name)}`);
    return found[0]!;
  }

  /** Runs `work` with a host's span active, and ends the span after it. */
  async within<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const span = this.#provider.getTracer('host').startSpan(name);
    try {
      return await context.with(trace.setSpan(context.active(), span), work);
    } finally {
      span.end();
    }
  }
}

/** Points of a metric; empty when it did not arrive. */
export function points(metrics: ReadonlyMap<string, MetricData>, name: string): ReceivedPoint[] {
  const data = metrics.get(name)?.dataPoints as readonly DataPoint<unknown>[] | undefined;
  return (data ?? []).map(({ value, attributes }) => ({ value, attributes }));
}

/** The one point with these attributes, and perhaps others. */
export function point(
  metrics: ReadonlyMap<string, MetricData>,
  name: string,
  attributes: Readonly<Record<string, unknown>> = {},
): ReceivedPoint {
  const all = points(metrics, name);
  const fitting = all.filter((one) =>
    Object.entries(attributes).every(([key, value]) => one.attributes[key] === value),
  );
  if (fitting.length !== 1) throw new Error(`${fitting.length} of ${all.length} points of ${name} fit`);
  return fitting[0]!;
}

/** Milliseconds since the epoch of the SDK's times. */
export function msOf([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
