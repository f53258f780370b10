import { InvalidOptionError } from './errors.js';

// Each answers with the value, and throws an InvalidOptionError that names the option where it is none.

/** A string that is not empty. */
export function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(option, 'a string that is not empty', value);
}

/** `true` or `false`: what is merely truthy is none. */
export function flag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(option, 'true or false', value);
}

/** A whole number between bounds, both included. */
export function integer(option: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const bound = most < Number.MAX_SAFE_INTEGER ? ` and <= ${most}` : '';
  throw new InvalidOptionError(option, `an integer >= ${least}${bound}`, value);
}

/** A number, whole or not, from `least` on; Infinity too where there is no upper bound. */
export function atLeast(option: string, value: number, least: number, most: number = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new InvalidOptionError(option, `a number >= ${least}${most < Infinity ? ` and <= ${most}` : ''}`, value);
}

export function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new InvalidOptionError(option, `one of ${allowed.map((a) => `'${a}'`).join(', ')}`, value);
}

export function optionalFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new InvalidOptionError(option, 'a function', value);
}
