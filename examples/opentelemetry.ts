// Already on OpenTelemetry? The bridge hands the SDK what the monitor measured, and each request as a span with its stages.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { PerformanceMonitor } from 'hotpath';
import { otelBridge } from 'hotpath/otel';

// The SDK as any service sets it up; in memory, where yours exports to a collector.
const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: points })] });
const spans = new InMemorySpanExporter();
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });

const monitor = new PerformanceMonitor({ operation: 'ask' });
const bridge = otelBridge(monitor, {
  meter: meters.getMeter('answers'),
  tracer: tracers.getTracer('answers'),
  mapping: { model: { kind: 'gen_ai', operation: 'chat', provider: 'openai', model: 'gpt-4o' } },
});
await bridge.ready();

for (let i = 0; i < 5; i++) {
  await monitor.time('ask', async (timer) => {
    timer.stage('retrieval');
    await sleep(5);
    timer.stage('model');
    timer.annotate({ inputTokens: 900, outputTokens: 120 });
    await sleep(20);
  });
}

// A metric that is new arrives with the collection after the one that finds it: in a service, with the next export.
await meters.forceFlush();
points.reset();
await meters.forceFlush();

const metrics = points.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
for (const name of ['hotpath.ask.count', 'hotpath.ask.quantile', 'gen_ai.client.token.usage']) {
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  assert.ok(metric, name);
  for (const { attributes, value } of metric.dataPoints) {
    console.log(name, attributes, typeof value === 'number' ? value : `sum ${value.sum}`);
  }
}

const ask = spans.getFinishedSpans().find(({ name }) => name === 'ask');
const model = spans.getFinishedSpans().find(({ name }) => name === 'chat gpt-4o');
assert.equal(model?.parentSpanContext?.spanId, ask?.spanContext().spanId, 'the stage is a child of its request');
for (const span of [ask, model]) console.log('span', span?.name, span?.attributes);

await bridge.close();
await Promise.all([monitor.close(), meters.shutdown(), tracers.shutdown()]);
