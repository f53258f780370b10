/** What a series measures. It fixes resolution, range and the unit that exporters write. */
export type Unit = 'ms' | 'ratio' | 'count' | 'bytes';

/** How values of a unit are counted and exported. */
export interface UnitScale {
  /** Steps of the histogram per unit: values are told apart to 1 / steps, below 128 / steps to no better than that. */
  readonly steps: number;
  /** What one unit is in the base unit of Prometheus and OpenTelemetry: 0.001 for milliseconds, counted there in seconds. */
  readonly toBase: number;
  /** Ending of the name in Prometheus: `_seconds`; empty for plain numbers. */
  readonly suffix: string;
  /** The base unit as OpenTelemetry writes it (UCUM): `s`, `1`, `By`. */
  readonly ucum: string;
}

/**
 * Microseconds for times, millionths for ratios, whole bytes. A count goes by thousandths, so that numbers of unknown nature may
 * be fractions; whole ones are read back whole.
 */
export const UNITS: Readonly<Record<Unit, UnitScale>> = {
  ms: { steps: 1_000, toBase: 0.001, suffix: '_seconds', ucum: 's' },
  ratio: { steps: 1_000_000, toBase: 1, suffix: '_ratio', ucum: '1' },
  count: { steps: 1_000, toBase: 1, suffix: '', ucum: '1' },
  bytes: { steps: 1, toBase: 1, suffix: '_bytes', ucum: 'By' },
};

export function isUnit(value: unknown): value is Unit {
  return typeof value === 'string' && Object.hasOwn(UNITS, value);
}
