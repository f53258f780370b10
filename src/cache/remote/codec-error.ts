import { HotpathError, type HotpathErrorOptions } from '../../core/errors.js';

/** A value can't be encoded for the shared tier, or what was read there can't be decoded. Code `CODEC`. */
export class CodecError extends HotpathError {
  constructor(message: string, options: Pick<HotpathErrorOptions, 'cause'> = {}) {
    super(message, { code: 'CODEC', cause: options.cause });
    this.name = 'CodecError';
  }
}

/** How deep values may be nested, in both directions. */
export const DEEPEST_VALUE = 500;
