import { InvalidOptionError } from './errors.js';

/** A span of time: a number of milliseconds, or a number with its unit, as in `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Bounds of {@link toMs}. */
export interface DurationBounds {
  /** Whether 0 is allowed. Default true. */
  readonly zero?: boolean;
  /** Whether Infinity is allowed. Default true. */
  readonly infinite?: boolean;
}

/**
 * Reads a duration in milliseconds.
 *
 * @param option - the option's name, for the error
 * @throws InvalidOptionError for negative values, NaN, other units and other types
 */
export function toMs(option: string, value: Duration, { zero = true, infinite = true }: DurationBounds = {}): number {
  const ms = typeof value === 'number' ? value : parse(value);
  const valid = ms !== undefined && (zero ? ms >= 0 : ms > 0) && (infinite || ms !== Number.POSITIVE_INFINITY);
  if (!valid) {
    const least = zero ? 'not negative' : 'above 0';
    throw new InvalidOptionError(
      option,
      `a duration ${least}: milliseconds or '250ms', '30s', '5m', '1h', '7d'`,
      value,
    );
  }
  return ms;
}

function parse(text: unknown): number | undefined {
  const match = typeof text === 'string' ? PATTERN.exec(text) : null;
  return match ? Number(match[1]) * MS_PER_UNIT[match[2]!]! : undefined;
}
