import { InvalidOptionError } from './errors.js';

/** How {@link checkNames} words its error. */
export interface NamesWording {
  /** Says what the names are. Default `'options here are'`. */
  readonly these?: string;
  /** What is shown of the value of a name that there is not. Default: the value, which is wrong where it may be a secret. */
  readonly show?: (value: unknown) => unknown;
}

/**
 * A misspelt option, or one of another version, must not pass for an option at its default. One that is `undefined` is absent.
 *
 * @param path - before the name in the error: `'memory.'`
 * @throws InvalidOptionError for the first name that is none of these
 */
export function checkNames(path: string, given: object, names: readonly string[], wording?: NamesWording): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || names.includes(name)) continue;
    throw noSuchOption(`${path}${name}`, value, names, wording);
  }
}

/** The error about a name that is none of these. */
export function noSuchOption(
  option: string,
  value: unknown,
  names: readonly string[],
  { these = 'options here are', show = (shown) => shown }: NamesWording = {},
): InvalidOptionError {
  return new InvalidOptionError(option, `absent (${these} ${names.join(', ')})`, show(value));
}

/** @throws InvalidOptionError unless options are an object */
export function checkOptions(option: string, given: unknown): asserts given is object {
  if (typeof given !== 'object' || given === null) throw new InvalidOptionError(option, 'an object', given);
}

/** All that may be shown of a value that may be a secret: `a string`. */
export function kindOnly(value: unknown): string {
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
