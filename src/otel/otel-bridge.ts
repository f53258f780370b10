import { InvalidOptionError } from '../core/errors.js';
import { type Closeable, closeOnce } from '../core/lifecycle.js';
import type { MonitorReader } from '../monitor/monitor-reader.js';
import type { TimerEndEvent } from '../monitor/timer-events.js';
import { attachmentPoints } from './attachment-points.js';
import { type OtelBridgeOptions, type ResolvedBridgeOptions, resolveBridgeOptions } from './bridge-options.js';
import { BridgeTroubles } from './bridge-troubles.js';
import { subscribeChannels } from './channel-spans.js';
import { MetricPoints } from './metric-points.js';
import { type ApiState, OtelApi } from './otel-api.js';
import { SemanticHistograms } from './semantic-histograms.js';
import { seriesPoints } from './series-points.js';
import { alertPoints, processPoints, targetPoints, troublePoints } from './state-points.js';
import { subscribeTimers } from './timer-events.js';
import { TimerSpans } from './timer-spans.js';

/** What can be bridged: a PerformanceMonitor. */
export interface BridgedMonitor {
  readonly id: string;
  readonly reader: MonitorReader;
}

/** Figures of a bridge. */
export interface OtelBridgeStats {
  /** Instruments made so far, the histograms of the conventions not counted. */
  readonly instruments: number;
  /** Spans of timers under way. */
  readonly openSpans: number;
  /** Spans that were ended because their timer did not end in time. */
  readonly abandonedSpans: number;
  /** What failed inside OpenTelemetry or in a function of the mapping. */
  readonly troubles: number;
  readonly api: ApiState;
}

/** A bridge at work. */
export interface OtelBridge extends Closeable {
  /** Waits until @opentelemetry/api is loaded, where it is needed. Resolves without it too: `stats().api` says so, and a warning. */
  ready(): Promise<void>;
  stats(): OtelBridgeStats;
}

/**
 * Sends what a monitor knows to OpenTelemetry: its series, targets, alerts and attachments as metrics, its timers and their stages
 * as spans, cache events onto the active span. Metrics are read when the SDK collects, so recording costs nothing more.
 *
 * ```ts
 * const bridge = otelBridge(monitor, { meter: metrics.getMeter('answers'), tracer: trace.getTracer('answers') });
 * ```
 *
 * @throws InvalidOptionError for a bad option, naming it
 */
export function otelBridge(monitor: BridgedMonitor, options: OtelBridgeOptions): OtelBridge {
  if (typeof monitor?.id !== 'string' || typeof monitor.reader?.series !== 'function') {
    throw new InvalidOptionError('monitor', 'a PerformanceMonitor', monitor);
  }
  const resolved = resolveBridgeOptions(options);
  const { clock, logger, meter, tracer, channels } = resolved;
  const troubles = new BridgeTroubles(logger, clock);
  const api = new OtelApi(resolved.api, troubles);
  const isApiNeeded = tracer !== undefined || channels.length > 0;
  if (isApiNeeded) void api.load();
  const points = meter && metricPoints(monitor.reader, resolved, troubles);
  const spans = tracer && timerSpans(monitor.reader, resolved, api, troubles);
  const histograms = meter && semanticHistograms(resolved, troubles);
  const offs = [
    subscribeTimers(monitor.id, timerListeners(spans, histograms, troubles), troubles),
    subscribeChannels({
      api: () => api.get(),
      modules: channels,
      hits: resolved.cacheHits,
      keys: resolved.cacheKeys,
      troubles,
    }),
  ];
  const close = closeOnce(() => {
    for (const off of offs) off();
    spans?.close();
    points?.close();
  });
  return {
    ready: () => (isApiNeeded ? api.load() : Promise.resolve()),
    stats: () => ({
      instruments: points?.instruments ?? 0,
      openSpans: spans?.open ?? 0,
      abandonedSpans: spans?.abandoned ?? 0,
      troubles: troubles.count,
      api: api.state,
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function metricPoints(reader: MonitorReader, options: ResolvedBridgeOptions, troubles: BridgeTroubles): MetricPoints {
  const sources = {
    series: seriesPoints(reader, troubles),
    ...(options.runtime && { process: processPoints(reader) }),
    targets: targetPoints(reader),
    alerts: alertPoints(reader),
    attachments: attachmentPoints(reader),
    troubles: troublePoints(reader),
  };
  return new MetricPoints(options.meter!, sources, options.attributes, troubles);
}

function timerSpans(
  reader: MonitorReader,
  options: ResolvedBridgeOptions,
  api: OtelApi,
  troubles: BridgeTroubles,
): TimerSpans {
  const { mapping, attributes, maxOpenSpans } = options;
  return new TimerSpans({
    tracer: options.tracer!,
    api: () => api.get(),
    mapping,
    fixed: attributes,
    maxOpenSpans,
    now: () => reader.now(),
    troubles,
  });
}

function semanticHistograms(options: ResolvedBridgeOptions, troubles: BridgeTroubles): SemanticHistograms | undefined {
  const { meter, mapping, attributes } = options;
  if (Object.keys(mapping).length === 0) return undefined;
  return new SemanticHistograms(meter!, mapping, attributes, troubles);
}

/** Only what is needed is listened to. Spans and histograms do not fail together. */
function timerListeners(
  spans: TimerSpans | undefined,
  histograms: SemanticHistograms | undefined,
  troubles: BridgeTroubles,
): Parameters<typeof subscribeTimers>[1] {
  return {
    ...(spans && { start: (event) => spans.start(event) }),
    ...((spans || histograms) && {
      end: (event: TimerEndEvent) => {
        troubles.guard('a span', () => spans?.end(event));
        troubles.guard('a histogram', () => histograms?.record(event));
      },
    }),
  };
}
