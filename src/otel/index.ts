export type { Clock } from '../core/clock.js';
export type { Closeable } from '../core/lifecycle.js';
export type { Logger } from '../core/logger.js';
export type { Metadata } from '../monitor/exemplar.js';
export type { MonitorReader } from '../monitor/monitor-reader.js';
export type { Attributes } from './attributes.js';
export { OTEL_BRIDGE_DEFAULTS, type OtelBridgeOptions } from './bridge-options.js';
export type { ChannelModule } from './channel-spans.js';
export type { DbOperation } from './db-operation.js';
export type { GenAiOperation, TokenUsage } from './gen-ai-operation.js';
export type { Fact, MeasuredOperation } from './measured-operation.js';
export type {
  HistogramLike,
  InstrumentOptions,
  MeterLike,
  ObservableLike,
  ObservableResultLike,
} from './meter-like.js';
export type { OperationMapping } from './operation-mapping.js';
export type { ApiState } from './otel-api.js';
export { type BridgedMonitor, type OtelBridge, type OtelBridgeStats, otelBridge } from './otel-bridge.js';
export { SEMANTIC_CONVENTIONS } from './semantic-conventions.js';
export type { ContextLike, HrTime, OtelApiLike, SpanLike, SpanStart, TracerLike } from './tracer-like.js';
