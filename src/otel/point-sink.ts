import type { Attributes } from './attributes.js';

/** An instrument that figures are read out through. */
export interface InstrumentSpec {
  /** `counter`: a running total; `upDown`: a sum that may fall; `gauge`: a figure as it stands. */
  readonly kind: 'counter' | 'upDown' | 'gauge';
  readonly name: string;
  /** In UCUM. Absent for figures that have none: exporters for Prometheus take `1` for a ratio. */
  readonly unit?: string;
  readonly description: string;
}

/** Takes the points of one collection. */
export interface PointSink {
  add(spec: InstrumentSpec, value: number, attributes?: Attributes): void;
}

/** Reads a part of the monitor out. */
export type PointSource = (sink: PointSink) => void;

/**
 * A point for every state that there is, 1 for the one that holds: SDKs repeat the last value of what is no longer reported, so a
 * state that has passed must be reported as 0.
 */
export function addStates(
  sink: PointSink,
  spec: InstrumentSpec,
  attribute: string,
  states: Iterable<string>,
  current: string | undefined,
  attributes?: Attributes,
): void {
  for (const state of states) sink.add(spec, state === current ? 1 : 0, { ...attributes, [attribute]: state });
}
