const BRAND: unique symbol = Symbol.for('hotpath.error') as never;

/** Facts that come with an error beside its message. */
export interface HotpathErrorOptions {
  /** Stable, upper case, for programs: `'INVALID_OPTION'`. */
  readonly code: string;
  readonly cause?: unknown;
}

/**
 * Base of every error that hotpath itself raises. A host's own errors are never wrapped in it.
 *
 * `HotpathError.is(e)` also recognises errors of another copy of the package (ESM beside CommonJS), where `instanceof` fails.
 */
export class HotpathError extends Error {
  readonly code: string;

  constructor(message: string, options: HotpathErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HotpathError';
    this.code = options.code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static is(error: unknown): error is HotpathError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

/** A bad option or argument. The message names the option, what is expected and what was given. Code `INVALID_OPTION`. */
export class InvalidOptionError extends HotpathError {
  readonly option: string;

  constructor(option: string, expected: string, received: unknown) {
    super(`${option} must be ${expected}, got ${describe(received)}`, { code: 'INVALID_OPTION' });
    this.name = 'InvalidOptionError';
    this.option = option;
  }
}

const LONGEST_SHOWN = 80;

/**
 * A value as it reads best in an error message: its type where the text would not tell, shortened, never throwing. Of a URL
 * with a password neither user nor password are shown.
 */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(shortened(value));
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `function ${value.name || '(anonymous)'}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  try {
    const name = value.constructor?.name ?? 'Object';
    if (name !== 'Object' && name !== 'Array') return `an instance of ${name}`;
    return shortened(JSON.stringify(value));
  } catch {
    return 'an object';
  }
}

function shortened(text: string): string {
  const shown = text.replace(/:\/\/[^\s"]*@/g, '://...@');
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}...` : shown;
}
