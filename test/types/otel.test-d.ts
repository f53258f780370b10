import type { Meter, Tracer } from '@opentelemetry/api';
import * as api from '@opentelemetry/api';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { describe, expectTypeOf, it } from 'vitest';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import {
  type BridgedMonitor,
  type MeterLike,
  type OtelApiLike,
  type OtelBridge,
  otelBridge,
  type TracerLike,
} from '../../src/otel/index.js';

declare const monitor: PerformanceMonitor;
declare const meter: Meter;
declare const tracer: Tracer;
declare const meters: MeterProvider;
declare const tracers: BasicTracerProvider;

describe('otelBridge', () => {
  it('takes a monitor, and what OpenTelemetry hands out', () => {
    expectTypeOf<PerformanceMonitor>().toExtend<BridgedMonitor>();
    expectTypeOf<Meter>().toExtend<MeterLike>();
    expectTypeOf<Tracer>().toExtend<TracerLike>();
    expectTypeOf<typeof api>().toExtend<OtelApiLike>();
    expectTypeOf(otelBridge(monitor, { meter, tracer, api })).toEqualTypeOf<OtelBridge>();
    otelBridge(monitor, { meter: meters.getMeter('m'), tracer: tracers.getTracer('t') });
    otelBridge(monitor, { meter: api.metrics.getMeter('m'), tracer: api.trace.getTracer('t') });
  });

  it('knows what a mapping needs', () => {
    otelBridge(monitor, {
      meter,
      mapping: {
        model: { kind: 'gen_ai', operation: 'chat', provider: 'openai', model: ({ labels }) => labels['model'] },
        sql: { kind: 'db', system: 'postgresql', summary: ({ metadata }) => String(metadata['summary']) },
      },
    });
    // @ts-expect-error a provider is needed
    otelBridge(monitor, { meter, mapping: { model: { kind: 'gen_ai', operation: 'chat' } } });
    // @ts-expect-error a database has a system
    otelBridge(monitor, { meter, mapping: { sql: { kind: 'db', provider: 'openai' } } });
    // @ts-expect-error no such kind
    otelBridge(monitor, { meter, mapping: { mail: { kind: 'smtp' } } });
  });

  it('refuses what it would not understand', () => {
    // @ts-expect-error no meter
    otelBridge(monitor, { meter: {} });
    // @ts-expect-error no such module
    otelBridge(monitor, { tracer, channels: ['mail'] });
    // @ts-expect-error a nested value is no attribute
    otelBridge(monitor, { meter, attributes: { service: { name: 'answers' } } });
  });
});
