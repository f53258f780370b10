import type { Attributes } from './attributes.js';

/** The kinds of span that the bridge makes, as OpenTelemetry numbers them. */
export const SPAN_KIND = { internal: 0, client: 2 } as const;
/** The status of a span that failed, as OpenTelemetry numbers it. */
export const STATUS_ERROR = 2;

/** Seconds since the epoch and nanoseconds: the only form of a time that no SDK mistakes for another one. */
export type HrTime = [seconds: number, nanoseconds: number];

/** What is used of a `Span` of @opentelemetry/api. */
export interface SpanLike {
  setAttribute(key: string, value: string | number | boolean): unknown;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes?: Attributes, time?: HrTime): unknown;
  setStatus(status: { code: number }): unknown;
  updateName(name: string): unknown;
  isRecording(): boolean;
  end(time?: HrTime): void;
}

/** What is used of a `Context` of @opentelemetry/api. */
export interface ContextLike {
  getValue(key: symbol): unknown;
}

/** How a span begins. */
export interface SpanStart {
  kind?: number;
  startTime?: HrTime;
  attributes?: Attributes;
}

/** What is used of a `Tracer` of @opentelemetry/api. */
export interface TracerLike {
  startSpan(name: string, options?: SpanStart, context?: ContextLike): SpanLike;
}

/** What is used of the package @opentelemetry/api itself. */
export interface OtelApiLike {
  readonly context: { active(): ContextLike };
  readonly trace: {
    getActiveSpan(): SpanLike | undefined;
    setSpan(context: ContextLike, span: SpanLike): ContextLike;
  };
}

/** A moment in milliseconds since the epoch, with its fractions. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  // Rounded down: a span must not end before it began.
  return [seconds, Math.floor((ms - seconds * 1_000) * 1_000_000)];
}
