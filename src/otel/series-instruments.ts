import { UNITS, type Unit } from '../monitor/unit.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { PREFIX } from './hotpath-attributes.js';
import type { InstrumentSpec } from './point-sink.js';

/** What the figures of one metric are read out through. */
export class SeriesInstruments {
  readonly count: InstrumentSpec;
  readonly recent: InstrumentSpec;
  readonly inFlight: InstrumentSpec;
  readonly #prefix: string;
  #measured: { readonly unit: Unit; readonly sum: InstrumentSpec; readonly quantile: InstrumentSpec } | undefined;

  constructor(prefix: string) {
    const unit = '{value}';
    this.#prefix = prefix;
    this.count = { kind: 'counter', name: `${prefix}.count`, unit, description: 'Values since the start.' };
    this.recent = { kind: 'gauge', name: `${prefix}.recent`, unit, description: 'Values of the last minute.' };
    this.inFlight = {
      kind: 'upDown',
      name: `${prefix}.in_flight`,
      unit: '{request}',
      description: 'Requests under way.',
    };
  }

  /** Those that have the unit of the values, which is known with the first series. */
  of(unit: Unit): { readonly sum: InstrumentSpec; readonly quantile: InstrumentSpec } {
    if (this.#measured?.unit === unit) return this.#measured;
    // Numbers of unknown nature are no ratio, which is what exporters for Prometheus make of `1`.
    const ucum = unit === 'count' ? '{value}' : UNITS[unit].ucum;
    const sum = { name: `${this.#prefix}.sum`, unit: ucum, description: 'Sum of the values since the start.' };
    const quantile = { name: `${this.#prefix}.quantile`, unit: ucum, description: 'Quantiles of the last minute.' };
    this.#measured = { unit, sum: { kind: 'counter', ...sum }, quantile: { kind: 'gauge', ...quantile } };
    return this.#measured;
  }
}

/** The instruments of each metric, called by its name as far as OpenTelemetry allows it. */
export class InstrumentBook {
  /** `undefined` for those that are left out. */
  readonly #known = new Map<string, SeriesInstruments | undefined>();
  /** By prefix in lower case: to OpenTelemetry case makes no difference. */
  readonly #owners = new Map<string, string>();
  readonly #troubles: BridgeTroubles;

  constructor(troubles: BridgeTroubles) {
    this.#troubles = troubles;
  }

  /** `undefined` where another metric has that name already, which is reported once. */
  of(metric: string): SeriesInstruments | undefined {
    if (this.#known.has(metric)) return this.#known.get(metric);
    const prefix = PREFIX + metric.replace(/[^A-Za-z0-9_./-]/g, '_');
    const owner = this.#owners.get(prefix.toLowerCase());
    const made = owner === undefined ? new SeriesInstruments(prefix) : undefined;
    this.#known.set(metric, made);
    if (owner === undefined) this.#owners.set(prefix.toLowerCase(), metric);
    else
      this.#troubles.report(new Error(`metric ${metric} is left out: ${owner} goes by the same name`), 'an instrument');
    return made;
  }
}
