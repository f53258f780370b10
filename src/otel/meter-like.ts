import type { Attributes } from './attributes.js';

/** How an instrument is described. */
export interface InstrumentOptions {
  description?: string;
  /** In UCUM: `s`, `By`, `1`, `{request}`. */
  unit?: string;
  advice?: { explicitBucketBoundaries?: number[] };
}

/** An observable instrument of @opentelemetry/api: only handed back to the meter. */
export type ObservableLike = object;

/** What is used of a `BatchObservableResult` of @opentelemetry/api. */
export interface ObservableResultLike {
  observe(observable: ObservableLike, value: number, attributes?: Attributes): void;
}

/** What is used of a `Histogram` of @opentelemetry/api. */
export interface HistogramLike {
  record(value: number, attributes?: Attributes): void;
}

/** What is used of a `Meter` of @opentelemetry/api. */
export interface MeterLike {
  createHistogram(name: string, options?: InstrumentOptions): HistogramLike;
  createObservableCounter(name: string, options?: InstrumentOptions): ObservableLike;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): ObservableLike;
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableLike;
  addBatchObservableCallback(callback: (result: ObservableResultLike) => void, observables: ObservableLike[]): void;
  removeBatchObservableCallback(callback: (result: ObservableResultLike) => void, observables: ObservableLike[]): void;
}
