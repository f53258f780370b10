import type { MonitorReader, SeriesReader } from '../monitor/monitor-reader.js';
import { UNITS, type Unit } from '../monitor/unit.js';
import { labelAttributes } from './attributes.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { HOTPATH, PREFIX } from './hotpath-attributes.js';
import type { PointSink, PointSource } from './point-sink.js';

/** What quantiles are read over. */
const RECENT_MS = 60_000;
const QUANTILES = [0.5, 0.95, 0.99];

/**
 * All series: count and sum since the start, quantiles of the last minute with the number of values that they rest on, and what is
 * in flight. Times in seconds.
 */
export function seriesPoints(reader: MonitorReader, troubles: BridgeTroubles): PointSource {
  const names = new InstrumentNames(troubles);
  const everInFlight = new Set<string>([reader.operation]);
  return (sink) => {
    const all = reader.series();
    for (const [name, series] of byName(all)) {
      const prefix = names.prefixOf(name);
      if (prefix !== undefined) addSeries(sink, reader, prefix, series);
    }
    for (const { name } of reader.names()) {
      const count = reader.inFlight(name);
      if (count > 0) everInFlight.add(name);
    }
    for (const name of everInFlight) {
      const prefix = names.prefixOf(name);
      const spec = { kind: 'upDown', unit: '{request}', description: 'Requests under way.' } as const;
      if (prefix !== undefined) sink.add({ ...spec, name: `${prefix}.in_flight` }, reader.inFlight(name));
    }
  };
}

function addSeries(sink: PointSink, reader: MonitorReader, prefix: string, series: readonly SeriesReader[]): void {
  const keys = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  for (const one of series) {
    const { name, labels, unit } = one;
    const attributes = labelAttributes(labels);
    const { toBase } = UNITS[unit];
    const ucum = unitOf(unit);
    const { count, sum } = one;
    const values = { unit: '{value}', description: 'Values since the start.' } as const;
    sink.add({ kind: 'counter', name: `${prefix}.count`, ...values }, count, attributes);
    const total = { kind: 'counter', unit: ucum, description: 'Sum of the values since the start.' } as const;
    sink.add({ ...total, name: `${prefix}.sum` }, sum * toBase, attributes);
    const exact = { ...Object.fromEntries([...keys].map((key) => [key, ''])), ...labels };
    const recent = reader.distribution(name, { windowMs: RECENT_MS, labels: exact });
    const few = { kind: 'gauge', unit: '{value}', description: 'Values of the last minute.' } as const;
    sink.add({ ...few, name: `${prefix}.recent` }, recent?.count ?? 0, attributes);
    for (const quantile of QUANTILES) {
      const value = recent?.percentile(quantile);
      if (value === null || value === undefined) continue;
      const spec = { kind: 'gauge', unit: ucum, description: 'Quantiles of the last minute.' } as const;
      sink.add({ ...spec, name: `${prefix}.quantile` }, value * toBase, {
        ...attributes,
        [HOTPATH.quantile]: quantile,
      });
    }
  }
}

function byName(all: readonly SeriesReader[]): Map<string, SeriesReader[]> {
  const named = new Map<string, SeriesReader[]>();
  for (const series of all) {
    const list = named.get(series.name);
    if (list) list.push(series);
    else named.set(series.name, [series]);
  }
  return named;
}

/** Numbers of unknown nature are no ratio, which is what exporters for Prometheus make of `1`. */
function unitOf(unit: Unit): string {
  return unit === 'count' ? '{value}' : UNITS[unit].ucum;
}

/** What instruments of a metric are called: its name as far as OpenTelemetry allows it. */
class InstrumentNames {
  readonly #owners = new Map<string, string>();
  readonly #troubles: BridgeTroubles;

  constructor(troubles: BridgeTroubles) {
    this.#troubles = troubles;
  }

  /** `undefined` where another metric has that name already. */
  prefixOf(metric: string): string | undefined {
    const prefix = PREFIX + metric.replace(/[^A-Za-z0-9_./-]/g, '_');
    const key = prefix.toLowerCase();
    const owner = this.#owners.get(key);
    if (owner === undefined) this.#owners.set(key, metric);
    if (owner === undefined || owner === metric) return prefix;
    this.#troubles.report(new Error(`metric ${metric} is left out: ${owner} goes by the same name`), 'an instrument');
    return undefined;
  }
}
